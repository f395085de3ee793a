// An app in a page, driven by the browser: window.ask(call) gives a promise of the answer.

import { answer } from "./answering.mjs";
import { supabaseCalls } from "./supabase_calls.mjs";

// Pages take the package as its build for <script>.
const load = (version) =>
	new Promise((resolve, reject) => {
		if (window.supabase) return resolve(window.supabase);
		const script = document.createElement("script");
		script.src = `node_modules/supabase-${version}/dist/umd/supabase.js`;
		script.onload = () => resolve(window.supabase);
		script.onerror = () => reject(new Error(`no build of ${version} for browsers`));
		document.head.append(script);
	});

const calls = supabaseCalls(load);
window.ask = (call) => answer(calls, call);
