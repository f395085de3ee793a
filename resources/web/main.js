// Puts the page together: what is shown, and what each click becomes.

import * as outbox from "./outbox.js";
import { call, keep, session, signIn, signOut } from "./session.js";
import { bookings, conversation, newId, presses, steps } from "./state.js";
import * as store from "./store.js";
import * as sync from "./sync.js";
import * as typing from "./typing.js";
import { $, ask, badge, button, el, put, renew, showLog } from "./view.js";
import { clock, lang, named, turn, words } from "./words.js";

const SLOW = "Slow connection: checking every 2 seconds.";
const AWAY = "No connection. We keep your message and send it for you. Shown as of {time}.";
const AGAIN = "We cannot be reached right now. Please try again.";
const NOT_DONE = "This device could not do that. Please try again.";
const log = $("log");
const box = $("text");
const foot = $("ended");
const failure = $("failure");
let workflows = {};
let me, open, looking;

const set = (id, text) => put($(id), "textContent", text || "");
const notice = (text) => set("notice", words(text));
const show = (id) => document.querySelectorAll("main > *").forEach((one) => (one.hidden = one.id !== id));
const draft = () => `draft ${open.id}`;
const below = () => log.scrollHeight - log.scrollTop;

function tell(near, text = "") {
	failure.textContent = words((failure.dataset.say = text));
	near.after(failure);
}

// Once at a time. What fails is said beside it, until the next try.
async function attempt(near, work, sorry = NOT_DONE) {
	if (near.busy) return;
	near.busy = true;
	tell(near);
	await work().catch((why) => tell(near, sorry, console.error(why)));
	near.busy = false;
}

const begin = () => start().catch((why) => notice(NOT_DONE, console.error(why)));

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
	await sync.run((localStorage.device ??= newId()), { changed: draw, live, replaced: outbox.offerAgain, heard });
	show("sign-in", notice("Please sign in, or open your link again. Nothing is lost."));
}

async function enter(link_token) {
	try {
		await signIn("booking_link", { link_token });
	} catch (error) {
		if (error.code !== "invalid_grant") return setTimeout(enter, 3000, link_token, notice(AGAIN));
		keep(null, notice("This link is not valid any more. Ask us for a new one."));
	}
	history.replaceState(null, "", "/chat");
	begin();
}

async function live() {
	outbox.flush();
	typing.join();
	({ workflows } = await call("/sync/v1/workflows", "workflows").catch(() => setTimeout(live, 5000) && { workflows }));
	draw();
	await store.write("facts", (facts) => facts.put(workflows, "workflows")).catch(() => 0);
}

function translate() {
	document.documentElement.lang = lang;
	document.dir = lang === "ar" ? "rtl" : "ltr";
	for (const one of document.querySelectorAll("[data-say]")) one.textContent = words((one.dataset.say ||= one.textContent));
	for (const one of document.querySelectorAll("[data-label]")) one.ariaLabel = one.placeholder = words(one.dataset.label);
}

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
	badge($("badge"), status);
	const goals = steps(statuses, open?.status);
	renew($("steps"), goals, () => goals.map(({ label, ...props }) => el("li", props, named(label))));
	$("banner").className = `row ${link}`;
	set("banner-text", words(link === "polling" ? SLOW : AWAY, { time: asOf ? clock(asOf) : "—" }));
	notice(asOf ? !open && wanted && wanted !== "all" && "There is no such booking of yours." : "Loading…");
	if (!open) return drawList(list);
	show("chat");
	const another = open.id !== before;
	if (another) {
		box.value = localStorage[draft()] ?? "";
		typing.join(open.id);
		tell(foot);
	}
	const lines = conversation(sync.rows, outbox.entries, open.id, outbox.sending);
	const low = another || below() < log.clientHeight + 60 || lines.some(({ entry, key }) => entry && !log.held.has(key));
	showLog(log, lines, (name) => named(statuses[name]?.label ?? transitions[name]?.button), act);
	if (low) log.scrollTop = 1e9;
	$("earlier").hidden = !lines[0] || lines[0].created_at <= open.created_at;
	foot.hidden = !status?.final;
	$("composer").hidden = status?.final;
	set("typing", typing.names().map((name) => words("{name} is typing…", { name })).join(" "));
	const may = presses(transitions, open.status);
	const made = ([name, one]) => button(named(one.button), () => attempt(foot, () => press(name, one)));
	renew($("presses"), may, () => may.map(made));
	watch();
}

function drawList(list) {
	show("list");
	const item = ({ id, code = "", workflow, status }) => {
		const { title, statuses } = workflows[workflow] ?? {};
		const name = el("span", {}, named(title), el("br"), el("small", {}, code));
		return el("a", { href: `#${code || id}`, className: "row" }, name, badge(el("b"), statuses?.[status]));
	};
	renew($("bookings"), [list, workflows], () => list.map(item));
	const asked = Object.values(workflows).filter((one) => one.create_by.includes("customer"));
	const option = ({ name: value, title }) => el("option", { value }, named(title));
	renew($("workflow"), asked, () => asked.map(option));
}

function watch() {
	clearTimeout(looking);
	const id = open?.id;
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
	tell(foot);
	await outbox.add("message.send", open.id, { text: value.trim() }).catch(() => {
		box.value = value + box.value;
		tell(foot, NOT_DONE);
	});
	box.oninput();
}

async function press(transition, { button, ask: fields, offline }) {
	const { id, status } = open;
	const values = await ask(named(button), fields, id);
	const state = offline === "allow" || sync.inStep() ? "queued" : "held";
	if (values) await outbox.add("booking.transition", id, { transition, values }, {}, { status }, state);
}

// The server keeps its verdicts, so a retry is a new intent.
const act = (name, { entry, message }, near) =>
	attempt(near, async () => {
		if (name === "Copy") return navigator.clipboard.writeText(message);
		const { n, op } = entry;
		if (name === "Retry") return outbox.add(op.kind, op.booking_id, op.payload, { n });
		await outbox.write((all) => (name === "Yes" ? all.put({ ...entry, state: "queued" }) : all.delete(n)));
		outbox.flush();
	});

const form = (id, work) => ($(id).onsubmit = (event) => work(event.target.elements, event.preventDefault()));
form("composer", send);
form("sign-in", ({ email, password }) =>
	signIn("password", { email: email.value, password: password.value }).then(
		() => location.reload(),
		({ code }) => notice(code === "invalid_credentials" ? "Email or password is wrong." : AGAIN)));
form("request", ({ workflow, message }) =>
	attempt(message, async () => {
		const payload = { workflow: workflow.value, lang, message: message.value.trim() || null };
		location.hash = await outbox.add("booking.create", null, payload);
		message.value = "";
	}));
box.onkeydown = (event) => {
	if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event.preventDefault());
};
box.oninput = () => typing.type((localStorage[draft()] = box.value));
log.onscroll = watch;
const earlier = async () => {
	const stay = below();
	await sync.earlier(open.id, log.querySelector(".line").dataset.position);
	draw();
	log.scrollTop = log.scrollHeight - stay;
};
$("earlier").onclick = ({ target }) => attempt(target, earlier, AGAIN);
$("try").onclick = () => outbox.flush(sync.wake());
$("back").onclick = $("again").onclick = () => (location.hash = "all");
$("lang").onclick = () => {
	turn();
	translate();
	if (me) draw();
};
$("sign-out").onclick = () => signOut().then(() => location.replace("/chat"));
navigator.serviceWorker?.register(new URL("worker.js", import.meta.url), { scope: "/chat" }).catch(() => 0);
begin();
