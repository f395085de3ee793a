// What the page shows, worked out from rows and outbox: pure.

export const emptyRows = () => ({ bookings: new Map(), messages: new Map(), receipts: new Map() });

const ofBooking = (held, id) => [...held.values()].filter(({ booking_id }) => booking_id === id);

export const placeOf = (mark, { epoch, from, to }) =>
	epoch !== mark.epoch || from > mark.cursor + 1 ? "gap" : to > mark.cursor ? "apply" : "old";

export function edit(rows, { table, op, id, row }) {
	if (op === "delete") rows[table]?.delete(id);
	else rows[table]?.set(id, row);
	if (table !== "scope") return;
	for (const held of Object.values(rows)) for (const [key, one] of held) if ((one.booking_id ?? key) === id) held.delete(key);
}

export function delivery(position, receipts) {
	const reached = (mark) => receipts.some((one) => one.side !== "customer" && one[mark] >= position);
	return reached("read_position") ? "read" : reached("delivered_position") ? "delivered" : "sent";
}

// Stored lines in the server's order, then what no row has taken the place of yet.
export function conversation(rows, outbox, id, sending) {
	const receipts = ofBooking(rows.receipts, id);
	const lines = ofBooking(rows.messages, id).map((row) => {
		const kind = { client: "mine", system: "system" }[row.sender_type] ?? "theirs";
		return { ...row, key: row.id, kind, state: kind === "mine" ? delivery(row.position, receipts) : "" };
	});
	lines.sort((a, b) => a.position - b.position);
	for (const entry of outbox) {
		const { op_id: key, kind, booking_id, payload, created_at } = entry.op;
		if (booking_id !== id && key !== id) continue;
		const there = { "message.send": rows.messages, "booking.create": rows.bookings }[kind];
		const state = sending === key ? "sending" : entry.state;
		const line = { key, kind: "mine", created_at, entry, state, press: payload.transition, message: payload.text ?? payload.message };
		if (there ? !there.has(key) : state !== "sent") lines.push(line);
	}
	return lines;
}

// Those that only this device knows of have no status yet: it is the server's to say.
export function bookings(rows, outbox) {
	const list = [...rows.bookings.values()];
	for (const { op: { kind, op_id: id, payload: { workflow }, created_at } } of outbox)
		if (kind === "booking.create" && !rows.bookings.has(id)) list.push({ id, workflow, created_at });
	return list.sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
}

export function steps(statuses, status) {
	const goals = Object.keys(statuses).filter((name) => statuses[name].goal !== false);
	const now = goals.indexOf(status);
	const step = (name, at) => ({ label: statuses[name].label, className: at > now ? "" : "done", ariaCurrent: at === now ? "step" : null });
	return now < 0 ? [] : goals.map(step);
}

export const presses = (transitions, status) =>
	Object.entries(transitions).filter(([, one]) => one.from.includes(status) && !one.auto && one.by.includes("customer"));

export function newId() {
	const random = Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => byte.toString(16).padStart(2, "0"));
	const hex = Date.now().toString(16).padStart(12, "0") + random.join("");
	return hex.replace(/(.{8})(.{4}).(.{3}).(.{3})/, "$1-$2-7$3-8$4-");
}

export const pause = (failures) => Math.random() * Math.min(30_000, 1000 * 2 ** failures);
