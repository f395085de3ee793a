// Seed D: useRealtimeSync, by role: patients hear of their own appointments, the practice and its chatbot of all.

export function start(client, { user, role }) {
	const heard = { created: [], updated: [] };
	const whose = role === "patient" ? { filter: `customer_id=eq.${user}` } : {};
	const binding = { schema: "public", table: "bookings", ...whose };
	const appointments = client
		.channel(`appointments:${role}:${user}`)
		.on("postgres_changes", { ...binding, event: "INSERT" }, (change) => heard.created.push(change.new.id))
		.on("postgres_changes", { ...binding, event: "UPDATE" }, (change) =>
			heard.updated.push([change.new.id, change.old.status, change.new.status]),
		)
		.subscribe();
	return {
		state: () => ({ ...heard, ready: appointments.state === "joined" }),
		// A patient books through the chatbot's form.
		async book(row) {
			const { data, error } = await client.from("bookings").insert(row).select().single();
			if (error) throw error;
			return data;
		},
		stop: () => appointments.unsubscribe(),
	};
}
