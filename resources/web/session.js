// Who the customer is: signs in, keeps the tokens fresh, once for all tabs, and calls the server.

const stored = () => JSON.parse(localStorage.session ?? null);

export let session = stored();
export const keep = (now) => (localStorage.session = JSON.stringify((session = now)));

// Another tab has signed somebody else in, or out.
onstorage = () => stored()?.user.id !== session?.user.id && location.reload();

// The server said no. After any other error: the same again later.
export class Refused extends Error {
	constructor(answer, status) {
		super();
		Object.assign(this, answer, { status });
	}
}

// Other tabs are waited for, but not for ever: one may have been put to sleep.
export async function alone(name, work) {
	const { locks } = navigator;
	if (!locks) return work();
	return locks.request(name, { signal: AbortSignal.timeout(40_000) }, work).catch((error) => {
		if (error.name !== "TimeoutError") throw error;
		return locks.request(name, { steal: true }, work);
	});
}

export const signIn = async (grant, body) => keep(await ask(`/auth/v1/token?grant_type=${grant}`, body));

export async function signOut() {
	await call("/auth/v1/logout?scope=local", {}).catch(() => 0);
	keep(null);
}

// Good for another minute, and not the one that was refused.
export async function token(refused) {
	const good = () => session?.access_token !== refused && session?.expires_at * 1000 > Date.now() + 60_000;
	const renew = async () => {
		session = stored();
		if (good()) return;
		await signIn("refresh_token", { refresh_token: session?.refresh_token }).catch((error) => {
			if (error instanceof Refused) keep(null);
			throw error;
		});
	};
	if (!good()) await alone("refresh", renew);
	return session.access_token;
}

export async function call(path, body) {
	const used = await token();
	return ask(path, body, used).catch(async (error) => {
		if (error.status !== 401) throw error;
		return ask(path, body, await token(used));
	});
}

async function ask(path, body, token) {
	const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
	const signal = AbortSignal.timeout(30_000);
	const response = await fetch(path, { method: body ? "POST" : "GET", headers, body: JSON.stringify(body), signal });
	const lines = (await response.text()).trim().split("\n").map((line) => JSON.parse(line || null));
	const { status } = response;
	if (response.ok) return lines[1] ? lines : lines[0];
	throw status >= 500 || status === 429 ? Error(status) : new Refused(lines[0], status);
}
