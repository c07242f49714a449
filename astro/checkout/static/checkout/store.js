/* What a till keeps on its own disk, in IndexedDB: baskets, catalogues, visits that wait to be sent, and facts about
itself. A write is done only when it has reached the disk (durability "strict"): it survives the browser, and the power. */

const VERSION = 2;
const TABLES = ["baskets", "catalogues", "kept", "facts"];

let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("astro-till", VERSION);
    request.onupgradeneeded = () => {
      const there = request.result.objectStoreNames;
      TABLES.filter((name) => !there.contains(name)).forEach((name) => request.result.createObjectStore(name));
    };
    request.onsuccess = () => {
      const database = request.result;
      const forget = () => (opening = null);
      database.onclose = forget;
      database.onversionchange = () => {
        database.close(); // a newer Astro in another window would wait for this one for ever
        forget();
      };
      opening = Promise.resolve(database); // also where it was blocked before
      resolve(database);
    };
    request.onerror = () => {
      opening = null;
      reject(request.error);
    };
    request.onblocked = () => reject(new DOMException("An older Astro is open in another window.", "BlockedError"));
  });
  return opening;
}

/** What stands under this key, or undefined. Rejects where the browser keeps nothing. */
export async function read(table, key) {
  const store = (await open()).transaction(table).objectStore(table);
  return answer(store.get(key));
}

/** Everything in a table, by key. */
export async function readAll(table) {
  const store = (await open()).transaction(table).objectStore(table);
  return answer(store.getAll());
}

/** Replaces what stands under this key by `mutate` of it (nothing, where that gives null), in one transaction, so that
 *  two windows lose nothing of each other. Resolves, with the new value, when it is on the disk. */
export async function change(table, key, mutate) {
  const writing = (await open()).transaction(table, "readwrite", { durability: "strict" });
  const store = writing.objectStore(table);
  return new Promise((resolve, reject) => {
    let value;
    const request = store.get(key);
    request.onsuccess = () => {
      value = mutate(request.result);
      if (value === null) store.delete(key);
      else store.put(value, key);
    };
    writing.oncomplete = () => resolve(value);
    writing.onerror = writing.onabort = () => reject(writing.error);
  });
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
