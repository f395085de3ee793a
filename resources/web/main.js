// Puts the page together: what is shown, and what each click becomes.

import * as outbox from "./outbox.js";
import { call, keep, session, signIn, signOut } from "./session.js";
import { bookings, conversation, newId, presses, steps } from "./state.js";
import * as store from "./store.js";
import * as sync from "./sync.js";
import * as typing from "./typing.js";
import { $, ask, badge, button, el, put, renew, showLog } from "./view.js";
import { clock, inLanguage, say } from "./words.js";

const SLOW = "Slow connection: checking every 2 seconds.";
const AWAY = "No connection. We keep your message and send it for you. Shown as of {time}.";
const NO_ANSWER = "We cannot be reached right now.";
const kept = localStorage;
const log = $("log");
const box = $("text");
let lang = kept.lang ?? (navigator.language.startsWith("ar") ? "ar" : "en");
let workflows = {};
let me, open, looking;

const words = (text, values) => say(lang, text, values);
const named = (texts) => inLanguage(texts, lang);
const set = (id, text) => put($(id), "textContent", text || "");
const notice = (text) => set("notice", text && words(text));
const show = (id) => document.querySelectorAll("main > *").forEach((one) => (one.hidden = one.id !== id));
const draft = () => `draft ${open.id}`;
const below = () => log.scrollHeight - log.scrollTop;

async function start() {
	translate();
	const link = location.pathname.split("/c/")[1];
	if (link) return enter(link);
	if (!session) return show("sign-in");
	const { id, app_metadata } = session.user;
	if (app_metadata.role !== "customer") return signOut(show("sign-in", notice("This page is for customers.")));
	await store.open((me = id));
	workflows = (await store.read("facts", "workflows")) ?? {};
	await outbox.open(me, draw);
	onhashchange = draw;
	ononline = onoffline = onfocus = document.onvisibilitychange = () => document.hidden || sync.wake(watch());
	const heard = (...frame) => draw(typing.hear(...frame));
	await sync.run((kept.device ??= newId()), { changed: draw, live, replaced: outbox.offerAgain, heard });
	show("sign-in", notice("Please sign in, or open your link again. Nothing is lost."));
}

// The link's token is at once forgotten: not in the address, not in the history.
async function enter(link_token) {
	try {
		await signIn("booking_link", { link_token });
	} catch (error) {
		if (error.code !== "invalid_grant") return setTimeout(enter, 3000, link_token, notice(NO_ANSWER));
		keep(null, notice("This link is not valid any more. Ask us for a new one."));
	}
	history.replaceState(null, "", "/chat");
	start();
}

async function live() {
	outbox.flush();
	typing.join();
	({ workflows } = await call("/sync/v1/workflows", "workflows").catch(() => setTimeout(live, 5000) && { workflows }));
	await store.write("facts", (facts) => facts.put(workflows, "workflows"));
	draw();
}

function translate() {
	document.documentElement.lang = lang;
	document.dir = lang === "ar" ? "rtl" : "ltr";
	for (const one of document.querySelectorAll("[data-say]")) one.textContent = words((one.dataset.say ||= one.textContent));
	for (const one of document.querySelectorAll("[data-label]")) one.ariaLabel = one.placeholder = words(one.dataset.label);
}

// The address names what is open: a booking, all, or nothing, which is the only booking there is.
function draw() {
	if (!session) return;
	const { link, asOf } = sync;
	const wanted = location.hash.slice(1);
	const list = bookings(sync.rows, outbox.entries);
	const before = open?.id;
	open = wanted ? list.find(({ id, code }) => wanted === id || wanted === code) : list.length === 1 && list[0];
	const { title, statuses = {}, transitions = {} } = workflows[open?.workflow] ?? {};
	const status = statuses[open?.status];
	$("back").hidden = !open;
	set("title", named(title) || words("Your bookings"));
	set("code", open?.code);
	badge($("badge"), status, lang);
	const goals = steps(statuses, open?.status);
	renew($("steps"), [goals, lang], () =>
		goals.map(({ label, ...props }) => el("li", { textContent: named(label), ...props })));
	$("banner").className = `row ${link}`;
	set("banner-text", words(link === "polling" ? SLOW : AWAY, { time: asOf ? clock(lang, asOf) : "—" }));
	notice(asOf ? !open && wanted && wanted !== "all" && "There is no such booking of yours." : "Loading…");
	if (!open) return drawList(list);
	show("chat");
	const another = open.id !== before;
	if (another) {
		box.value = kept[draft()] ?? "";
		typing.join(open.id);
	}
	const lines = conversation(sync.rows, outbox.entries, open.id, outbox.sending);
	const low = another || below() < log.clientHeight + 60 || lines.some(({ entry, key }) => entry && !log.held.has(key));
	showLog(log, lines, { lang, act, label: (name) => named(statuses[name]?.label ?? transitions[name]?.button) });
	if (low) log.scrollTop = 1e9;
	$("earlier").hidden = !lines[0] || lines[0].created_at <= open.created_at;
	$("ended").hidden = !status?.final;
	$("composer").hidden = status?.final;
	set("typing", typing.names().map((name) => words("{name} is typing…", { name })).join(" "));
	const may = presses(transitions, open.status);
	renew($("presses"), [may, lang], () => may.map(([name, one]) => button(named(one.button), () => press(name, one))));
	watch();
}

