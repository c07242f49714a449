/* Checking out: a basket is sealed, sent, and what came of it is shown.

Where no answer comes, this till keeps the visit and sends it by itself (kept.js, sending.js); the page says so only when
it is on the disk. Where the visit earned a reward, or one waited, the second screen (redemption.js) takes the till's place;
else the visit is finished. Codes that nobody knew are left out of a visit that was answered; which ones, the page says as
long as the person stays at it, reloaded or not: the browser keeps them with the page's entry in its history. */

import { handOver, handOverAll } from "./handover.js";
import { allKept, onKept } from "./kept.js";
import { shownCode } from "./lines.js";
import { sendVisit } from "./visits.js";

export class Checkout {
  constructor(till) {
    Object.assign(this, { till, basket: till.basket, words: till.words });
    this.isSending = false;
    this.fresh = new Set(); // keys that this page sealed and never sent
    this.stop = onKept(() => this.#showKept());
  }

  /** Fixes the basket as a visit, with why several units go onto one card; or says why it cannot. */
  async seal(reason) {
    if (this.till.isFinished || this.isSending) return;
    const { known, waiting, lines } = this.basket;
    const isOut = !navigator.onLine; // then the codes that nobody knows are kept along, and a person names them
    if (known.length || (isOut && lines.length)) await this.#seal(reason, { alone: isOut });
    else if (!waiting.length) this.#say("warn", this.words.say(lines.length ? "only-unknown" : "nothing-yet"));
  }

  /** Sends what was sealed, and finishes with the last answer; or this till keeps it. */
  async send() {
    if (this.isSending || this.till.isFinished || !this.basket.waiting.length) return;
    this.isSending = true;
    this.#part("check-out").setAttribute("aria-busy", "true");
    try {
      const last = await this.#sendAll();
      if (last?.fragment) await this.#show(last);
    } finally {
      this.isSending = false;
      this.#part("check-out")?.removeAttribute("aria-busy");
    }
  }

  /** What was sealed before the page was opened may be recorded or not: this till keeps it, and the page is free. */
  async open() {
    if (this.basket.waiting.length) {
      const given = await this.#handOver().catch(() => []);
      if (given.length) this.#say("warn", this.words.count("taken-up", given.length));
    } else if (this.#leftOut()) this.#say("warn", this.#leftOut());
    await handOverAll().catch(() => {});
    await this.#showKept();
  }

  /* What a visit says of itself, whichever way it goes. */
  #about() {
    const { retailer, location, person, acting } = document.body.dataset;
    return { retailer, location, by: person || null, acting, customer: { id: this.till.dataset.customer } };
  }

  async #seal(reason, { alone }) {
    const before = new Set(keysOf(this.basket));
    await this.basket.seal({ ...reason, ...this.#about() }, { alone, nameOf: (line) => this.till.nameOf(line) });
    for (const key of keysOf(this.basket)) if (!before.has(key)) this.fresh.add(key);
  }

  /* The oldest first. Gives the last answer, or nothing where one of them goes another way. */
  async #sendAll() {
    let last;
    for (const visit of [...this.basket.waiting]) {
      const { body, lines } = visit;
      if (!navigator.onLine) return void (await this.#keep(visit, "kept-offline"));
      this.fresh.delete(body.key);
      last = await sendVisit(this.till.dataset.visitUrl, body);
      if (last.outcome === "unknown") return void (await this.#keep(visit, "kept-unanswered"));
      if (last.outcome === "recorded") leaveOut(lines.filter((line) => !line.product_id));
      if (last.outcome === "recorded" || last.outcome === "refused") await this.basket.settle(body.key);
      else return void (await this.#giveBack(last, body));
    }
    return last;
  }

  /* Where the browser keeps nothing, what was never sent is the basket again; what was may stand, and stays as it is. */
  async #keep({ body, lines }, word) {
    try {
      await this.#handOver();
    } catch {
      for (const key of keysOf(this.basket)) if (this.fresh.has(key)) await this.basket.reopen(key);
      this.till.show();
      const word = this.basket.waiting.length ? "cannot-keep-sent" : "cannot-keep";
      return this.#say("bad", this.words.say(word), { again: true });
    }
    this.#finish(document.getElementById("till-kept").content.cloneNode(true));
    this.#part("kept-words").textContent = this.words.say(word);
    this.#part("kept-items").textContent = lines.map(({ quantity, name }) => `${quantity} × ${name}`).join(", ");
    this.key = body.key;
  }

  #handOver() {
    return handOver(this.basket, this.#about(), (key) => this.fresh.has(key));
  }

  async #giveBack({ outcome, message }, body) {
    await this.basket.reopen(body.key);
    this.till.show();
    if (outcome === "signed out") return this.#say("bad", this.words.say("signed-out"), { go: window.location.href });
    if (outcome === "stale") return this.#say("bad", this.words.say("stale"), { go: window.location.href });
    return this.#say("bad", message ?? this.words.say("unfit"), { again: true });
  }

  #show({ fragment }) {
    return fragment.querySelector("#redemption") ? this.#redeem(fragment) : this.#finish(fragment);
  }

  /* The address becomes that of the second screen, so that a reload shows it again, and going back leads out of it. */
  async #redeem(fragment) {
    this.till.isDone = true;
    const { pageUrl, visit } = fragment.querySelector("#redemption").dataset;
    const address = `${pageUrl}?visit=${visit}`;
    try {
      const [{ dressed }] = await Promise.all([import("./dressed.js"), import("./redemption.js")]);
      await dressed(fragment);
    } catch {
      return window.location.replace(address); // the network went; the browser says so
    }
    history.replaceState(history.state, "", address);
    this.till.stops.forEach((stop) => stop()); // from here on the second screen listens
    for (const part of this.till.querySelectorAll("[data-until-finished]")) part.remove();
    this.till.append(fragment);
    const redemption = this.till.querySelector("#redemption");
    redemption.querySelector("#redemption-title").focus();
    if (this.basket.units) redemption.say("warn", `${this.#leftOut()} ${this.words.count("late", this.basket.units)}`.trim());
  }

