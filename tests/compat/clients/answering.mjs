// How a driven app answers: {id, call, with} in, {id, value} or {id, error} out.

export class NoSuchCall extends Error {
	constructor(name) {
		super(`this client has no ${name}`);
		this.code = "no_such_call";
	}
}

// Calls a method if the client has it.
export const step = (on, [name, ...given]) => {
	if (typeof on?.[name] !== "function") throw new NoSuchCall(name);
	return on[name](...given);
};

export async function answer(calls, { id, call, with: given }) {
	try {
		return { id, value: (await step(calls, [call, given ?? {}])) ?? null };
	} catch (error) {
		const { message, code = null, status = null, reasons = null } = error;
		return { id, error: { message: message ?? String(error), code, status, reasons } };
	}
}
