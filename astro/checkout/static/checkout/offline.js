/* The till without network.

`<astro-offline-till>` is a counter (counter.js) that knows no customers: whose purchase it is, somebody says (whose.js).
Check out keeps the visit on this till (kept.js), and it is sent by itself (sending.js); what is kept is listed below. It
knows its store from what signed-in pages left on the disk (identity.js), and its items from the catalogue's copy there. */

import { Basket } from "./basket.js";
import { Browse } from "./browse.js";
import { Catalogue } from "./catalogue.js";
import { Counter } from "./counter.js";
import { handOver, handOverAll, withdraw } from "./handover.js";
import { recall } from "./identity.js";
import { keep, onKept, troubleKeeping } from "./kept.js";
import { KeptList } from "./kept_list.js";
import { shortened } from "./lines.js";
import { watchReach } from "./reach.js";
import "./reasons.js"; // asked for when it is needed, and then there may be no network
import "./search.js";
import { keepSending } from "./sending.js";
import { askedFor, isOldCard, isSame, readPhone, told } from "./whose.js";

const EVERYBODY = "offline"; // whose basket it is, until somebody says

class AstroOfflineTill extends Counter {
  connectedCallback() {
    this.words = Counter.words();
    this.who = null;
    this.stops = [];
    this.turn = this.open();
  }

  async open() {
    const trouble = await troubleKeeping();
    this.identity = trouble ? {} : await recall().catch(() => ({}));
    const { location, retailer } = this.identity;
    this.catalogue = new Catalogue({ url: this.dataset.catalogueUrl, place: location });
    this.basket = this.basketOf(askedFor(window.location));
    this.prepare();
    this.kept = new KeptList(this);
    this.showPlace();
    this.reach = watchReach({ url: this.dataset.liveUrl, onChange: (isReached) => this.onReach(isReached) });
    if (trouble || !retailer || !location) return this.giveUp(trouble ?? "stranger");
    this.startListening();
    const [hasCatalogue] = await Promise.all([this.catalogue.open(), this.basket.open()]);
    if (!hasCatalogue) this.warn("no-items");
    this.choose(askedFor(window.location), { isQuiet: true });
    await this.takeUp();
    if (this.basket.lines.length && !this.who?.id) this.say("warn", this.words.say("waiting-basket"));
    this.show();
    if (window.location.hash === "#kept") document.getElementById("kept").scrollIntoView();
  }

  startListening() {
    this.listen(
      {
        F2: () => this.toField("phone"),
        F4: () => this.say("warn", this.words.say("rewards-wait")),
        F8: () => this.toField("note"),
      },
      [
        [document.querySelector("[data-part=back]"), "click", (event) => this.leave(event)],
        [document.querySelector("[data-part=home]"), "click", (event) => this.leave(event)],
        [document.getElementById("till-cashier"), "submit", (event) => this.takeName(event)],
      ],
    );
    this.sender = keepSending();
    this.stops.push(this.sender.stop, this.reach.stop, onKept(() => this.showKept()));
  }

  /* The basket of the customer who was asked for stays theirs; another is nobody's until somebody says. */
  basketOf(who) {
    return new Basket({
      customer: who?.id ?? EVERYBODY,
      location: this.identity.location,
      onChange: () => this.show(),
      onTrouble: () => this.say("warn", this.words.say("not-kept")),
    });
  }

  /* Nothing can be kept here, so nothing is scanned. */
  giveUp(why) {
    this.classList.add("is-unable");
    this.warn(why);
    const heading = document.createElement("h1"); // of what is left of the page
    heading.append(...this.part("trouble-title").childNodes);
    this.part("trouble-title").replaceWith(heading);
    this.stops.push(this.reach.stop);
    this.kept.show();
  }

  warn(word) {
    this.part("trouble").hidden = false;
    this.part("trouble-title").textContent = this.words.say(word);
    this.part("trouble-words").textContent = this.words.say(`${word}-words`);
  }

  // Whose it is

  openCode(code) {
    this.takeCard(code);
  }

  takeLetters(text) {
    if (isOldCard(text)) this.takeCard(text);
    else this.say("bad", this.words.say("letters", { text: shortened(text) }));
  }

  takeCard(code) {
    const who = { code };
    if (!this.who || isSame(this.who, who) || !this.basket.lines.length) this.choose(who);
    else this.say("warn", this.words.say("other-card"));
  }

