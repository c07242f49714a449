/* Why several units of one visit go onto the same card: asked once, at Check out. It is counted in the catalogue, so it
works without network. A scan that comes meanwhile goes into the basket; the question stays. */

export class Reasons {
  constructor({ dialog, basket, catalogue, words }) {
    Object.assign(this, { dialog, basket, catalogue, words });
    this.form = dialog.querySelector("form");
    this.form.addEventListener("submit", (event) => this.#take(event));
    this.form.addEventListener("change", () => this.#complain(""));
  }

  /** Resolves to `{ reason, reason_text? }`; to `{}` where there is nothing to ask, to null where the person went back. */
  async ask() {
    if (this.dialog.open) return null;
    if (!this.#crowded().length) return {};
    this.answer = null;
    this.form.reset();
    this.#complain("");
    this.show();
    this.dialog.showModal();
    this.form.elements.reason[0].focus();
    return new Promise((resolve) => {
      this.dialog.addEventListener("close", () => resolve(this.answer), { once: true });
    });
  }

  /** Says which cards it is about, as the basket is now. */
  show() {
    const cards = this.#crowded().map(({ title, units }) => this.words.say("reason-card", { count: units, title }));
    this.#part("reason-words").textContent = cards.join(" ");
  }

  #take(event) {
    const { reason, reason_text } = this.form.elements;
    const text = reason_text.value.trim();
    if (reason.value && (reason.value !== "other" || text)) {
      this.answer = { reason: reason.value, ...(reason.value === "other" ? { reason_text: text } : {}) };
      return;
    }
    event.preventDefault();
    this.#complain(this.words.say(reason.value ? "reason-text-missing" : "reason-missing"));
    (reason.value ? reason_text : reason[0]).focus();
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
