// An app on phoenix's own JavaScript client, which knows channels and presence, and nothing of Supabase.

import { Presence, Socket } from "phoenix";
import WebSocket from "ws";

const done = (push) =>
	new Promise((resolve) => ["ok", "error", "timeout"].forEach((said) => push.receive(said, () => resolve(said))));

export function phoenixCalls() {
	let socket, token;
	const channels = new Map();
	const topic = (name) => (name === "sync" ? name : `realtime:${name}`);

	return {
		open({ url, key, path }) {
			socket = new Socket(url.replace(/^http/, "ws") + path, { params: { apikey: key }, transport: WebSocket });
			socket.connect();
		},
		// Whom the app speaks for from here on, in joined channels too.
		carry({ token: given }) {
			token = given;
			for (const { channel } of channels.values()) channel.push("access_token", { access_token: token });
		},
		listen({ name, config, bindings = [], join }) {
			const heard = { statuses: [], changes: [], broadcasts: [], presence: [], systems: [], frames: [] };
			let ids = [];
			const asked = join ?? { config: { ...config, postgres_changes: bindings } };
			const channel = socket.channel(topic(name), () => ({ ...asked, access_token: token }));
			channel.on("postgres_changes", ({ ids: meant, data: { type, record = {}, old_record = {}, ...rest } }) => {
				for (const id of meant)
					heard.changes.push({ binding: ids.indexOf(id), eventType: type, new: record, old: old_record, ...rest });
			});
			channel.on("broadcast", ({ event, payload }) => heard.broadcasts.push({ event, payload }));
			channel.on("system", (system) => heard.systems.push(system));
			channel.on("changes", (frame) => heard.frames.push(frame));
			const presence = new Presence(channel);
			presence.onSync(() =>
				heard.presence.push(Object.fromEntries(presence.list((key, { metas }) => [key, metas]))),
			);
			channel.onClose(() => heard.statuses.push("CLOSED"));
			channel.onError((reason) => heard.statuses.push(`CHANNEL_ERROR: ${JSON.stringify(reason ?? null)}`));
			channel
				.join()
				.receive("ok", (reply) => {
					ids = (reply.postgres_changes ?? []).map(({ id }) => id);
					heard.joined = reply;
					heard.statuses.push("SUBSCRIBED");
				})
				.receive("error", (reason) => heard.statuses.push(`CHANNEL_ERROR: ${JSON.stringify(reason)}`));
			channels.set(name, { channel, heard, config });
		},
		heard: ({ name, what }) => channels.get(name).heard[what],
		push: ({ name, event, payload }) =>
			new Promise((resolve, reject) =>
				channels.get(name).channel.push(event, payload).receive("ok", resolve).receive("error", reject),
			),
		send({ name, event, payload }) {
			const { channel, config } = channels.get(name);
			const push = channel.push("broadcast", { type: "broadcast", event, payload });
			return config?.broadcast?.ack ? done(push) : "ok";
		},
		track: ({ name, payload }) =>
			done(channels.get(name).channel.push("presence", { type: "presence", event: "track", payload })),
		untrack: ({ name }) => done(channels.get(name).channel.push("presence", { type: "presence", event: "untrack" })),
		leave: ({ name }) => done(channels.get(name).channel.leave()),
		// Until it is connected the client sends none, and says so.
		ping: () =>
			new Promise((resolve) => {
				const attempt = () => socket.ping(resolve) || setTimeout(attempt, 20);
				attempt();
			}),
	};
}
