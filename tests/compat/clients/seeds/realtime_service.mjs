// Seed C: one service for the whole app, one channel a name, a health check that reconnects, all begun anew when the
// token was refreshed.

class RealtimeService {
	constructor(client, every) {
		this.client = client;
		this.every = every;
		this.channels = new Map();
		this.subscriptions = new Map();
		this.isConnected = false;
		this.joins = 0;
		this.timer = null;
	}

	startHealthCheck() {
		this.timer ??= setInterval(() => {
			if (!this.isConnected) this.reconnect();
		}, this.every);
	}

	subscribe(name, binding, callback) {
		if (this.channels.has(name)) return this.subscriptions.get(name);
		const channel = this.client
			.channel(name)
			.on("postgres_changes", { schema: "public", ...binding }, callback)
			.subscribe((status) => {
				if (this.channels.get(name) !== channel) return;
				if (status === "SUBSCRIBED") {
					this.isConnected = true;
					this.joins += 1;
				} else if (status === "CLOSED" || status === "CHANNEL_ERROR") this.isConnected = false;
			});
		this.channels.set(name, channel);
		const unsubscribe = () => {
			channel.unsubscribe();
			this.channels.delete(name);
			this.subscriptions.delete(name);
		};
		this.subscriptions.set(name, unsubscribe);
		return unsubscribe;
	}

	subscribeToBookings = (callback) => this.subscribe("public:bookings", { event: "*", table: "bookings" }, callback);
	subscribeToTechnicians = (callback) =>
		this.subscribe("public:technicians", { event: "*", table: "technicians" }, callback);
	subscribeToNotifications = (user, callback) =>
		this.subscribe(
			`user:${user}:notifications`,
			{ event: "INSERT", table: "notifications", filter: `user_id=eq.${user}` },
			callback,
		);
	subscribeToChat = (booking, callback) =>
		this.subscribe(
			`chat:${booking}`,
			{ event: "INSERT", table: "messages", filter: `booking_id=eq.${booking}` },
			callback,
		);
	subscribeToBids = (booking, callback) =>
		this.subscribe(`bids:${booking}`, { event: "*", table: "bids", filter: `booking_id=eq.${booking}` }, callback);

	async reconnect() {
		await this.client.realtime.disconnect();
		await this.client.realtime.connect();
		this.isConnected = true;
	}

	refreshAllConnections() {
		this.channels.forEach((channel) => channel.unsubscribe());
		this.channels.clear();
		this.subscriptions.clear();
	}

	cleanup() {
		clearInterval(this.timer);
		this.refreshAllConnections();
		this.isConnected = false;
	}
}

// The components around it: a tracker, a chat, a list of bids and a bell, which render anew after a refresh.
export function start(client, { booking, user, every }) {
	const service = new RealtimeService(client, every);
	const heard = { statuses: [], texts: [], bids: [], bells: 0, refreshed: 0 };
	const render = () => {
		service.subscribeToBookings((change) => change.new?.id === booking && heard.statuses.push(change.new.status));
		service.subscribeToTechnicians(() => {});
		service.subscribeToNotifications(user, () => (heard.bells += 1));
		service.subscribeToChat(booking, ({ new: { kind, message } }) => kind === "text" && heard.texts.push(message));
		service.subscribeToBids(booking, (change) => heard.bids.push([change.eventType, change.new.status]));
	};
	client.auth.onAuthStateChange((event) => {
		if (event === "SIGNED_OUT") service.cleanup();
		if (event !== "TOKEN_REFRESHED") return;
		service.refreshAllConnections();
		heard.refreshed += 1;
		render();
	});
	service.startHealthCheck();
	render();
	return {
		state: () => ({
			...heard,
			connected: service.isConnected,
			joins: service.joins,
			channels: Object.fromEntries([...service.channels].map(([name, channel]) => [name, channel.state])),
		}),
		// What a phone does that goes to sleep: the socket is gone, and nobody told the service.
		lose: () => client.realtime.disconnect(),
		subscribedTwice: () =>
			service.subscribeToChat(booking, () => {}) === service.subscribeToChat(booking, () => {}),
		stop: () => service.cleanup(),
	};
}
