// What lies on disk of one customer: rows with their cursor, workflows, outbox.

let database;

const answer = (asked) =>
	new Promise((resolve, reject) => {
		asked.onsuccess = asked.oncomplete = () => resolve(asked.result);
		asked.onerror = asked.onabort = () => reject(asked.error);
	});

export async function open(user) {
	const request = indexedDB.open(`fieldline:${user}`);
	request.onupgradeneeded = () => {
		request.result.createObjectStore("facts");
		request.result.createObjectStore("outbox", { keyPath: "n", autoIncrement: true });
	};
	database = await answer(request);
}

export async function write(name, work) {
	const tx = database.transaction(name, "readwrite", { durability: "strict" });
	await Promise.all([work(tx.objectStore(name)), answer(tx)]);
}

export async function read(name, key) {
	const store = database.transaction(name).objectStore(name);
	return answer(key ? store.get(key) : store.getAll());
}

// Rows and mark move together. Where another tab is ahead, its own stay.
export const keep = (held, anew) =>
	write("facts", async (facts) => {
		const there = (await answer(facts.get("held")))?.mark;
		if (anew || there?.epoch !== held.mark.epoch || there.cursor <= held.mark.cursor) facts.put(held, "held");
	});
