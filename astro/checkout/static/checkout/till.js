/* The till: one customer, one basket.

`<astro-till>` puts the parts together: a scan (scan.js) is looked up in the catalogue (catalogue.js), goes into the
basket (basket.js), is drawn (lines.js), and said in the line under the scan bar. The server is asked for the cards as
they would be (visits.js), and for the checkout (checkout.js). Nothing here waits for the server before the next scan. */

import { Basket } from "./basket.js";
import { Catalogue } from "./catalogue.js";
import { Checkout } from "./checkout.js";
import { listenForKeys } from "./keys.js";
import { Lines, shownCode, shownName } from "./lines.js";
import { catchScans, readScan } from "./scan.js";
import { previewCards } from "./visits.js";
import { Words } from "./words.js";

const OLD_BASKET = 12 * 60 * 60 * 1000;
const SEARCH_FROM = 2;

class AstroTill extends HTMLElement {
  connectedCallback() {
    const { customer, location, catalogueUrl } = this.dataset;
    this.words = new Words(document.getElementById("till-words"));
    this.catalogue = new Catalogue({ url: catalogueUrl, place: location });
    this.basket = new Basket({
      customer,
      location,
      onChange: () => this.show(),
      onTrouble: () => this.say("warn", this.words.say("not-kept")),
    });
    this.lines = new Lines({
      list: this.part("lines"),
      template: document.getElementById("till-line"),
      words: this.words,
      catalogue: this.catalogue,
    });
    this.checkout = new Checkout(this, {
      basket: this.basket,
      words: this.words,
      say: (...said) => this.say(...said),
      hush: () => this.hush(),
      show: () => this.show(),
    });
    this.turn = this.open();
    this.listen();
  }

  /* Goes when the visit is finished. */
  get box() {
    return this.part("box");
  }

  get isFinished() {
    return this.checkout.isFinished;
  }

  disconnectedCallback() {
    this.stops.forEach((stop) => stop());
  }

  listen() {
    const on = (target, name, act) => {
      target.addEventListener(name, act);
      return () => target.removeEventListener(name, act);
    };
    this.stops = [
      catchScans(document, { onScan: (scan) => this.inTurn(() => this.take(scan)) }),
      listenForKeys(document, {
        "/": () => this.box?.focus(),
        "?": () => document.getElementById("till-keys").showModal(),
        F2: () => this.leave(this.dataset.lookUpUrl),
        F8: () => this.leave(this.dataset.newCustomerUrl),
        F9: () => this.undo(),
        Escape: () => this.escape(),
        "Ctrl+Enter": () => this.checkOut(),
      }),
      on(this, "click", (event) => this.onClick(event)),
      on(this, "submit", (event) => this.onSubmit(event)),
      on(this, "input", (event) => event.target === this.box && this.listMatches()),
      on(window, "online", () => this.onOnline()),
      on(window, "pageshow", (event) => event.persisted && window.location.reload()),
      on(document, "visibilitychange", () => document.hidden || this.basket.open()),
    ];
  }

  async open() {
    const [hasCatalogue] = await Promise.all([this.catalogue.open(), this.basket.open()]);
    if (!hasCatalogue) this.say("bad", this.words.say("no-catalogue"));
    this.show();
    const leftOut = this.checkout.leftOut();
    if (leftOut) this.say("warn", leftOut);
    if (this.basket.waiting.length) await this.checkout.sendWaiting();
    else if (!leftOut && Date.now() - (this.basket.startedAt ?? Infinity) > OLD_BASKET) {
      this.say("warn", this.words.say("old-basket", { day: longDay(this.basket.startedAt) }));
    }
  }

  /* Scans and checkouts happen one after the other, in the order in which they came. */
  inTurn(act) {
    this.turn = this.turn.then(act);
    return this.turn;
  }

  // What is scanned or typed

  take({ text, gtin, code, problem }) {
    if (code) return this.openCode(code);
    if (problem) {
      const go = problem === "letters" ? this.codeUrl(text) : null; // the card of an earlier system, perhaps
      return this.say("bad", this.words.say(problemWord(problem, text), { text: shortened(text) }), { go });
    }
    const product_id = this.catalogue.withCode(gtin);
    return this.addToBasket(product_id ? { product_id } : { code: gtin });
  }

