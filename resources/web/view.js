// Draws: plain values in, elements out. Texts only ever become text.

import { clock, day, lang, named, words } from "./words.js";

const STATES = { queued: "waiting…", sending: "sending…", read: "seen", held: "Still do this?", refused: "Not sent: {why}" };
const REASONS = { booking_closed: "This conversation has ended.", forbidden: "this is not possible for you" };
const OFFERS = { refused: ["Retry", "Copy", "Discard"], held: ["Yes", "Discard"] };

export const $ = (id) => document.getElementById(id);

export function el(tag, props, ...inside) {
	const node = Object.assign(document.createElement(tag), props);
	node.append(...inside);
	return node;
}

export const button = (text, onclick) => el("button", { onclick }, text);

// What has not changed is left alone: only news is read aloud, and no half-made click is lost.
export const put = (node, name, value) => node[name] === value || (node[name] = value);

export function renew(box, sign, make) {
	const now = JSON.stringify([lang, sign]);
	if (box.sign !== now) box.replaceChildren(...make());
	box.sign = now;
}

function fill(node, line, label, act) {
	const { kind, state, position, entry, press, deleted_at, created_at } = line;
	const [name, text, small, offers] = node.children;
	put(node, "className", `line ${kind} ${state}`);
	if (position) node.dataset.position = position;
	if (kind === "theirs") put(name, "textContent", line.sender_name);
	const said = press ? label(press) : named(line.texts) || line.message;
	put(text, "textContent", deleted_at ? words("Message removed") : said);
	put(small.firstChild, "textContent", clock(created_at));
	const { code, message = "", current } = entry?.verdict ?? {};
	const changed = current?.status && words("the booking is now “{status}”", { status: label(current.status) });
	put(small.lastChild, "textContent", words(STATES[state] ?? state, { why: changed ?? words(REASONS[code] ?? message) }));
	renew(offers, state, () => (OFFERS[state] ?? []).map((one) => button(words(one), () => act(one, line, offers))));
}

export function showLog(log, lines, label, act) {
	const held = log.held ?? new Map();
	log.held = new Map();
	const keep = (key, make) => log.held.set(key, held.get(key) ?? make()).get(key);
	for (const line of lines) {
		const date = day(line.created_at);
		keep(date, () => el("div", { className: "day" }, date));
		fill(keep(line.key, () => $("line").content.firstChild.cloneNode(true)), line, label, act);
	}
	[...log.held.values()].forEach((node, at) => log.children[at] === node || log.insertBefore(node, log.children[at]));
	while (log.children[log.held.size]) log.lastChild.remove();
}

export function badge(node, status) {
	put(node, "textContent", named(status?.label));
	put(node, "className", `badge ${status?.tone}`);
	return node;
}

export function ask(title, fields, about) {
	const dialog = $("ask");
	const form = dialog.firstChild;
	const [heading, , box] = form.children;
	heading.textContent = title;
	const field = ([name, { label, required }]) =>
		el("label", {}, named(label), el("input", { name, required, dir: "auto", maxLength: 500 }));
	renew(box, [title, about], () => Object.entries(fields).map(field));
	dialog.returnValue = "";
	dialog.showModal();
	return new Promise((resolve) => {
		dialog.onclose = () => resolve(dialog.returnValue && Object.fromEntries(new FormData(form)));
	});
}
