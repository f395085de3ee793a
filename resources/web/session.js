// Who the customer is: signs in, keeps the tokens fresh, once for all tabs, and calls the server.

const stored = () => JSON.parse(localStorage.session ?? null);

export let session = stored();
export const keep = (now) => (localStorage.session = JSON.stringify((session = now)));

onstorage = () => stored()?.user.id !== session?.user.id && location.reload();

export const refusal = (answer) => Object.assign(Error(), answer);

// Other tabs are waited for, but not for ever: one may have been put to sleep.
export async function alone(name, work) {
	const { locks } = navigator;
	if (!locks) return work();
	return locks.request(name, { signal: AbortSignal.timeout(40_000) }, work).catch((error) => {
		if (error.name !== "TimeoutError") throw error;
		return locks.request(name, { steal: true }, work);
	});
}

export const signIn = async (grant, body) => keep(await ask("", `/auth/v1/token?grant_type=${grant}`, "user", body));

export const signOut = () => call("/auth/v1/logout?scope=local", "", {}).catch(() => 0).then(() => keep(null));

// Good for another minute, and not the one that was refused.
export async function token(refused) {
	const good = () => session?.access_token !== refused && session?.expires_at * 1000 > Date.now() + 60_000;
	const renew = async () => {
		session = stored();
		if (good() || !session) return;
		await signIn("refresh_token", { refresh_token: session.refresh_token }).catch((error) => {
			if (error.code === "invalid_grant") keep(null);
			throw error;
		});
	};
	if (!good()) await alone("refresh", renew);
	return session.access_token;
}

export async function call(...asked) {
	const used = await token();
	return ask(used, ...asked).catch(async (error) => {
		if (!/token|unauth/.test(error.code)) throw error;
		return ask(await token(used), ...asked);
	});
}

async function ask(token, path, has, body) {
	const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
	const signal = AbortSignal.timeout(30_000);
	const response = await fetch(path, { method: body ? "POST" : "GET", headers, body: JSON.stringify(body), signal });
	const lines = (await response.text()).trim().split("\n").map((line) => JSON.parse(line));
	if (!response.ok) throw refusal(lines[0]);
	if (has in lines[0]) return lines[1] ? lines : lines[0];
	throw Error();
}
