/* The location's catalogue, held by the browser: code to product to program cards. A scan is answered from here, with or
without network. The copy on the disk serves at once; the server is asked, by ETag, whether it has a newer one. */

import { change, read } from "./store.js";

const NOTHING = { products: {}, codes: {}, cards: {}, programs: {} };

export class Catalogue {
  /** `place` names the copy on the disk: one for each location. */
  constructor({ url, place }) {
    this.url = url;
    this.place = place;
    this.former = {};
    this.etag = null;
    this.#take(NOTHING);
  }

  /** Resolves when products can be found: at once where a copy is at hand. False where there is neither copy nor answer. */
  async open() {
    const copy = await read("catalogues", this.place).catch(() => undefined);
    if (this.etag) return true; // the server was quicker than the disk
    if (copy?.data.programs) {
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

  /** `{ id, name, brand, size, cards, missed, asks_paid }`, each card `{ id, title, brand, need, program, is_brief }`;
   *  undefined where it is not known. `asks_paid`: a cash-back card asks what was paid for it. `missed` is `{ id, title }` of the program that would take it if the location had joined, or null. */
  product(id) {
    const product = this.data.products[id];
    if (!product) return undefined;
    const cards = product.cards.map((card) => ({ id: card, ...this.data.cards[card] }));
    const missed = product.missed ? { id: product.missed, title: this.data.programs[product.missed] } : null;
    return { ...product, id, cards, missed };
  }

  /** What this till asks besides, "visit" or "redemption", in its order (fields.js). */
  fields(occasion) {
    return (this.data.fields ?? []).filter((field) => field.for.includes(occasion));
  }

  /** A product that was taken out since this page was opened, as it was. */
  formerProduct(id) {
    return this.former[id];
  }

  /** The cards that get more than one unit of these lines, offers apart, which ask for that: `[{ title, units }, …]`. */
  crowded(lines) {
    const cards = new Map();
    for (const { product_id, quantity } of lines) {
      for (const { id, title, is_brief } of this.product(product_id)?.cards ?? []) {
        if (is_brief) continue;
        cards.set(id, { title, units: (cards.get(id)?.units ?? 0) + quantity });
      }
    }
    return [...cards.values()].filter(({ units }) => units > 1);
  }

  /** What can be browsed: `[{ name, programs: [{ title, products }, …] }, …]` by brand, program and item, each by name. */
  shelves() {
    const brands = new Map();
    for (const id of Object.keys(this.data.products)) {
      const product = this.product(id);
      for (const { brand, program } of product.cards) {
        if (!brands.has(brand)) brands.set(brand, new Map());
        const programs = brands.get(brand);
        if (!programs.has(program)) programs.set(program, new Map());
        programs.get(program).set(id, product);
      }
    }
    return byName([...brands].map(([name, programs]) => ({ name, programs: this.#programs(programs) })), "name");
  }

  #programs(programs) {
    const shelves = [...programs].map(([id, products]) => ({
      title: this.data.programs[id],
      products: byName([...products.values()], "name", "size"),
    }));
    return byName(shelves, "title");
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
    for (const [id, product] of Object.entries(this.data?.products ?? {})) {
      if (!data.products[id]) this.former[id] = product;
    }
    this.data = data;
    this.folded = null;
  }
}

function byName(things, ...keys) {
  const text = (thing) => keys.map((key) => thing[key]).join(" ");
  return things.sort((one, other) => text(one).localeCompare(text(other), undefined, { numeric: true }));
}

function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
