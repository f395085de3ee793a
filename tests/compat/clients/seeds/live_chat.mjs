// Seed E: RealtimeChatService, on its own tables. New sessions, lines shown before they are stored, a queue while
// offline, the first answer that takes a session, who is here, what is unread.

const on = (event, table, filter) => ({ event, schema: "public", table, ...(filter && { filter }) });

export function start(client, { me, tab, agent = false, name }) {
	const messages = [];
	const queue = [];
	const seen = { online: true, ready: false, status: null, agent: null, sessions: [], here: [] };
	const channels = [
		client
			.channel("live-sessions")
			.on("postgres_changes", on("INSERT", "live_chat_sessions"), (change) => seen.sessions.push(change.new.id))
			.subscribe((status) => (seen.ready = status === "SUBSCRIBED")),
	];
	const sessions = () => client.from("live_chat_sessions");
	let session = null;

	const add = (message) => {
		if (!messages.find(({ id }) => id === message.id)) messages.push(message);
	};
	async function store(message) {
		const { data, error } = await client.from("chat_messages").insert(message).select().single();
		if (error) queue.push(message);
		return error ? { success: false, error: error.message } : { success: true, messageId: data.id };
	}
	async function flush() {
		for (const message of queue.splice(0)) await store(message);
	}
	async function takeIfNobodyHas() {
		const { data } = await sessions().select("agent_id").eq("id", session).single();
		if (data.agent_id === null) await change({ agent_id: me, status: "active", assigned_at: new Date().toISOString() });
	}
	async function change(values) {
		const { data, error } = await sessions().update(values).eq("id", session).select().single();
		if (error) throw error;
		return data;
	}
	const ofOthers = (query) => query.eq("session_id", session).eq("is_agent", !agent).eq("is_read", false);

	return {
		async open({ email }) {
			const row = { user_id: me, user_name: name, user_email: email, status: "waiting", rating: null, feedback: null };
			const { data, error } = await sessions().insert(row).select().single();
			if (error) throw error;
			return data;
		},
		join(given) {
			session = given.session;
			const lines = client
				.channel(`messages-${session}`)
				.on("postgres_changes", on("INSERT", "chat_messages", `session_id=eq.${session}`), (change) => add(change.new))
				.subscribe((status) => {
					seen.online = status === "SUBSCRIBED";
					if (seen.online) flush();
				});
			const own = client
				.channel(`session-${session}`, { config: { presence: { key: tab } } })
				.on("postgres_changes", on("UPDATE", "live_chat_sessions", `id=eq.${session}`), ({ new: row }) =>
					Object.assign(seen, { status: row.status, agent: row.agent_id, ended: row.ended_at !== null, rating: row.rating }),
				)
				.on("presence", { event: "sync" }, () => (seen.here = Object.keys(own.presenceState()).sort()))
				.subscribe((status) => status === "SUBSCRIBED" && own.track({ online: true }));
			channels.push(lines, own);
		},
		async send({ id, text }) {
			const sender = { sender_id: me, is_agent: agent, sender_role: agent ? "agent" : "user", sender_name: name };
			const message = { id, session_id: session, ...sender, message: text, is_read: false };
			add(message);
			if (agent) await takeIfNobodyHas();
			return store(message);
		},
		async history() {
			const inside = "user_email,chat_messages(message,is_agent,sender_role)";
			return (await sessions().select(inside).eq("id", session).single()).data;
		},
		async unread() {
			return (await ofOthers(client.from("chat_messages").select("id", { count: "exact", head: true }))).count;
		},
		async markRead() {
			return (await ofOthers(client.from("chat_messages").update({ is_read: true }))).error;
		},
		rate: (given) => change(given),
		end: () => change({ status: "ended", ended_at: new Date().toISOString() }),
		state: () => ({ ...seen, queued: queue.length, texts: messages.map(({ message }) => message) }),
		stop: () => Promise.all(channels.map((channel) => channel.unsubscribe())),
	};
}
