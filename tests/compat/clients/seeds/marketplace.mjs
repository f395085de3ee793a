// Seed C: technicians see jobs as they come and bid; the customer sees the bids and takes one.

export function start(client, { booking = null }) {
	const jobs = [];
	const bids = new Map();
	const offers = client
		.channel("public:bookings")
		.on(
			"postgres_changes",
			{ event: "INSERT", schema: "public", table: "bookings", filter: "status=eq.pending" },
			(change) => jobs.push(change.new.id),
		)
		.subscribe();
	const watch = (id) =>
		client
			.channel(`bids:${id}`)
			.on("postgres_changes", { event: "*", schema: "public", table: "bids", filter: `booking_id=eq.${id}` }, (change) =>
				bids.set(change.new.id, change.new),
			)
			.subscribe();
	const watched = booking ? [watch(booking)] : [];
	return {
		state: () => ({
			jobs,
			bids: [...bids.values()],
			ready: [offers, ...watched].every((channel) => channel.state === "joined"),
		}),
		watch: ({ id }) => void watched.push(watch(id)),
		async bid(row) {
			const { data, error } = await client.from("bids").insert(row).select().single();
			if (error) throw error;
			return data;
		},
		async accept({ id }) {
			const { data, error } = await client.from("bids").update({ status: "accepted" }).eq("id", id).select();
			if (error) throw error;
			return data;
		},
		stop: () => Promise.all([offers, ...watched].map((channel) => channel.unsubscribe())),
	};
}
