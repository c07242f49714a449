/* What the server says of the basket before it is checked out: rewards, today's purchases and cards as they would be.
Each part takes the place of the one before; scroll and focus stay. One question at a time; a change while it is out asks
again. */

import { bodyLine } from "./basket.js";
import { fragmentOf, post } from "./server.js";

const PARTS = ["band", "recorded", "cards", "said"];
const PATIENCE = 10_000;

export class Preview {
  /** `onShown(isFresh)` when it has been asked: false where no answer came. */
  constructor(till, { url, basket, onShown }) {
    Object.assign(this, { till, url, basket, onShown });
    this.round = 0;
    this.asked = null;
  }

  /** Asks, unless this was asked already. */
  async ask() {
    const lines = this.basket.known.map(bodyLine);
    const { declined } = this.basket;
    const asking = `${this.round} ${JSON.stringify([lines, declined])}`;
    if (asking === this.asked || this.isAsking || this.till.isFinished) return;
    if (this.asked === null && !lines.length) return void (this.asked = asking); // as the page came
    this.isAsking = true;
    const fragment = await this.#state({ lines, declined });
    this.isAsking = false;
    this.asked = asking;
    if (this.till.isFinished) return;
    if (fragment) this.put(fragment);
    this.onShown(Boolean(fragment));
    this.ask();
  }

  /** Asks although nothing changed here: something did elsewhere. */
  again() {
    this.round += 1;
    this.asked ??= "";
    this.ask();
  }

  /** Puts the parts of an answer in place. */
  put(fragment) {
    const focused = document.activeElement?.id;
    const before = new Map(this.#rounds().map((card) => [card.dataset.round, Number(card.dataset.punches)]));
    for (const name of PARTS) this.till.querySelector(`#${name}`).replaceWith(fragment.getElementById(name));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    for (const card of this.#rounds()) this.#stamp(card, before.get(card.dataset.round) ?? 0);
  }

  /** What the basket does to a card: `{ text, kind }`, or undefined. */
  filled(card) {
    const told = card && this.till.querySelector(`[data-card="${card}"]`);
    if (!told) return undefined;
    const { count, kind } = told.dataset;
    return { text: `${told.textContent} ${count.replaceAll(" ", "\u00a0")}`, kind }; // a line breaks before its numbers
  }

  /** How many punches this basket adds, over all cards. */
  get punches() {
    return [...this.till.querySelectorAll("[data-card]")].reduce((sum, one) => sum + Number(one.dataset.pending), 0);
  }

  /** The rewards that this basket brings, in words. */
  get earns() {
    return this.till.querySelector("#band").dataset.earns ?? "";
  }

  async #state(basket) {
    try {
      const answer = await post(this.url, basket, { signal: AbortSignal.timeout(PATIENCE) });
      if (!answer.ok || answer.redirected) return null;
      const fragment = fragmentOf(await answer.text());
      return PARTS.every((name) => fragment.getElementById(name)) ? fragment : null;
    } catch {
      return null;
    }
  }

  #rounds() {
    return [...this.till.querySelectorAll("[data-round]")];
  }

  /* New punches are stamped before the eyes of the cashier. */
  #stamp(card, before) {
    const fresh = [...card.querySelectorAll(".punch")].slice(before, Number(card.dataset.punches));
    for (const cell of fresh) cell.classList.add("is-new");
    const frame = card.closest('[data-part="frame"]');
    if (fresh.length && frame.scrollHeight > frame.clientHeight) card.scrollIntoView({ block: "nearest" });
  }
}
