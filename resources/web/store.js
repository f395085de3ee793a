// What lies on disk of one customer: rows with their cursor, workflows, outbox.

let database;

const answer = (request) =>
	new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});

export async function open(user) {
	const request = indexedDB.open(`fieldline:${user}`);
	request.onupgradeneeded = () => {
		request.result.createObjectStore("facts");
		request.result.createObjectStore("outbox", { keyPath: "n", autoIncrement: true });
	};
	database = await answer(request);
}

export function write(name, work) {
	const tx = database.transaction(name, "readwrite", { durability: "strict" });
	work(tx.objectStore(name));
	return new Promise((resolve, reject) => {
		tx.oncomplete = resolve;
		tx.onabort = () => reject(tx.error);
	});
}

export function read(name, key) {
	const store = database.transaction(name).objectStore(name);
	return answer(key ? store.get(key) : store.getAll());
}

// Rows and mark move together. Where another tab is ahead, its own stay.
export const keep = (held, anew) =>
	write("facts", async (facts) => {
		const there = (await answer(facts.get("held")))?.mark;
		if (anew || there?.epoch !== held.mark.epoch || there.cursor <= held.mark.cursor) facts.put(held, "held");
	});
