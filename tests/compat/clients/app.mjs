// An app on an unmodified supabase-js, driven line by line: {id, call, with} in, {id, value} or {id, error} out.

import { createInterface } from "node:readline";
import WebSocket from "ws";

globalThis.WebSocket ??= WebSocket;

let client;
const channels = new Map();
const authEvents = [];

const failing = ({ data, error }) => {
	if (error) throw error;
	return data;
};

const calls = {
	async open({ version, url, key, options }) {
		const { createClient } = await import(`supabase-${version}`);
		client = createClient(url, key, { auth: { persistSession: false }, ...options });
		client.auth.onAuthStateChange((event) => authEvents.push(event));
	},

	async signIn(who) {
		return failing(await client.auth.signInWithPassword(who)).session;
	},
	async signUp(who) {
		return failing(await client.auth.signUp(who));
	},
	async signInAnonymously({ data }) {
		return failing(await client.auth.signInAnonymously({ options: { data } }));
	},
	async updateUser(attributes) {
		return failing(await client.auth.updateUser(attributes)).user;
	},
	async signOut(options) {
		const { error } = await client.auth.signOut(options);
		if (error) throw error;
	},
	async refresh() {
		return failing(await client.auth.refreshSession()).session;
	},
	async user() {
		return failing(await client.auth.getUser()).user;
	},
	authEvents: () => authEvents,
	setAuth: ({ token }) => client.realtime.setAuth(token).then(() => null),

	// Listens as the seeds' apps do, and notes all it hears.
	listen({ name, config, bindings = [] }) {
		const heard = { statuses: [], changes: [], broadcasts: [], presence: [], systems: [] };
		const channel = client.channel(name, config && { config });
		bindings.forEach((binding, at) =>
			channel.on("postgres_changes", binding, (change) => heard.changes.push({ binding: at, ...change })),
		);
		channel.on("broadcast", { event: "*" }, ({ event, payload }) => heard.broadcasts.push({ event, payload }));
		channel.on("presence", { event: "sync" }, () => heard.presence.push(channel.presenceState()));
		channel.on("system", {}, (system) => heard.systems.push(system));
		channels.set(name, { channel, heard });
		channel.subscribe((status, error) => heard.statuses.push(error ? `${status}: ${error.message}` : status));
	},
	heard: ({ name, what }) => channels.get(name).heard[what],
	send: ({ name, event, payload }) => channels.get(name).channel.send({ type: "broadcast", event, payload }),
	track: ({ name, payload }) => channels.get(name).channel.track(payload),
	untrack: ({ name }) => channels.get(name).channel.untrack(),
	leave: ({ name }) => channels.get(name).channel.unsubscribe(),
	// A query as apps chain it: [["from", "messages"], ["select", "*"], ["eq", "id", 5]].
	async rows({ chain }) {
		const { data, error, count, status } = await chain.reduce((query, [step, ...given]) => query[step](...given), client);
		return { data, count, status, error: error && { code: error.code, message: error.message, details: error.details } };
	},
	connected: () => client.realtime.isConnected(),
};

for await (const line of createInterface({ input: process.stdin })) {
	const { id, call, with: given } = JSON.parse(line);
	Promise.resolve()
		.then(() => calls[call](given ?? {}))
		.then(
			(value) => ({ id, value: value ?? null }),
			(error) => ({ id, error: { message: error.message, code: error.code ?? null, status: error.status ?? null, reasons: error.reasons ?? null } }),
		)
		.then((answer) => console.log(JSON.stringify(answer)));
}
process.exit(0);
