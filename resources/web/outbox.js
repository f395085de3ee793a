// What the customer did: on disk before it shows, sent in order until the server gives its verdict.

import { alone } from "./session.js";
import { newId, pause } from "./state.js";
import * as store from "./store.js";
import { perform } from "./sync.js";

export let entries = [];
export let sending;
let failures = 0;
let channel, changed, busy, more, timer;

export async function open(user, draw) {
	changed = draw;
	channel = new BroadcastChannel(user);
	channel.onmessage = () => reload().then(flush);
	await reload();
	const old = new Date(Date.now() - 14 * 864e5).toISOString();
	const done = entries.filter(({ state, op }) => state === "sent" && op.created_at < old);
	store.write("outbox", (outbox) => done.forEach(({ n }) => outbox.delete(n))).catch(() => 0);
}

// Never throws: what cannot be read is kept all the same.
async function reload() {
	entries = await store.read("outbox").catch(() => entries);
	changed();
}

export async function write(work) {
	await store.write("outbox", work);
	channel.postMessage("");
	await reload();
}

// Throws when it cannot be kept.
export async function add(kind, booking_id, payload, at, expect = null, state = "queued") {
	const op = { op_id: newId(), kind, booking_id, payload, expect, created_at: new Date().toISOString() };
	await write((outbox) => outbox.put({ ...at, op, state }));
	flush();
	return op.op_id;
}

// Before a new history is kept, and under the same ids.
export function offerAgain() {
	const sent = entries.filter(({ state }) => state === "sent");
	return write((outbox) => sent.forEach((entry) => outbox.put({ ...entry, state: "queued" })));
}

export async function flush() {
	more = true;
	if (busy) return;
	busy = true;
	clearTimeout(timer);
	try {
		for (; more; failures = 0) {
			more = false;
			await alone("send", sendAll);
		}
	} catch {
		timer = setTimeout(flush, pause(failures++));
	}
	sending = busy = null;
	changed();
}

async function sendAll() {
	for (;;) {
		const entry = (await store.read("outbox")).find(({ state }) => state === "queued");
		if (!entry) return;
		sending = entry.op.op_id;
		changed();
		const verdict = await perform(entry.op).catch((error) => {
			if (/reuse|payload|json|large/.test(error?.code)) return { ...error, verdict: "rejected" };
			throw error;
		});
		const state = { applied: "sent", noop: "sent", rejected: "refused" }[verdict.verdict];
		if (!state) throw Error();
		await write((outbox) => outbox.put({ ...entry, verdict, state }));
	}
}
