// An app on an unmodified supabase-js: what it can be told to do, the same in node and in a browser.

import { step } from "./answering.mjs";

const failing = ({ data, error }) => {
	if (error) throw error;
	return data;
};

// `load` brings the package of a version.
export function supabaseCalls(load) {
	let client, opened;
	const channels = new Map();
	const seeds = new Map();
	const authEvents = [];

	const open = async ({ version, url, key, options }) => {
		opened = { version, url, key };
		client = (await load(version)).createClient(url, key, options);
		client.auth.onAuthStateChange((event) => authEvents.push(event));
	};

	return {
		open,
		// Goes on as whoever this token names, whatever the client itself would have sent.
		async carry({ token }) {
			await open({
				...opened,
				options: { auth: { persistSession: false }, global: { headers: { Authorization: `Bearer ${token}` } } },
			});
			await client.realtime.setAuth(token);
		},
		async signIn(who) {
			return failing(await client.auth.signInWithPassword(who)).session;
		},
		async signUp(who) {
			return failing(await client.auth.signUp(who));
		},
		async signInAnonymously({ data }) {
			return failing(await step(client.auth, ["signInAnonymously", { options: { data } }]));
		},
		async updateUser(attributes) {
			return failing(await client.auth.updateUser(attributes)).user;
		},
		async session() {
			return failing(await client.auth.getSession()).session;
		},
		async signOut(options) {
			const { error } = await client.auth.signOut(options);
			if (error) throw error;
		},
		async refresh(session) {
			return failing(await client.auth.refreshSession(session.refresh_token ? session : undefined)).session;
		},
		async claims() {
			return failing(await step(client.auth, ["getClaims"])).claims;
		},
		async user() {
			return failing(await client.auth.getUser()).user;
		},
		authEvents: () => authEvents,

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
		// `patience`: seconds after which the app gives up on the client's own promise.
		send({ name, event, payload, patience }) {
			const sent = channels.get(name).channel.send({ type: "broadcast", event, payload });
			const givenUp = new Promise((resolve) => setTimeout(() => resolve("unanswered"), patience * 1000));
			return patience ? Promise.race([sent, givenUp]) : sent;
		},
		sendUnjoined: ({ name, event, payload }) => client.channel(name).send({ type: "broadcast", event, payload }),
		httpSend: ({ name, event, payload }) => step(client.channel(name), ["httpSend", event, payload]),
		track: ({ name, payload }) => channels.get(name).channel.track(payload),
		untrack: ({ name }) => channels.get(name).channel.untrack(),
		leave: ({ name }) => channels.get(name).channel.unsubscribe(),

		// A query as apps chain it: [["from", "messages"], ["select", "*"], ["eq", "id", 5]].
		async rows({ chain }) {
			const { data, error, count } = await chain.reduce(step, client);
			return { data, count, error: error && { code: error.code, message: error.message, details: error.details } };
		},
		// One of the seeds' own code paths (clients/seeds), begun, acted on, looked at.
		async begin({ seed, given }) {
			seeds.set(seed, (await import(`./seeds/${seed}.mjs`)).start(client, given));
		},
		act: ({ seed, what, given }) => step(seeds.get(seed), [what, given]),
		look: ({ seed }) => seeds.get(seed).state(),

		// What the client says of a call on one of its parts: storage, [["from", "invoices"], ["list"]].
		async reach({ part, chain }) {
			const { error } = await chain.reduce(step, client[part]);
			return error?.context instanceof Response ? (await error.context.json()).message : (error?.message ?? null);
		},
	};
}
