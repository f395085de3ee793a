// Seed C, 8.3: who types, by presence.

export function start(client, { booking, user }) {
	let typing = [];
	const channel = client
		.channel(`typing:${booking}`)
		.on("presence", { event: "sync" }, () => {
			typing = Object.values(channel.presenceState())
				.flat()
				.filter((one) => one.typing)
				.map((one) => one.user_id);
		})
		.subscribe();
	return {
		type: ({ on }) => channel.track({ user_id: user, typing: on }),
		state: () => ({ typing: [...new Set(typing)], ready: channel.state === "joined" }),
		stop: () => channel.unsubscribe(),
	};
}