  #finish(fragment) {
    this.till.isDone = true;
    import("./finished.js").catch(() => {}); // printing, and taking back
    const place = this.#part("finished");
    place.replaceChildren(fragment);
    this.till.classList.add("is-finished");
    for (const part of this.till.querySelectorAll("[data-until-finished]")) part.remove();
    place.querySelector("[tabindex='-1']")?.focus();
    const leftOut = this.#leftOut();
    const late = this.basket.units;
    if (late) this.#say("warn", `${leftOut} ${this.words.count("late", late)}`.trim(), { go: window.location.href });
    else if (leftOut) this.#say("warn", leftOut);
    else this.till.hush();
  }

  /* Which codes were left out of the visits that this page recorded; "" where none was. */
  #leftOut() {
    const codes = history.state?.leftOut ?? [];
    return codes.length ? this.words.count("left-out", codes.length, { codes: codes.map(shownCode).join(", ") }) : "";
  }

  /* What this till still keeps of this customer, in Today; once it is sent, the cards are asked for again. */
  async #showKept() {
    const kept = (await allKept().catch(() => [])).filter(({ body }) => body.customer.id === this.till.dataset.customer);
    const units = kept.flatMap(({ lines }) => lines).reduce((sum, line) => sum + line.quantity, 0);
    const isLess = units < (this.keptUnits ?? 0);
    this.keptUnits = units;
    if (this.till.isFinished) return void (this.key && !kept.some(({ body }) => body.key === this.key) && this.#sent());
    this.#part("waiting").hidden = !units;
    this.#part("waiting-words").textContent = this.words.count("waiting", units);
    if (isLess) this.till.preview.again();
  }

  /* What was kept a moment ago has been taken by the server. */
  #sent() {
    this.#part("kept-title").textContent = this.words.say("sent-title");
    this.#part("kept-words").textContent = this.words.say("sent");
  }

  #say(...said) {
    this.till.say(...said);
  }

  #part(name) {
    return this.till.querySelector(`[data-part="${name}"]`);
  }
}

function keysOf(basket) {
  return basket.waiting.map(({ body }) => body.key);
}

function leaveOut(lines) {
  const codes = new Set([...(history.state?.leftOut ?? []), ...lines.map((line) => line.code)]);
  if (codes.size) history.replaceState({ ...history.state, leftOut: [...codes] }, "");
}
