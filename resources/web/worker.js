// Keeps the page itself on the device, so that it opens without a network.

const SCRIPTS = ["main", "outbox", "session", "socket", "state", "store", "sync", "typing", "view", "words"];
const held = (what) => caches.match(what, { ignoreVary: true });

oninstall = (event) => {
	const files = ["/chat", "./style.css", ...SCRIPTS.map((name) => `./${name}.js`)];
	event.waitUntil(caches.open("page").then((cache) => cache.addAll(files)).then(skipWaiting));
};

onfetch = (event) => {
	const { request } = event;
	if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => held("/chat")));
	else if (request.url.includes("/web/")) event.respondWith(held(request).then((one) => one ?? fetch(request)));
};