  choose(who, { isQuiet = false } = {}) {
    this.last = null;
    if (this.who?.id && !who?.id) this.startAfresh();
    this.who = who;
    const { name, detail } = (who && told(who, this.words)) ?? { name: this.words.say("who"), detail: this.words.say("who-words") };
    this.part("who").textContent = name;
    this.part("who-words").textContent = detail;
    this.part("change").hidden = !who;
    this.classList.toggle("has-who", Boolean(who));
    this.showState();
    for (const form of this.querySelectorAll("[data-part=phone-form], [data-part=note-form]")) form.reset();
    for (const field of ["phone", "note"]) this.complain(field, "");
    if (who && !isQuiet) this.say("ok", this.words.say("who-taken", { who: name }));
  }

  /** Somebody else; what was scanned stays, but with the customer who was asked for. */
  change(who = null) {
    if (this.who?.id && this.basket.lines.length) {
      return this.say("warn", this.words.count("leaving", this.basket.units), { go: this.dataset.offlineUrl });
    }
    this.choose(who);
    if (!who) this.hush();
    this.show();
  }

  /* The address names the customer who was asked for: from here on it does not. */
  startAfresh() {
    history.replaceState(null, "", this.dataset.offlineUrl);
    this.basket = this.basketOf(null);
    if (this.reasons) this.reasons.basket = this.basket;
    this.inTurn(() => this.basket.open());
  }

  onSubmit(event) {
    const forms = { "phone-form": () => this.takePhone(), "note-form": () => this.takeNote() };
    const take = forms[event.target.dataset.part];
    if (!take) return super.onSubmit(event);
    event.preventDefault();
    take();
  }

  takePhone() {
    const { phone, problem } = readPhone(this.querySelector("#phone").value);
    if (problem) return this.complain("phone", this.words.say(`phone-${problem}`));
    this.change({ phone });
    this.toPage();
  }

  takeNote() {
    const note = this.querySelector("#note").value.trim().replace(/\s+/g, " ");
    if (!note) return this.complain("note", this.words.say("note-missing"));
    this.change({ note });
    this.toPage();
  }

  complain(field, text) {
    const input = this.querySelector(`#${field}`);
    this.part(`${field}-error`).textContent = text;
    input.closest(".field").classList.toggle("has-error", Boolean(text));
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    if (text) input.focus();
  }

  toField(field) {
    if (this.who) this.change();
    if (!this.who) this.querySelector(`#${field}`).focus();
  }

  // Check out

  async checkOut() {
    this.toPage();
    if (!this.basket.lines.length) return this.say("warn", this.words.say("nothing-yet"));
    if (this.missesPaid()) return;
    if (!this.who) {
      this.say("warn", this.words.say("who-missing"));
      return this.part("ways").scrollIntoView({ block: "nearest" });
    }
    const reason = await this.askReason();
    const name = reason && (await this.askName());
    if (name === null || !reason) return;
    await this.inTurn(() => this.keepVisit({ ...reason, ...name }));
  }

  /* It is kept when it is on the disk, and only then does anybody say so. */
  async keepVisit(said) {
    const { who } = this;
    if (!who || !this.basket.lines.length) return; // pressed twice
    const { retailer, location, person, acting } = this.identity;
    const body = { ...said, retailer, location, by: person || null, ...(acting && { acting }), customer: who };
    const before = new Set(this.basket.waiting.map(({ body }) => body.key)); // they may have gone out
    await this.basket.seal(body, { alone: true, nameOf: (line) => this.nameOf(line) });
    const isFresh = (key) => !before.has(key);
    const visit = (await this.handOver(isFresh).catch(() => [])).at(-1);
    if (!visit) {
      for (const { body } of this.basket.waiting) if (isFresh(body.key)) await this.basket.reopen(body.key);
      this.show();
      return this.say("bad", this.words.say("cannot-keep"), { again: true });
    }
    this.choose(null);
    this.last = { visit, who };
    this.show();
    this.say("ok", this.words.say("kept"), { undo: true });
    await this.showKept();
  }

  /** What was sealed and not handed over, because the page went away in between. */
  async takeUp() {
    const mine = await this.handOver().catch(() => []);
    const others = await handOverAll().catch(() => []);
    const count = mine.length + others.length;
    if (count) this.say("warn", this.words.count("taken-up", count));
  }

  handOver(isFresh) {
    const { retailer, location } = this.identity;
    const about = { retailer, location, by: null, customer: this.who ?? { note: "" } };
    return handOver(this.basket, about, isFresh);
  }

  /** Where nobody is signed in, who it is: `{ rung_up_by }`, once per opening; null to go back. */
  async askName() {
    if (this.identity.person) return {};
    if (this.cashier) return { rung_up_by: this.cashier };
    const dialog = document.getElementById("till-cashier");
    if (dialog.open) return null;
    dialog.showModal();
    dialog.querySelector("input").focus();
    await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
    return this.cashier ? { rung_up_by: this.cashier } : null;
  }