function drawList(list) {
	show("list");
	const item = ({ id, code = "", workflow, status }) => {
		const { title, statuses } = workflows[workflow] ?? {};
		const name = el("span", {}, named(title), el("br"), el("small", { textContent: code }));
		return el("a", { href: `#${code || id}`, className: "row" }, name, badge(el("b"), statuses?.[status], lang));
	};
	renew($("bookings"), [list, workflows, lang], () => list.map(item));
	const asked = Object.values(workflows).filter((one) => one.create_by.includes("customer"));
	const option = ({ name: value, title }) => el("option", { value, textContent: named(title) });
	renew($("workflow"), [asked, lang], () => asked.map(option));
}

// Seen means: on screen, in front, for a second.
function watch() {
	clearTimeout(looking);
	const { id } = open || {};
	const look = () => {
		const edge = log.getBoundingClientRect().bottom + 1;
		const last = [...log.children].findLast((one) => one.dataset.position && one.getBoundingClientRect().bottom <= edge);
		return document.hasFocus() && id === open?.id && last ? +last.dataset.position : 0;
	};
	const position = look();
	const known = sync.rows.receipts.get(`${id}:${me}`)?.read_position ?? 0;
	if (position > known) looking = setTimeout(() => look() >= position && sync.reads.set(id, position), 1000);
}

async function send() {
	const { value } = box;
	if (!value.trim()) return;
	box.value = "";
	try {
		await outbox.add("message.send", open.id, { text: value.trim() });
	} catch {
		box.value = value + box.value;
		notice("This device cannot keep messages now.");
	}
	box.oninput();
}

async function press(transition, { button, ask: fields, offline }) {
	const { id, status } = open;
	const values = await ask(named(button), fields, lang);
	const state = offline === "allow" || sync.inStep() ? "queued" : "held";
	if (values) await outbox.add("booking.transition", id, { transition, values }, {}, { status }, state);
}

// The server keeps its verdicts, so a retry is a new intent.
async function act(name, { entry, message }) {
	if (name === "Copy") return navigator.clipboard.writeText(message);
	const { n, op } = entry;
	if (name === "Retry") return outbox.add(op.kind, op.booking_id, op.payload, { n });
	await outbox.write((all) => (name === "Yes" ? all.put({ ...entry, state: "queued" }) : all.delete(n)));
	outbox.flush();
}

const form = (id, work) => ($(id).onsubmit = (event) => work(event.target.elements, event.preventDefault()));
form("composer", send);
form("sign-in", async ({ email, password }) => {
	try {
		await signIn("password", { email: email.value, password: password.value });
		location.reload();
	} catch (error) {
		notice(error.code === "invalid_credentials" ? "Email or password is wrong." : NO_ANSWER);
	}
});
form("request", async ({ workflow, message }) => {
	const payload = { workflow: workflow.value, lang, message: message.value.trim() || null };
	location.hash = await outbox.add("booking.create", null, payload);
	message.value = "";
});
box.onkeydown = (event) => {
	if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event.preventDefault());
};
box.oninput = () => typing.type((kept[draft()] = box.value));
log.onscroll = watch;
$("earlier").onclick = async () => {
	const stay = below();
	await sync.earlier(open.id, log.querySelector(".line").dataset.position);
	draw();
	log.scrollTop = log.scrollHeight - stay;
};
$("try").onclick = () => outbox.flush(sync.wake());
$("back").onclick = $("again").onclick = () => (location.hash = "all");
$("lang").onclick = () => {
	kept.lang = lang = lang === "ar" ? "en" : "ar";
	translate();
	if (me) draw();
};
$("sign-out").onclick = () => signOut().then(() => location.replace("/chat"));
navigator.serviceWorker?.register(new URL("worker.js", import.meta.url), { scope: "/chat" });
start();
