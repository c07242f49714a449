/* What this till keeps: since when, what, for whom, and what stands in its way. */

import { allKept } from "./kept.js";
import { shownPhone } from "./whose.js";

const STATES = { "sign-in": "state-sign-in", "other-store": "state-other-store", unfit: "state-unfit" };

export class KeptList {
  constructor(counter) {
    this.counter = counter;
    this.words = counter.words;
    this.template = document.getElementById("kept-row");
    this.kept = [];
  }

  /** Draws it anew, as the disk has it: `{ count, isLess }`, the latter where some are gone because Astro has them. */
  async show() {
    const before = this.kept;
    this.kept = await allKept().catch(() => []);
    const keys = new Set(this.kept.map(({ body }) => body.key));
    const isLess = before.some(({ body }) => !keys.has(body.key));
    const list = this.counter.part("kept-rows");
    const focused = list.contains(document.activeElement) && document.activeElement.closest("[data-kept]").dataset.kept;
    list.replaceChildren(...this.kept.map((visit) => this.#row(visit)));
    if (focused) list.querySelector(`[data-kept="${focused}"] [data-act]`)?.focus({ preventScroll: true });
    const { length } = this.kept;
    this.counter.part("kept-count").textContent = length || "";
    this.counter.part("kept-none").hidden = length > 0;
    this.counter.part("kept-acts").hidden = !length;
    return { count: length, isLess };
  }

  /** It was taken back, not sent. */
  forget(visit) {
    this.kept = this.kept.filter(({ body }) => body.key !== visit.body.key);
  }

  /** The visit whose row this element stands in. */
  visitOf(element) {
    const { kept } = element.closest("[data-kept]").dataset;
    return this.kept.find(({ body }) => body.key === kept);
  }

  /** Whose it is, as it is shown: the note and the number as they were typed, of a card its end. */
  nameOf({ who, told }) {
    if (who === "card") return this.words.say("card", { end: told.slice(-4) });
    if (who === "phone") return shownPhone(told);
    return who === "note" ? `${this.words.say("note")}: ${told}` : this.words.say("chosen-kept");
  }

  itemsOf({ lines }) {
    return this.words.count("items", lines.reduce((sum, { quantity }) => sum + quantity, 0));
  }

  #row(visit) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    const part = (name) => row.querySelector(`[data-part="${name}"]`);
    row.dataset.kept = visit.body.key;
    part("who").textContent = this.nameOf(visit);
    part("when").textContent = `${shortTime(visit.kept_at)} · ${this.itemsOf(visit)}`;
    part("items").textContent = visit.lines.map(({ quantity, name }) => `${quantity} × ${name}`).join(", ");
    part("state").textContent = this.#state(visit);
    part("state").className = visit.trouble && visit.trouble !== "unreachable" ? "bad-text" : "second";
    part("sign-in").hidden = visit.trouble !== "sign-in" && visit.trouble !== "other-store";
    row.querySelector("[data-act=take-back]").hidden = visit.tries > 0;
    return row;
  }

  #state({ tries, trouble, message }) {
    if (STATES[trouble]) return [this.words.say(STATES[trouble]), trouble === "unfit" ? message : ""].join(" ").trim();
    return tries ? this.words.count("state", tries) : this.words.say("state-new");
  }
}

/** Today the time, else the day with it. */
export function shortTime(time, now = Date.now()) {
  const isToday = new Date(time).toDateString() === new Date(now).toDateString();
  const how = isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(document.documentElement.lang, how).format(time);
}
