// Keeps the rows in step with the server: over the socket where one can be had, else by polling.

import { call, refusal, session, token } from "./session.js";
import { connect } from "./socket.js";
import { edit, emptyRows, pause, placeOf } from "./state.js";
import * as store from "./store.js";

const NOTHING = { epoch: null, cursor: null };

export let rows = emptyRows();
export let link = "connecting";
export let asOf, socket;
export const reads = new Map();
let mark = NOTHING;
let failures = 0;
let retryAt = 0;
let chain = Promise.resolve();
let device_id, on, epoch, told, rouse;

export const inStep = () => link === "live" || link === "polling";

export async function run(device, calls) {
	device_id = device;
	on = calls;
	({ rows, mark, asOf } = (await store.read("facts", "held")) ?? { rows, mark });
	epoch = mark.epoch;
	setInterval(() => tell().catch(() => 0), 1000);
	while (session) {
		try {
			if (Date.now() >= retryAt) await live();
		} catch {
			retryAt = Math.max(retryAt, Date.now() + pause(failures++));
		}
		const rest = (failures ? await poll() : show("connecting")) ?? retryAt - Date.now();
		if (session) await new Promise((resolve) => setTimeout((rouse = resolve), Math.max(0, rest)));
	}
}

function show(now) {
	const news = link !== now;
	link = now;
	if (news && inStep()) on.live();
	on.changed();
}

// The network may be back: try. A socket that looks alive must prove it.
export function wake() {
	retryAt = 0;
	rouse?.();
	socket?.pulse();
}

async function live() {
	const url = `${location.origin.replace("http", "ws")}/realtime/v1/websocket?vsn=2.0.0`;
	const one = connect(url, (...frame) => hear(one, ...frame), (beat) => check(one, beat));
	const beats = setInterval(one.pulse, 15_000);
	try {
		await one.open;
		await join(one);
		socket = one;
		show("live");
		const since = Date.now();
		await one.closed;
		if (Date.now() - since < 5000) throw Error();
		failures = 0;
	} finally {
		socket = null;
		clearInterval(beats);
		one.close();
	}
}

async function join(one, again) {
	const access_token = await token();
	const { status, response } = await one.push("sync", "phx_join", { ...mark, device_id, access_token });
	if (/token|unauth/.test(response.code)) await token(access_token);
	if (response.mode === "delta") return;
	if (again || status !== "ok") throw refusal(response);
	if (response.mode === "snapshot") mark = NOTHING;
	await serially(pull);
	await join(one, true);
}

function hear(one, topic, event, payload) {
	if (topic !== "sync") on.heard(topic, event, payload);
	else if (event === "changes") serially(() => take(payload)).catch(one.close);
	else if (event === "bye") retryAt = Date.now() + payload.after_ms;
	else one.close();
}

// One at a time, so that rows, cursor and disk move together.
function serially(work) {
	const done = chain.then(work);
	chain = done.catch(() => 0);
	return done;
}

async function take(changes) {
	const place = placeOf(mark, changes);
	if (place === "gap") await pull();
	if (place === "apply") await commit(changes.to, changes.items);
}

const none = (error) => (/epoch|floor|booking/.test(error.code) ? {} : Promise.reject(error));

async function commit(cursor, items) {
	for (const item of items.filter(({ seq }) => seq > mark.cursor)) {
		const { tables } = item.op === "add" ? await call(`/sync/v1/bookings/${item.id}`, "tables").catch(none) : item;
		edit(rows, item);
		fill(tables);
	}
	await keep({ epoch: mark.epoch, cursor });
	if (items.length) on.changed();
}

function fill(tables) {
	for (const table in tables) for (const row of tables[table]) edit(rows, { table, id: row.id, row });
}

async function keep(now, anew) {
	asOf = Date.now();
	await store.keep({ rows, mark: now, asOf }, anew);
	mark = now;
	epoch = mark.epoch;
}

async function pull() {
	for (let page = { to: 0, head: 1 }; page.to < page.head; await commit(page.to, page.items)) {
		const { epoch, cursor } = mark;
		page = epoch ? await call(`/sync/v1/changes?epoch=${epoch}&after=${cursor}&limit=500`, "items").catch(none) : {};
		if (page.epoch !== mark.epoch) return snapshot();
	}
}

async function snapshot() {
	const [head, ...parts] = await call("/sync/v1/snapshot", "seq");
	if (parts.pop().rows !== parts.flatMap((part) => part.rows).length) throw Error();
	if (epoch && epoch !== head.epoch) await on.replaced();
	rows = emptyRows();
	for (const part of parts) fill({ [part.table]: part.rows });
	await keep({ epoch: head.epoch, cursor: head.seq }, true);
	on.changed();
}

function check(one, { head, sent }) {
	const work = () => (mark.cursor < sent ? pull() : commit(Math.max(head, mark.cursor), []));
	if (sent !== undefined) serially(work).catch(one.close);
}

async function poll() {
	try {
		await serially(pull);
		show("polling");
		return 2000;
	} catch {
		show("offline");
	}
}

async function tell() {
	const { cursor } = mark;
	if (!inStep() || (cursor === told && !reads.size)) return;
	const read = Array.from(reads, ([booking_id, position]) => ({ booking_id, position }));
	if (!socket) await call("/sync/v1/receipts", "head", { device_id, cursor, read });
	socket?.send("sync", "cursor", { seq: cursor });
	for (const one of read) socket?.send("sync", "read", one);
	told = cursor;
	reads.clear();
}

export const earlier = async (booking, before) =>
	fill({ messages: (await call(`/sync/v1/bookings/${booking}/messages?before=${before}`, "rows")).rows });

export async function perform(op) {
	const body = { device_id, ops: [op], epoch };
	if (!socket) return (await call("/sync/v1/ops", "verdicts", body).finally(wake)).verdicts[0];
	const { status, response } = await socket.push("sync", "ops", body);
	if (status !== "ok") throw refusal(response);
	return response.verdicts[0];
}
