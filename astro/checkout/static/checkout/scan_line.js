/* The line under the scan bar: what happened last, and what can be done about it. It stays until the next thing does. */

const ICONS = { ok: "circle-check", plain: "circle-check", ready: "gift" };

export class ScanLine {
  constructor(till, words) {
    Object.assign(this, { till, words });
  }

  /** `kind` is ok, plain (done, of no consequence), ready, warn or bad. Offers Undo, Try again, or a way to go on to. */
  say(kind, text, { undo = false, again = false, go = null } = {}) {
    this.#part("line").className = `scan-line ${kind}`;
    this.#part("said-icon").replaceChildren(this.words.icon(ICONS[kind] ?? "alert-triangle"));
    this.#part("said").textContent = text;
    this.#part("undo").hidden = !undo;
    this.#part("again").hidden = !again;
    this.#part("go").hidden = !go;
    if (go) this.#part("go").href = go;
  }

  hush() {
    this.say("", "");
    this.#part("said-icon").replaceChildren();
  }

  get text() {
    return this.#part("said").textContent;
  }

  #part(name) {
    return this.till.querySelector(`[data-part="${name}"]`);
  }
}
