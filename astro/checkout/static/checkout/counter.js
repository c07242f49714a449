/* A counter: what is scanned goes into a basket, and Today shows it.

Two pages are counters: the till of one customer (till.js), and the till without network (offline.js). A scan (scan.js) is
looked up in the catalogue (catalogue.js), goes into the basket (basket.js), is drawn (lines.js), and said in the line
under the scan bar (scan_line.js). Nothing here waits for the server before the next scan; what few visits need is
fetched when the first one asks. */

import { listenForKeys } from "./keys.js";
import { amountOf, Lines, shownCode, shownName, shortened } from "./lines.js";
import { catchScans } from "./scan.js";
import { ScanLine } from "./scan_line.js";
import { Words } from "./words.js";

export class Counter extends HTMLElement {
  /** Whoever inherits puts `words`, `catalogue` and `basket` in place, then calls this. `programUrl` as in lines.js. */
  prepare({ programUrl } = {}) {
    this.scanLine = new ScanLine(this, this.words);
    this.lines = new Lines({
      list: this.part("lines"),
      template: document.getElementById("till-line"),
      words: this.words,
      catalogue: this.catalogue,
      programUrl,
    });
  }

  static words() {
    return new Words(document.getElementById("till-words"));
  }

  /* Goes when the visit is finished. */
  get box() {
    return this.part("box");
  }

  get isFinished() {
    return false;
  }

  /** `keys` as in keys.js; `others` are more `[target, name, act]` to listen to. */
  listen(keys, others = []) {
    const on = (target, name, act) => {
      target.addEventListener(name, act);
      return () => target.removeEventListener(name, act);
    };
    this.stops = [
      catchScans(document, { onScan: (scan) => this.inTurn(() => this.take(scan)) }),
      listenForKeys(document, {
        "/": () => this.box?.focus(),
        "?": () => document.getElementById("till-keys").showModal(),
        F9: () => this.undo(),
        Escape: () => this.escape(),
        "Ctrl+Enter": () => this.checkOut(),
        ...keys,
      }),
      on(this, "click", (event) => this.onClick(event)),
      on(this, "submit", (event) => this.onSubmit(event)),
      on(this, "change", (event) => event.target.closest('[data-part="paid"]') && this.pay(event.target)),
      on(this, "input", (event) => event.target === this.box && this.withSearch((search) => search.listMatches())),
      on(document, "visibilitychange", () => document.hidden || this.basket.open()),
      ...others.map((other) => on(...other)),
    ];
  }

  disconnectedCallback() {
    this.stops.forEach((stop) => stop());
  }

  /* Scans and checkouts happen one after the other, in the order in which they came. */
  inTurn(act) {
    this.turn = this.turn.then(act);
    return this.turn;
  }

  // What is scanned or typed

  take({ text, gtin, code, problem }) {
    if (code) return this.openCode(code);
    if (problem === "letters") return this.takeLetters(text);
    if (problem) return this.say("bad", this.words.say(problemWord(problem, text), { text: shortened(text) }));
    const product_id = this.catalogue.withCode(gtin);
    return this.addToBasket(product_id ? { product_id } : { code: gtin });
  }

  addToBasket(thing) {
    if (this.naming) return this.nameLine(thing);
    const before = this.basket.units;
    const once = this.asksPaid(thing) && this.basket.lines.find((one) => one.product_id === thing.product_id);
    if (once) {
      this.focusPaid(once);
      return this.say("warn", this.words.say("paid-once", { name: this.nameOf(once) }));
    }
    const line = this.basket.add(thing);
    this.show();
    this.lines.point(line);
    if (this.basket.units === before) return this.say("warn", this.words.say("too-many"));
    this.sayAdded(line);
    if (this.asksPaid(line)) this.focusPaid(line);
  }

  // What was paid, where a cash-back card asks

  asksPaid({ product_id }) {
    return Boolean(this.catalogue.product(product_id)?.asks_paid);
  }

  focusPaid({ key }) {
    const input = this.part("lines").querySelector(`[data-key="${key}"] [data-part="paid"] input`);
    input?.focus();
    input?.select();
  }

  pay(input) {
    const line = this.basket.lines.find((one) => one.key === input.closest("[data-key]").dataset.key);
    const cents = amountOf(input.value);
    const isWrong = cents === null && input.value.trim() !== "";
    input.setAttribute("aria-invalid", String(isWrong));
    if (isWrong) return this.say("bad", this.words.say("paid-wrong"));
    this.basket.pay(line, cents);
    this.show();
    if (cents !== null) this.say("ok", this.words.say("paid", { name: this.nameOf(line), amount: input.value.trim() }));
  }

  /** Whether a line still misses what was paid: then its field has the focus, and the line says so. */
  missesPaid() {
    const open = [...this.querySelectorAll('[data-part="paid"]:not([hidden]) input')].find(
      (input) => amountOf(input.value) === null,
    );
    if (!open) return false;
    open.focus();
    this.say("warn", this.words.say("paid-missing"));
    return true;
  }

