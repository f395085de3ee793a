// One Phoenix socket: pushes with answers, a heartbeat, and a promise of its end.

export function connect(url, heard, beat) {
	const web = new WebSocket(url);
	const answers = {};
	const joins = {};
	let refs = 0;
	let missed = 0;
	let gone;
	const closed = new Promise((resolve) => (web.onclose = gone = resolve));

	const soon = (work) =>
		new Promise((resolve, reject) => {
			work(resolve);
			closed.then(reject);
			setTimeout(reject, 10_000);
		});

	function send(topic, event, payload) {
		const ref = `${++refs}`;
		if (event === "phx_join") joins[topic] = ref;
		if (web.readyState === 1) web.send(JSON.stringify([joins[topic] ?? null, ref, topic, event, payload]));
		return ref;
	}

	const push = (topic, event, payload) => soon((resolve) => (answers[send(topic, event, payload)] = resolve));

	// The browser may take a minute to close a dead link; we do not.
	function close() {
		web.close();
		gone();
	}

	// Two beats unanswered and the link is dead, however alive the browser thinks it.
	function pulse() {
		if (missed++ > 1) close();
		push("phoenix", "heartbeat", {}).then(({ response }) => beat(response, (missed = 0)), () => 0);
	}

	web.onmessage = ({ data }) => {
		const [join, ref, topic, event, payload] = JSON.parse(data);
		if (event === "phx_reply") answers[ref]?.(payload);
		else if (!join || join === joins[topic]) heard(topic, event, payload);
	};
	return { open: soon((resolve) => (web.onopen = resolve)), closed, send, push, pulse, close };
}
