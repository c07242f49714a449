/* The till: one customer, one basket.

`<astro-till>` puts the parts together: a scan (scan.js) is looked up in the catalogue (catalogue.js), goes into the
basket (basket.js), is drawn (lines.js), and said in the line under the scan bar (scan_line.js). The server is asked for
the page as it would be (preview.js), and for the checkout (checkout.js). Nothing here waits for the server before the
next scan. */

import { Basket } from "./basket.js";
import { Catalogue } from "./catalogue.js";
import { Checkout } from "./checkout.js";
import { listenForKeys } from "./keys.js";
import { Lines, shownCode, shownName } from "./lines.js";
import { watch } from "./presence.js";
import { Preview } from "./preview.js";
import { Reasons } from "./reasons.js";
import { Recorded } from "./recorded.js";
import { catchScans } from "./scan.js";
import { ScanLine } from "./scan_line.js";
import { Search, shortened } from "./search.js";
import { uuid7 } from "./uuid7.js";
import { Words } from "./words.js";

const OLD_BASKET = 12 * 60 * 60 * 1000;

class AstroTill extends HTMLElement {
  connectedCallback() {
    const { customer, location, catalogueUrl, previewUrl, programUrl } = this.dataset;
    const words = (this.words = new Words(document.getElementById("till-words")));
    const catalogue = (this.catalogue = new Catalogue({ url: catalogueUrl, place: location }));
    const basket = (this.basket = new Basket({
      customer,
      location,
      onChange: () => this.show(),
      onTrouble: () => this.say("warn", words.say("not-kept")),
    }));
    this.scanLine = new ScanLine(this, words);
    const say = (...said) => this.say(...said);
    const onItem = (product_id) => this.inTurn(() => this.addToBasket({ product_id }));
    this.lines = new Lines({
      list: this.part("lines"),
      template: document.getElementById("till-line"),
      words,
      catalogue,
      programUrl: (id) => programUrl?.replace("/0/", `/${id}/`),
    });
    this.preview = new Preview(this, { url: previewUrl, basket, onShown: (isFresh) => this.onPreview(isFresh) });
    this.search = new Search({
      box: this.part("box"),
      list: this.part("matches"),
      template: document.getElementById("till-match"),
      catalogue,
      words,
      say,
      onItem,
      onScan: (scan) => this.inTurn(() => this.take(scan)),
    });
    this.reasons = new Reasons({ dialog: document.getElementById("till-reason"), basket, catalogue, words });
    this.recorded = new Recorded({ words, say, onRemoved: (...removed) => this.onRemoved(...removed) });
    this.checkout = new Checkout(this, { basket, words, say, hush: () => this.hush(), show: () => this.show() });
    this.turn = this.open();
    this.listen();
    this.presence = watch({
      url: this.dataset.hereUrl,
      page: uuid7(),
      version: this.dataset.version,
      onOthers: (others) => this.tellOthers(others),
      onChanged: () => this.onElsewhere(),
    });
  }

  /* Goes when the visit is finished. */
  get box() {
    return this.part("box");
  }

  /* Finished, or the second screen has taken the place of this one. */
  get isFinished() {
    return this.checkout.isFinished || !this.part("today");
  }

