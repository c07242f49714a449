/* The location's catalogue, held by the browser: code to product to program cards. A scan is answered from here, with or
without network. The copy on the disk serves at once; the server is asked, by ETag, whether it has a newer one. */

import { change, read } from "./store.js";

const NOTHING = { products: {}, codes: {}, cards: {} };

export class Catalogue {
  /** `place` names the copy on the disk: one for each location. */
  constructor({ url, place }) {
    this.url = url;
    this.place = place;
    this.etag = null;
    this.#take(NOTHING);
  }

  /** Resolves when products can be found: at once where a copy is at hand. False where there is neither copy nor answer. */
  async open() {
    const copy = await read("catalogues", this.place).catch(() => undefined);
    if (copy) {
      this.etag = copy.etag;
      this.#take(copy.data);
      this.refresh();
      return true;
    }
    return this.refresh();
  }

  /** Fetches a newer catalogue, if there is one. False where the server could not be asked. */
  async refresh() {
    try {
      const headers = this.etag ? { "If-None-Match": this.etag } : {};
      const answer = await fetch(this.url, { headers, cache: "no-store" });
      if (answer.status === 304) return true;
      if (!answer.ok || answer.redirected) return false;
      const data = await answer.json();
      this.etag = answer.headers.get("ETag");
      this.#take(data);
      await change("catalogues", this.place, () => ({ etag: this.etag, data })).catch(() => {});
      return true;
    } catch {
      return false;
    }
  }

  /** The product's id, or null. */
  withCode(gtin) {
    return this.data.codes[gtin] ?? null;
  }

  /** `{ id, name, brand, size, cards }`, each card `{ id, title, brand, need }`; undefined where it is not known. */
  product(id) {
    const product = this.data.products[id];
    if (!product) return undefined;
    const cards = product.cards.map((card) => ({ id: card, ...this.data.cards[card] }));
    return { ...product, id, cards };
  }

  /** Products whose brand, name and size hold every word, those that fill a card first. */
  search(text, most = 8) {
    const words = folded(text).split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    this.folded ??= Object.entries(this.data.products).map(([id, product]) => ({
      id,
      text: folded(`${product.brand} ${product.name} ${product.size}`),
      fills: product.cards.length > 0,
    }));
    return this.folded
      .filter((one) => words.every((word) => one.text.includes(word)))
      .sort((one, other) => other.fills - one.fills || (one.text < other.text ? -1 : 1))
      .slice(0, most)
      .map((one) => this.product(one.id));
  }

  #take(data) {
    this.data = data;
    this.folded = null;
  }
}

function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