  takeName(event) {
    const { cashier } = event.target.elements;
    this.cashier = cashier.value.trim().replace(/\s+/g, " ");
    document.querySelector("[data-part=cashier-error]").textContent = this.cashier ? "" : this.words.say("name-missing");
    if (this.cashier) return;
    event.preventDefault();
    cashier.focus();
  }

  // Taking back

  addToBasket(thing) {
    this.last = null;
    super.addToBasket(thing);
  }

  step(line, by) {
    this.last = null;
    super.step(line, by);
  }

  undo() {
    if (!this.last) return super.undo();
    const { visit, who, isGone } = this.last;
    this.last = null;
    return isGone ? this.keepAgain(visit) : this.reopen(visit, who);
  }

  async reopen(visit, who) {
    if (!(await withdraw(visit))) return this.say("warn", this.words.say("too-late"));
    this.kept.forget(visit);
    for (const line of visit.lines.toReversed()) this.basket.add(line, line.quantity);
    this.choose(who, { isQuiet: true });
    this.show();
    this.say("ok", this.words.say("back-in-basket"));
  }

  async takeOff(button) {
    const visit = this.kept.visitOf(button);
    if (!(await withdraw(visit))) return this.say("warn", this.words.say("too-late"));
    this.last = { visit, isGone: true };
    this.kept.forget(visit);
    const told = { who: this.kept.nameOf(visit), items: this.kept.itemsOf(visit) };
    this.say("ok", this.words.say("taken-back-visit", told), { undo: true });
  }

  async keepAgain(visit) {
    await keep(visit);
    this.say("ok", this.words.say("put-back"));
  }

  // Buttons

  acts(button, line) {
    return {
      ...super.acts(button, line),
      change: () => this.change(),
      browse: () => this.browse(),
      send: () => this.sendNow(),
      "take-back": () => this.takeOff(button),
    };
  }

  browse() {
    const dialog = document.getElementById("till-browse");
    const template = document.getElementById("till-choice");
    const onItem = (product_id) => this.inTurn(() => this.addToBasket({ product_id }));
    this.browsing ??= new Browse({ dialog, template, catalogue: this.catalogue, words: this.words, onItem });
    this.browsing.open();
  }

  async sendNow() {
    this.say("plain", this.words.say("sending"));
    await this.sender.again();
    const left = await this.showKept();
    this.say(left ? "warn" : "ok", this.words.say(left ? "not-sent" : "all-sent"));
  }

  escape() {
    if (this.leaveBox()) return;
    if (this.who) this.change();
  }

  /** To pages that need the server; with a basket on the counter only after asking, in line. The basket of a customer who was
   *  asked for is theirs there too. */
  leave(event) {
    if (!this.basket.lines.length || this.who?.id) return;
    event.preventDefault();
    this.say("warn", this.words.count("leaving", this.basket.units), { go: event.currentTarget.href });
  }

  // What is shown

  show() {
    const { lines, units } = this.basket;
    this.lines.draw(lines, () => undefined);
    this.part("count").textContent = units ? this.words.count("items", units) : "";
    this.part("empty").hidden = lines.length > 0;
    this.reasons?.show();
  }

  showPlace() {
    const { location_name = "", person_name = "" } = this.identity;
    document.querySelector("[data-part=place]").textContent = location_name;
    document.querySelector("[data-part=person]").textContent = person_name;
  }

  async showKept() {
    const { count, isLess } = await this.kept.show();
    this.hasSent ||= isLess;
    this.showState();
    return count;
  }

  onReach(isReached) {
    this.isReached = isReached;
    if (isReached) this.sender?.again();
    this.showKept();
  }

  showState() {
    const count = this.kept.kept.length;
    const which = this.isReached ? "back" : "out";
    const isUnable = this.classList.contains("is-unable");
    const none = this.isReached && this.hasSent ? "back-sent" : !this.isReached && isUnable ? "out-unable" : `${which}-none`;
    const state = document.querySelector("[data-part=state]");
    state.classList.toggle("is-back", Boolean(this.isReached));
    state.querySelector("[data-part=state-icon]").replaceChildren(this.words.icon(this.isReached ? "wifi" : "wifi-off"));
    const text = count ? this.words.count(which, count) : this.words.say(none);
    const said = state.querySelector("[data-part=state-words]");
    if (said.textContent !== text) said.textContent = text;
    const back = document.querySelector("[data-part=back]");
    back.hidden = !this.isReached;
    back.href = this.dataset.lookUpUrl + (this.who?.id ? `${this.who.id}/` : "");
  }
}

customElements.define("astro-offline-till", AstroOfflineTill);