  addToBasket(thing) {
    if (this.isFinished) return this.say("warn", this.words.say("finished"));
    if (this.naming) return this.nameLine(thing);
    const before = this.basket.units;
    const line = this.basket.add(thing);
    this.show();
    this.lines.point(line);
    if (this.basket.units === before) return this.say("warn", this.words.say("too-many"));
    this.sayAdded(line);
  }

  sayAdded(line) {
    const product = this.catalogue.product(line.product_id);
    if (!product) return this.say("warn", this.words.say("unknown", { code: shownCode(line.code) }), { undo: true });
    const word = product.cards.length ? "added" : "added-no-program";
    this.added = { id: product.cards[0]?.id, text: this.words.say(word, { name: shownName(product) }) };
    this.say(product.cards.length ? "ok" : "warn", this.added.text, { undo: true });
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

  openCode(code) {
    const go = this.codeUrl(code);
    if (!this.basket.lines.length || this.isFinished) return window.location.assign(go);
    this.say("warn", this.words.count("other-customer", this.basket.units), { go });
  }

  codeUrl(code) {
    return this.dataset.codeUrl + encodeURIComponent(code);
  }

  onSubmit(event) {
    if (event.target !== this.part("search")) return;
    event.preventDefault();
    const text = this.box.value.trim();
    if (!text) return;
    const scan = readScan(text);
    const matches = scan.problem === "letters" ? this.catalogue.search(text) : [];
    if (matches.length > 1) {
      this.listMatches();
      this.part("matches").querySelector("button").focus();
      return;
    }
    if (matches.length === 0 && scan.problem === "letters") {
      this.say("warn", this.words.say("no-match", { text: shortened(text) }));
      return;
    }
    this.inTurn(() => (matches.length ? this.addToBasket({ product_id: matches[0].id }) : this.take(scan)));
    this.clearBox();
  }

  listMatches() {
    const text = this.box.value.trim();
    const isName = text.length >= SEARCH_FROM && readScan(text).problem === "letters";
    const rows = (isName ? this.catalogue.search(text) : []).map((product) => {
      const row = document.getElementById("till-match").content.firstElementChild.cloneNode(true);
      row.querySelector("button").dataset.product = product.id;
      row.querySelector("strong").textContent = shownName(product);
      row.querySelector("[data-part=brand]").textContent = product.name.startsWith(product.brand) ? "" : product.brand;
      row.querySelector("[data-part=card]").textContent =
        product.cards.map((card) => card.title).join(" · ") || this.words.say("no-program");
      return row;
    });
    this.part("matches").replaceChildren(...rows);
    this.part("matches").hidden = !rows.length;
  }

  clearBox() {
    this.box.value = "";
    this.listMatches();
    this.toPage();
  }

  // Buttons

  onClick(event) {
    const button = event.target.closest("button, a");
    if (!button) return;
    const line = this.basket.lines.find((one) => one.key === button.closest("[data-key]")?.dataset.key);
    if (button.dataset.step && line) this.step(line, Number(button.dataset.step));
    else if (button.dataset.product) {
      this.addToBasket({ product_id: button.dataset.product });
      this.clearBox();
    } else if (button.dataset.act === "name" && line) this.startNaming(line);
    else if (button.dataset.act === "skip" && line) this.step(line, -line.quantity);
    else if (button.dataset.act === "undo") this.undo();
    else if (button.dataset.act === "again") this.checkOut();
    else if (button.dataset.act === "check-out") this.checkOut();
    else if (button.dataset.act === "leave") {
      event.preventDefault();
      this.leave(button.href);
      return;
    } else return;
    if (event.detail > 0 && !this.naming) this.toPage();
  }

  step(line, by) {
    if (line.quantity + by <= 0) this.basket.remove(line);
    else this.basket.add(line, by);
    const rest = this.basket.lines.find((one) => one.key === line.key);
    this.show();
    if (!rest) {
      this.part("lines").focus({ preventScroll: true });
      this.say("ok", this.words.say("removed", { name: this.nameOf(line) }), { undo: true });
    } else {
      this.say("ok", this.words.say("counted", { name: this.nameOf(line), count: rest.quantity }), { undo: true });
    }
  }

  startNaming(line) {
    this.naming = line.key;
    this.say("warn", this.words.say("naming", { code: shownCode(line.code) }));
    this.box.focus();
  }

  undo() {
    if (this.isFinished) return;
    const moves = this.basket.undo();
    this.show();
    if (!moves) return this.say("warn", this.words.say("nothing-to-undo"));
    this.say("ok", this.words.say("undone", { name: this.nameOf(moves.at(-1)[0]) }));
  }

  escape() {
    if (this.naming) {
      this.naming = null;
      this.clearBox();
      this.hush();
    } else if (this.box?.value) this.clearBox();
    else if (document.activeElement === this.box) this.toPage();
    else this.leave(this.dataset.lookUpUrl);
  }

  /** Goes to another page; with a basket on the counter only after asking, in line. The basket stays with its customer. */
  leave(url) {
    if (!this.basket.lines.length || this.isFinished) window.location.assign(url);
    else this.say("warn", this.words.count("leaving", this.basket.units), { go: url });
  }

  // Check out

  async checkOut() {
    if (this.isFinished) return window.location.assign(this.dataset.lookUpUrl);
    this.toPage();
    await this.inTurn(() => this.checkout.seal()); // what comes while the server thinks is the next basket
    await this.checkout.send();
  }

  onOnline() {
    this.checkout.sendWaiting();
    this.previewed = null;
    this.preview();
  }

  // What is shown

  show() {
    if (this.isFinished) return;
    this.lines.draw(this.basket.lines, (card) => this.filled(card));
    const recorded = [...this.querySelectorAll("[data-recorded]")];
    const units = recorded.reduce((sum, row) => sum + Number(row.dataset.recorded), this.basket.units);
    this.part("count").textContent = units ? this.words.count("items", units) : "";
    this.part("empty").hidden = units > 0;
    const waiting = this.basket.waiting.flatMap((visit) => visit.body.lines);
    const waitingUnits = waiting.reduce((sum, line) => sum + line.quantity, 0);
    this.part("waiting").hidden = !waitingUnits;
    this.part("waiting-words").textContent = this.words.count("waiting", waitingUnits);
    this.preview();
  }

  /* The cards as they would be. One question at a time; a change while it is out asks again. */
  async preview() {
    const lines = this.basket.known.map(({ key, product_id, quantity }) => ({ key, product_id, quantity }));
    const asked = JSON.stringify(lines);
    if (asked === this.previewed || this.isPreviewing || this.isFinished) return;
    if (this.previewed === undefined && !lines.length) return void (this.previewed = asked);
    this.isPreviewing = true;
    const cards = await previewCards(this.dataset.previewUrl, lines);
    this.isPreviewing = false;
    this.previewed = asked;
    if (this.isFinished) return;
    if (cards) this.querySelector("#cards").replaceWith(cards);
    this.part("stale").hidden = Boolean(cards);
    this.lines.draw(this.basket.lines, (card) => this.filled(card));
    this.showSums();
    this.preview();
  }

  showSums() {
    const fresh = [...this.querySelectorAll("[data-card]")];
    const sum = (name) => fresh.reduce((total, one) => total + Number(one.dataset[name]), 0);
    const [punches, rewards] = [sum("pending"), sum("rewards")];
    this.part("punches").textContent = punches ? this.words.count("punches", punches) : "";
    this.part("rewards").textContent = rewards ? this.words.count("rewards", rewards) : "";
    if (this.added && this.filled(this.added.id)?.kind === "ready" && this.part("said").textContent === this.added.text) {
      this.say("ready", `${this.added.text} ${this.words.say("card-full")}`, { undo: true });
    }
  }

  /* What the last preview says of a card that this basket fills. */
  filled(card) {
    const told = card && this.querySelector(`[data-card="${card}"]`);
    return told ? { text: told.textContent, kind: told.dataset.kind } : undefined;
  }

  nameOf({ product_id, code }) {
    const product = this.catalogue.product(product_id);
    return product ? shownName(product) : shownCode(code ?? "");
  }

  /** Says what happened in the line under the scan bar, where it stays until the next thing does. */
  say(kind, text, { undo = false, again = false, go = null } = {}) {
    const icons = { ok: "circle-check", ready: "gift" };
    this.part("line").className = `scan-line ${kind}`;
    this.part("said-icon").replaceChildren(this.words.icon(icons[kind] ?? "alert-triangle"));
    this.part("said").textContent = text;
    this.part("undo").hidden = !undo;
    this.part("again").hidden = !again;
    this.part("go").hidden = !go;
    if (go) this.part("go").href = go;
  }

  hush() {
    this.say("", "");
    this.part("said-icon").replaceChildren();
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

function shortened(text) {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function longDay(time) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" }).format(time);
}

customElements.define("astro-till", AstroTill);
