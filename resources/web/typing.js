// Who is writing, there and here: presence of the open booking.

import { socket } from "./sync.js";

const people = new Map();
let booking, on, timer;

const metas = (those) => Object.values(those).flatMap((one) => one.metas);
const send = (event, payload = {}) => booking && socket?.send(`typing:${booking}`, event, payload);

export const names = () =>
	socket ? [...people.values()].filter((one) => one.typing && one.side !== "customer").map((one) => one.name) : [];

export function join(now = booking) {
	if (booking !== now) send("phx_leave");
	booking = now;
	on = false;
	people.clear();
	send("phx_join");
}

export function hear(topic, event, payload) {
	const { joins = payload, leaves = {} } = payload;
	if (topic !== `typing:${booking}`) return;
	payload.joins || people.clear();
	for (const one of metas(joins)) people.set(one.phx_ref, one);
	for (const one of metas(leaves)) people.delete(one.phx_ref);
}

export function type(text) {
	clearTimeout(timer);
	timer = setTimeout(track, 4000, false);
	track(!!text);
}

function track(typing) {
	if (typing !== on) send("presence", { type: "presence", event: "track", payload: { typing } });
	on = typing;
}
