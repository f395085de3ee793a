// Seeds A and B: the hook both chats use. Loads, listens to lines and status, shows what it sends at once, tries again.

export function start(client, { booking, tries = 8 }) {
	const shown = new Map();
	const seen = { status: null, connection: "connecting" };
	const show = (message) => shown.set(message.id, { ...message, delivery: "delivered" });

	async function load() {
		const { data } = await client.from("messages").select("*").eq("booking_id", booking).order("created_at");
		data?.forEach(show);
		const found = await client.from("bookings").select("status").eq("id", booking).single();
		if (found.data) seen.status = found.data.status;
	}

	const lines = client
		.channel(`messages:${booking}`)
		.on(
			"postgres_changes",
			{ event: "INSERT", schema: "public", table: "messages", filter: `booking_id=eq.${booking}` },
			({ new: message }) => show(message),
		)
		.subscribe((status) => {
			seen.connection = status === "SUBSCRIBED" ? "connected" : "disconnected";
			if (status === "SUBSCRIBED") load(); // what was missed meanwhile
		});
	const statuses = client
		.channel(`booking-status:${booking}`)
		.on(
			"postgres_changes",
			{ event: "UPDATE", schema: "public", table: "bookings", filter: `id=eq.${booking}` },
			(change) => (seen.status = change.new.status),
		)
		.subscribe();

	return {
		async send({ id, text }) {
			const message = { id, booking_id: booking, sender_type: "client", message: text };
			shown.set(id, { ...message, delivery: "sending" });
			for (let attempt = 0; attempt < tries; attempt++) {
				const { data, error } = await client.from("messages").insert(message).select().single();
				if (!error) {
					show(data);
					return "delivered";
				}
				await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt));
			}
			shown.get(id).delivery = "failed";
			return "failed";
		},
		state: () => ({ ...seen, messages: [...shown.values()] }),
		async stop() {
			await lines.unsubscribe();
			await statuses.unsubscribe();
		},
	};
}
