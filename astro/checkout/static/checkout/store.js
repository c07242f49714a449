/* What a till keeps on its own disk: baskets and catalogues, in IndexedDB. A write is done only when it has reached the
disk (durability "strict"): a basket survives the browser, and the power. */

let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("astro-till", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("baskets");
      request.result.createObjectStore("catalogues");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

/** What stands under this key, or undefined. Rejects where the browser keeps nothing. */
export async function read(table, key) {
  const store = (await open()).transaction(table).objectStore(table);
  return new Promise((resolve, reject) => {
    const request = store.get(key);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
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