  disconnectedCallback() {
    this.stops.forEach((stop) => stop());
    this.presence.stop();
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
        F4: () => this.redeem(),
        F8: () => this.leave(this.dataset.newCustomerUrl),
        F9: () => this.undo(),
        Escape: () => this.escape(),
        "Ctrl+Enter": () => this.checkOut(),
      }),
      on(this, "click", (event) => this.onClick(event)),
      on(this, "submit", (event) => this.onSubmit(event)),
      on(this, "input", (event) => event.target === this.box && this.search.listMatches()),
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
    const { cards, missed } = product;
    const word = cards.length ? "added" : missed ? "added-missed" : "added-no-program";
    const text = this.words.say(word, { name: shownName(product), program: missed?.title });
    this.added = { id: cards[0]?.id, text };
    this.say(cards.length ? "ok" : missed ? "warn" : "plain", text, { undo: true });
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
    this.search.submit();
  }

  // Buttons

  onClick(event) {
    const button = event.target.closest("button, a");
    if (!button) return;
    const line = this.basket.lines.find((one) => one.key === button.closest("[data-key]")?.dataset.key);
    const acts = {
      name: () => line && this.startNaming(line),
      skip: () => line && this.step(line, -line.quantity),
      remove: () => this.presence.mine(this.recorded.remove(button)),
      undo: () => this.undo(),
      again: () => this.checkOut(),
      "check-out": () => this.checkOut(),
      browse: () => this.openList("browse"),
      offers: () => this.openList("offers"),
      redeem: () => this.redeem(),
      leave: () => this.leave(button.href),
      open: () => this.basket.saved.then(() => window.location.assign(button.href)), // and back to this customer
    };
    const act = acts[button.dataset.act];
    if (act && button.href) event.preventDefault();
    if (button.dataset.step && line) this.step(line, Number(button.dataset.step));
    else if (button.dataset.product) {
      this.addToBasket({ product_id: button.dataset.product });
      if (button.closest('[data-part="matches"]')) this.search.clear();
    } else if (act) act();
    else return;
    if (event.detail > 0 && !this.naming) this.toPage();
  }

  /* Lists that few visits need are fetched when the first one asks. */
  async openList(name) {
    const { dialogs } = await import("./dialogs.js").catch(() => ({}));
    if (!dialogs) return this.say("bad", this.words.say("no-answer"));
    this.dialogs ??= dialogs(this);
    return this.dialogs[name].open();
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

  /* Undo puts them into the basket, to be checked out again. */
  onRemoved(thing, units, fragment) {
    if (this.basket.known.length) this.preview.again();
    else this.preview.put(fragment);
    this.basket.takenBack(thing, units);
    this.show();
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
      this.search.clear();
      this.hush();
    } else if (this.box?.value) this.search.clear();
    else if (document.activeElement === this.box) this.toPage();
    else this.leave(this.dataset.lookUpUrl);
  }

  /** Goes to another page; with a basket on the counter only after asking, in line. The basket stays with its customer. */
  leave(url) {
    if (!this.basket.lines.length || this.isFinished) window.location.assign(url);
    else this.say("warn", this.words.count("leaving", this.basket.units), { go: url });
  }

  // Rewards and check out

  get hasReward() {
    return Boolean(this.querySelector("#band")?.dataset.ready);
  }

  /** To the rewards; what stands in the basket is checked out first. */
  redeem() {
    const { known, waiting } = this.basket;
    if (this.isFinished || known.length || waiting.length) this.checkOut();
    else if (this.hasReward) window.location.assign(this.dataset.redeemUrl);
    else this.say("warn", this.words.say("no-reward"));
  }

  async checkOut() {
    if (this.isFinished) return window.location.assign(this.dataset.lookUpUrl);
    this.toPage();
    if (!this.basket.lines.length && !this.basket.waiting.length && this.hasReward) return this.redeem();
    const reason = await this.reasons.ask();
    if (!reason) return;
    await this.inTurn(() => this.checkout.seal(reason)); // what comes while the server thinks is the next basket
    await this.presence.mine(this.checkout.send());
    if (!this.isFinished) this.refreshCatalogue(); // whatever the server did not like may have changed there
  }

  onOnline() {
    this.checkout.sendWaiting();
    this.preview.again();
  }

  // What is shown

  show() {
    if (this.isFinished) return;
    this.draw();
    const recorded = [...this.querySelectorAll("[data-recorded]")];
    const units = recorded.reduce((sum, row) => sum + Number(row.dataset.recorded), this.basket.units);
    this.part("count").textContent = units ? this.words.count("items", units) : "";
    this.part("empty").hidden = recorded.length + this.basket.lines.length > 0;
    const waiting = this.basket.waiting.flatMap((visit) => visit.body.lines);
    const waitingUnits = waiting.reduce((sum, line) => sum + line.quantity, 0);
    this.part("waiting").hidden = !waitingUnits;
    this.part("waiting-words").textContent = this.words.count("waiting", waitingUnits);
    this.reasons.show();
    this.preview.ask();
  }

  draw() {
    this.lines.draw(this.basket.lines, (card) => this.preview.filled(card));
  }

  onPreview(isFresh) {
    this.draw();
    const { punches, earns } = this.preview;
    this.part("punches").textContent = isFresh && punches ? this.words.count("punches", punches) : "";
    this.part("rewards").textContent = isFresh ? earns : "";
    this.part("stale").hidden = isFresh;
    if (!isFresh) return;
    this.show();
    if (this.added && this.preview.filled(this.added.id)?.kind === "ready" && this.scanLine.text === this.added.text) {
      this.say("ready", `${this.added.text} ${this.words.say("card-full")}`, { undo: true });
    }
    const told = new Set([...this.querySelectorAll("[data-card]")].map((one) => one.dataset.card));
    const known = this.basket.known.flatMap((line) => this.catalogue.product(line.product_id)?.cards ?? []);
    if (known.some(({ id }) => !told.has(id)) || told.size > new Set(known.map(({ id }) => id)).size) {
      this.refreshCatalogue(); // the server knows of other cards than this till
    }
  }

  /* Another till has changed this customer's cards. What is in the basket here stays, and is dealt onto them. */
  onElsewhere() {
    if (this.isFinished) return;
    this.preview.again();
    this.say("warn", this.words.say("changed-elsewhere"));
  }

  /** Who else has this customer open, and where. */
  tellOthers(others) {
    const told = others.map(({ who, where }) => this.words.say(who ? "other-till" : "other-till-nameless", { who, where }));
    this.part("others").textContent = this.part("others").title = told.join(" ");
  }

  async refreshCatalogue() {
    if (await this.catalogue.refresh()) this.draw();
  }

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

function longDay(time) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" }).format(time);
}

customElements.define("astro-till", AstroTill);
