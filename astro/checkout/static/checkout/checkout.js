/* Checking out: a basket is sealed, sent until there is an answer, and what came of it is shown.

A visit that waits, because no answer came or the page went away, is sent again as it is. Where it earned a reward, or one
waited, the second screen (redemption.js) takes the till's place; else the visit is finished. Codes that nobody knew are left
out of a visit; which ones, the page says as long as the person stays at it, reloaded or not: the browser keeps them with
the page's entry in its history. */

import { shownCode } from "./lines.js";
import "./finished.js";
import { sendVisit } from "./visits.js";

export class Checkout {
  /** `say(kind, text, offer)` and `hush()` write the line under the scan bar; `show()` draws the basket again. */
  constructor(till, { basket, words, say, hush, show }) {
    Object.assign(this, { till, basket, words, say, hush, show });
    this.isSending = false;
    this.isFinished = false;
  }

  /** Fixes the basket as a visit that waits to be sent, with why several units go onto one card; or says why it cannot. */
  async seal(reason) {
    if (this.isFinished || this.isSending) return;
    const { known, waiting, lines } = this.basket;
    if (!known.length && !waiting.length) this.say("warn", this.words.say(lines.length ? "only-unknown" : "nothing-yet"));
    else if (!navigator.onLine) this.say("bad", this.words.say("offline"), { again: true });
    else if (known.length) await this.basket.seal(reason);
  }

  /** Sends what waits, and finishes with the last answer. */
  async send() {
    if (!this.basket.waiting.length || !navigator.onLine) return;
    const last = await this.#sendAll();
    if (last?.fragment) await this.#show(last);
  }

  /** The same for what was sealed before the page was opened, or before the network went: the till goes on. */
  async sendWaiting() {
    if (!this.basket.waiting.length) return;
    const last = await this.#sendAll();
    if (last?.outcome === "recorded" && last.fragment.querySelector("#finished")) window.location.reload();
    else if (last?.fragment) await this.#show(last);
  }

  /** Which codes were left out of the visits that this page recorded; "" where none was. */
  leftOut() {
    const codes = history.state?.leftOut ?? [];
    return codes.length ? this.words.count("left-out", codes.length, { codes: codes.map(shownCode).join(", ") }) : "";
  }

  /* The oldest first. Gives the last answer, or nothing when one of them must be tried again. */
  async #sendAll() {
    if (this.isSending || this.isFinished) return undefined;
    this.isSending = true;
    this.#part("check-out").setAttribute("aria-busy", "true");
    let last;
    try {
      for (const { body, lines } of [...this.basket.waiting]) {
        last = await sendVisit(this.till.dataset.visitUrl, body);
        if (last.outcome === "recorded") leaveOut(lines.filter((line) => !line.product_id));
        if (last.outcome === "recorded" || last.outcome === "refused") await this.basket.settle(body.key);
        else return void (await this.#explain(last, body));
      }
      return last;
    } finally {
      this.isSending = false;
      this.#part("check-out")?.removeAttribute("aria-busy");
    }
  }

  async #explain({ outcome, message }, body) {
    if (outcome === "unknown") {
      this.show();
      return this.say("bad", this.words.say("no-answer"), { again: true });
    }
    await this.basket.reopen(body.key);
    this.show();
    if (outcome === "signed out") return this.say("bad", this.words.say("signed-out"), { go: window.location.href });
    if (outcome === "stale") return this.say("bad", this.words.say("stale"), { go: window.location.href });
    return this.say("bad", message ?? this.words.say("unfit"), { again: true });
  }

  #show({ fragment }) {
    this.isFinished = true;
    return fragment.querySelector("#redemption") ? this.#redeem(fragment) : this.#finish(fragment);
  }

  /* The address becomes that of the second screen, so that a reload shows it again, and going back leads out of it. */
  async #redeem(fragment) {
    const { pageUrl, visit } = fragment.querySelector("#redemption").dataset;
    const address = `${pageUrl}?visit=${visit}`;
    try {
      await (await import("./redemption.js")).dressed(fragment);
    } catch {
      return window.location.replace(address); // the network went; the browser says so
    }
    history.replaceState(history.state, "", address);
    this.till.stops.forEach((stop) => stop()); // from here on the second screen listens
    for (const part of this.till.querySelectorAll("[data-until-finished]")) part.remove();
    this.till.append(fragment);
    const redemption = this.till.querySelector("#redemption");
    redemption.querySelector("#redemption-title").focus();
    if (this.basket.units) redemption.say("warn", `${this.leftOut()} ${this.words.count("late", this.basket.units)}`.trim());
  }

  #finish(fragment) {
    const place = this.#part("finished");
    place.replaceChildren(fragment);
    this.till.classList.add("is-finished");
    for (const part of this.till.querySelectorAll("[data-until-finished]")) part.remove();
    place.querySelector("[tabindex='-1']")?.focus();
    const leftOut = this.leftOut();
    const late = this.basket.units;
    if (late) this.say("warn", `${leftOut} ${this.words.count("late", late)}`.trim(), { go: window.location.href });
    else if (leftOut) this.say("warn", leftOut);
    else this.hush();
  }

  #part(name) {
    return this.till.querySelector(`[data-part="${name}"]`);
  }
}

function leaveOut(lines) {
  const codes = new Set([...(history.state?.leftOut ?? []), ...lines.map((line) => line.code)]);
  if (codes.size) history.replaceState({ ...history.state, leftOut: [...codes] }, "");
}
