/* What is asked at Check Out, all at once: why several units of one visit go onto the same card, and the fields of the
store's own. Both are known from the catalogue, so it works without network. A scan that comes meanwhile goes into the
basket; the question stays. */

import { Fields } from "./fields.js";

export class Reasons {
  constructor({ dialog, basket, catalogue, words }) {
    Object.assign(this, { dialog, basket, catalogue, words });
    this.form = dialog.querySelector("form");
    this.fields = new Fields({ root: dialog, words, prefix: "visit" });
    this.form.addEventListener("submit", (event) => this.#take(event));
    this.form.addEventListener("change", () => this.#complain(""));
  }

  /** Resolves to `{ reason?, reason_text?, answers? }`; to `{}` where there is nothing to ask, to null where the person went
   *  back. What was answered for this basket before, and came to nothing, is filled in. */
  async ask() {
    if (this.dialog.open) return null;
    const fields = this.catalogue.fields("visit");
    if (!this.#crowded().length && !fields.length) return {};
    this.answer = null;
    this.form.reset();
    this.fields.draw(fields, this.key === this.basket.key ? this.given : []);
    this.key = this.basket.key;
    this.given = [];
    this.#complain("");
    this.show();
    this.dialog.showModal();
    (this.fields.first ?? this.form.elements.reason[0]).focus();
    return new Promise((resolve) => {
      this.dialog.addEventListener("close", () => resolve(this.#done()), { once: true });
    });
  }

  /** Says which cards it is about, as the basket is now. */
  show() {
    const crowded = this.#crowded();
    const cards = crowded.map(({ title, units }) => this.words.say("reason-card", { count: units, title }));
    this.#part("reason").hidden = !crowded.length;
    this.#part("reason-words").textContent = cards.join(" ");
    const hasFields = this.fields.fields.length > 0;
    this.#part("heading-reason").hidden = hasFields;
    this.#part("heading-fields").hidden = !hasFields;
  }

  #done() {
    this.given = this.fields.answers;
    return this.answer;
  }

  #take(event) {
    const { reason, reason_text } = this.form.elements;
    const isCrowded = this.#crowded().length > 0;
    const text = reason_text.value.trim();
    if (!this.fields.isAnswered()) return event.preventDefault();
    if (!isCrowded || (reason.value && (reason.value !== "other" || text))) {
      const { answers } = this.fields;
      this.answer = {
        ...(isCrowded && { reason: reason.value }),
        ...(isCrowded && reason.value === "other" && { reason_text: text }),
        ...(answers.length && { answers }),
      };
      return undefined;
    }
    event.preventDefault();
    this.#complain(this.words.say(reason.value ? "reason-text-missing" : "reason-missing"));
    return (reason.value ? reason_text : reason[0]).focus();
  }

  #complain(text) {
    this.#part("reason-error").textContent = text;
  }

  #crowded() {
    return this.catalogue.crowded(this.basket.lines);
  }

  #part(name) {
    return this.dialog.querySelector(`[data-part="${name}"]`);
  }
}
