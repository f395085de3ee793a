// An app in node, driven line by line: node node_app.mjs supabase|phoenix.

import { createInterface } from "node:readline";
import WebSocket from "ws";
import { answer } from "./answering.mjs";

globalThis.WebSocket ??= WebSocket;

const calls =
	process.argv[2] === "phoenix"
		? (await import("./phoenix_calls.mjs")).phoenixCalls()
		: (await import("./supabase_calls.mjs")).supabaseCalls((version) => import(`supabase-${version}`));

for await (const line of createInterface({ input: process.stdin }))
	answer(calls, JSON.parse(line)).then((answered) => console.log(JSON.stringify(answered)));
process.exit(0);
