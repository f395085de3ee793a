// Seed E: RealtimeChatService. Sessions, lines shown before they are stored, a queue while offline, who is here.

export function start(client, { session, me }) {
	const messages = [];
	const queue = [];
	const seen = { online: true, status: null, assigned: null, sessions: [], here: [] };
	const add = (message) => {
		if (!messages.find(({ id }) => id === message.id)) messages.push(message);
	};

	async function store(message) {
		const { error } = await client.from("messages").insert(message);
		if (error) queue.push(message);
		return error ? "queued" : "sent";
	}
	async function flush() {
		for (const message of queue.splice(0)) await store(message);
	}

	const lines = client
		.channel(`messages-${session}`)
		.on(
			"postgres_changes",
			{ event: "INSERT", schema: "public", table: "messages", filter: `booking_id=eq.${session}` },
			(change) => add(change.new),
		)
		.subscribe((status) => {
			seen.online = status === "SUBSCRIBED";
			if (seen.online) flush();
		});
	const own = client
		.channel(`session-${session}`, { config: { presence: { key: me } } })
		.on(
			"postgres_changes",
			{ event: "UPDATE", schema: "public", table: "bookings", filter: `id=eq.${session}` },
			(change) => Object.assign(seen, { status: change.new.status, assigned: change.new.assignee_id }),
		)
		.on("presence", { event: "sync" }, () => (seen.here = Object.keys(own.presenceState()).sort()))
		.subscribe((status) => status === "SUBSCRIBED" && own.track({ online: true }));
	const all = client
		.channel("live-sessions")
		.on("postgres_changes", { event: "INSERT", schema: "public", table: "bookings" }, (change) =>
			seen.sessions.push(change.new.id),
		)
		.subscribe();

	return {
		send({ id, text }) {
			const message = { id, booking_id: session, message: text };
			add(message);
			return store(message);
		},
		state: () => ({ ...seen, queued: queue.length, texts: messages.map(({ message }) => message) }),
		stop: () => Promise.all([lines, own, all].map((channel) => channel.unsubscribe())),
	};
}