  sayAdded(line) {
    const product = this.catalogue.product(line.product_id);
    if (!product) return this.say("warn", this.words.say("unknown", { code: shownCode(line.code) }), { undo: true });
    const { cards, missed } = product;
    const word = cards.length ? "added" : missed ? "added-missed" : "added-no-program";
    const text = this.words.say(word, { name: shownName(product), program: missed?.title });
    this.added = { id: cards[0]?.id, text };
    this.say(cards.length ? "ok" : missed ? "warn" : "plain", text, { undo: true });
  }

  startNaming(line) {
    this.naming = line.key;
    this.say("warn", this.words.say("naming", { code: shownCode(line.code) }));
    this.box.focus();
  }

  nameLine({ product_id }) {
    const line = this.basket.lines.find((one) => one.key === this.naming);
    this.naming = null;
    if (!product_id || !line) return this.say("warn", this.words.say("still-unknown"));
    const named = this.basket.name(line, product_id);
    this.show();
    this.lines.point(named);
    this.sayAdded(named);
  }

  onSubmit(event) {
    if (event.target !== this.part("search")) return;
    event.preventDefault();
    this.withSearch((search) => search.submit());
  }

  withSearch(act) {
    this.searching ??= import("./search.js").then(({ Search }) => new Search(this));
    return this.searching.then(act, () => (this.searching = null));
  }

  clearBox() {
    this.box.value = "";
    this.part("matches").replaceChildren();
    this.part("matches").hidden = true;
    if (document.activeElement === this.box) this.box.blur();
  }

  /** Esc, where there is something to leave at the box. */
  leaveBox() {
    if (this.naming) {
      this.naming = null;
      this.clearBox();
      this.hush();
    } else if (this.box?.value) this.clearBox();
    else if (document.activeElement === this.box) this.toPage();
    else return false;
    return true;
  }

  // Buttons

  /** What buttons do, by their `data-act`; `line` is the one that they stand in. */
  acts(button, line) {
    return {
      name: () => line && this.startNaming(line),
      skip: () => line && this.step(line, -line.quantity),
      undo: () => this.undo(),
      decline: () => this.decline(button.dataset.offer, true),
      "take-part": () => this.decline(button.dataset.offer, false),
      "check-out": () => this.checkOut(),
      again: () => this.checkOut(),
    };
  }

  onClick(event) {
    const button = event.target.closest("button, a");
    if (!button) return;
    const line = this.basket.lines.find((one) => one.key === button.closest("[data-key]")?.dataset.key);
    const act = this.acts(button, line)[button.dataset.act];
    if (act && button.href) event.preventDefault();
    if (button.dataset.step && line) this.step(line, Number(button.dataset.step));
    else if (button.dataset.product) {
      this.addToBasket({ product_id: button.dataset.product });
      if (button.closest('[data-part="matches"]')) this.clearBox();
    } else if (act) act();
    else return;
    if (event.detail > 0 && !this.naming) this.toPage();
  }

  decline(card, isDeclined) {
    this.basket.decline(card, isDeclined);
    this.show();
    this.say("ok", this.words.say(isDeclined ? "declined" : "takes-part"));
  }

  step(line, by) {
    if (line.quantity + by <= 0) this.basket.remove(line);
    else this.basket.add(line, by);
    const rest = this.basket.lines.find((one) => one.key === line.key);
    this.show();
    if (!rest) {
      this.part("today").focus({ preventScroll: true });
      this.say("ok", this.words.say("removed", { name: this.nameOf(line) }), { undo: true });
    } else {
      this.say("ok", this.words.say("counted", { name: this.nameOf(line), count: rest.quantity }), { undo: true });
    }
  }

  undo() {
    if (this.isFinished) return;
    const moves = this.basket.undo();
    this.show();
    if (!moves) return this.say("warn", this.words.say("nothing-to-undo"));
    this.say("ok", this.words.say("undone", { name: this.nameOf(moves.at(-1)[0]) }));
  }

  // Check out

  /** Why several units go onto one card, where that is so, and what the store asks besides:
   *  `{ reason?, reason_text?, answers? }`, or null to go back. */
  async askReason() {
    if (!this.catalogue.crowded(this.basket.lines).length && !this.catalogue.fields("visit").length) return {};
    try {
      const { Reasons } = await import("./reasons.js");
      this.reasons ??= new Reasons({ dialog: document.getElementById("till-reason"), ...this.tools });
    } catch {
      return {}; // what was bought is never lost over a question
    }
    return this.reasons.ask();
  }

  get tools() {
    const { basket, catalogue, words } = this;
    return { basket, catalogue, words };
  }

  // What is shown

  nameOf({ product_id, code }) {
    const product = this.catalogue.product(product_id) ?? this.catalogue.formerProduct(product_id);
    return product ? shownName(product) : shownCode(code ?? "");
  }

  say(...said) {
    this.scanLine.say(...said);
  }

  hush() {
    this.scanLine.hush();
  }

  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  /** The focus goes to the page: never stays on a button that a key could press. */
  toPage() {
    if (this.contains(document.activeElement)) document.activeElement.blur();
  }
}

function problemWord(problem, text) {
  if (problem === "length" && text.replace(/\D/g, "").length === 11) return "eleven-digits";
  return problem.replace(" ", "-");
}
