/* The second screen: which free items, then Finished.

`<astro-redemption>` comes with the answer to a checkout and takes the place of the till's columns, or stands on a page of
its own. What is chosen is sealed (sealed.js) and sent until there is an answer (visits.js). */

import { Asked } from "./asked.js";
import { Basket } from "./basket.js";
import { Catalogue } from "./catalogue.js";
import { Fields } from "./fields.js";
import { Groups, nameOf } from "./groups.js";
import { listenForKeys } from "./keys.js";
import { shownCode, shownName } from "./lines.js";
import "./finished.js";
import { catchScans, readScan } from "./scan.js";
import { ScanLine } from "./scan_line.js";
import { Sealed } from "./sealed.js";
import { sendVisit, takeBack } from "./visits.js";
import { Words } from "./words.js";

const UNSEEN = 350;

const GIFT = "0"; // in place of an item, as offers.py says it

class AstroRedemption extends HTMLElement {
  connectedCallback() {
    this.words = new Words(this.querySelector("#redemption-words"));
    this.scanLine = new ScanLine(this, this.words);
    this.isSending = false;
    this.undoable = [];
    this.listen();
    if (this.isFinished) return;
    const { customer, location, visit, catalogueUrl } = this.dataset;
    this.groups = new Groups(this.querySelectorAll("fieldset[data-reward]"));
    this.asked = new Asked(this);
    this.fields = new Fields({ root: this, words: this.words, prefix: "redeem" });
    if (this.fields.place) this.fields.draw(JSON.parse(this.fields.place.dataset.fields));
    this.redeemWords = this.part("finish-words")?.textContent;
    this.sealed = new Sealed(`${customer}/${visit || "rewards"}`);
    this.catalogue = new Catalogue({ url: catalogueUrl, place: location });
    this.ready = this.catalogue.open();
    setTimeout(() => (this.dataset.seen = ""), UNSEEN);
    this.show();
    if (this.sealed.body) this.send();
    else this.begin();
  }

  /** What was left out of the visit comes first: it is not said again once something is picked. */
  begin() {
    const codes = history.state?.leftOut ?? [];
    if (codes.length) {
      this.say("warn", this.words.count("left-out", codes.length, { codes: codes.map(shownCode).join(", ") }));
    } else if (this.groups.all.length) {
      this.say("ready", this.#pickedBefore());
    }
  }

  /** Whether there was time to see it: a second tap on Check out, whose place the main button takes, is none on it. */
  get isSeen() {
    return "seen" in this.dataset;
  }

  disconnectedCallback() {
    this.stops.forEach((stop) => stop());
  }

  get isFinished() {
    return Boolean(this.querySelector("#finished"));
  }

  get box() {
    return this.part("box");
  }

  listen() {
    const on = (target, name, act) => {
      target.addEventListener(name, act);
      return () => target.removeEventListener(name, act);
    };
    this.stops = [
      catchScans(document, { onScan: (scan) => this.take(scan) }),
      listenForKeys(document, {
        "/": () => this.box?.focus(),
        F2: () => this.go(this.dataset.lookUpUrl),
        F4: () => this.finish(),
        F8: () => this.go(this.dataset.newCustomerUrl),
        F9: () => this.undo(),
        Escape: () => this.escape(),
        "Ctrl+Enter": () => this.finish(),
      }),
      on(this, "click", (event) => this.onClick(event)),
      on(this, "change", (event) => this.onChange(event)),
      on(this, "keydown", (event) => this.onKey(event)),
      on(this, "submit", (event) => this.onSubmit(event)),
      on(window, "pageshow", (event) => event.persisted && window.location.reload()),
    ];
  }

  /* An amount off is picked by itself; of what was scanned, what can be the free one. */
  #pickedBefore() {
    const { picked } = this.groups;
    if (!picked.length) return this.words.say("begin");
    const isGift = picked.every(({ product }) => product === GIFT);
    return isGift ? this.words.say("gift-before", { name: picked[0].name }) : this.words.say("picked-before");
  }

  // What is scanned, typed, or picked

  async take({ text, gtin, code, problem }) {
    if (this.isFinished) {
      if (code) this.go(`${this.dataset.lookUpUrl}?code=${encodeURIComponent(code)}`);
      else this.say("warn", this.words.say("finished"));
    } else if (code) this.say("warn", this.words.say("customer-card"));
    else if (problem) this.say("bad", this.words.say("misread", { text: text.slice(0, 40) }));
    else {
      await this.ready;
      const product = this.catalogue.withCode(gtin);
      if (product) this.pickProduct(product);
      else this.say("warn", this.words.say("unknown", { code: shownCode(gtin) }));
    }
  }

  pickProduct(product) {
    const group = this.groups.taking(product);
    if (group) return this.pick(group, group.radio(product));
    const refused = this.querySelector(`[data-refused="${product}"]`);
    if (!refused) return this.say("warn", this.words.say("not-listed", { name: shownName(this.catalogue.product(product)) }));
    refused.closest("details").open = true;
    const [name, why] = ["name", "why"].map((part) => refused.querySelector(`[data-part=${part}]`).textContent.trim());
    return this.say("warn", this.words.say("not-allowed", { name, why }));
  }

  pick(group, radio) {
    if (this.sealed.body) return;
    this.undoable.push([group, group.shown]);
    group.choose(radio);
    radio.closest("label").scrollIntoView({ block: "nearest" });
    this.onPicked(group);
  }

  onChange({ target }) {
    const group = this.groups?.with(target);
    if (group) {
      this.undoable.push([group, group.shown]);
      this.onPicked(group);
    } else if (target.name?.startsWith("once-")) this.show();
  }

  onPicked(group) {
    this.show();
    const word = group.isNeeded ? "picked-another" : "picked";
    if (group.product) this.say(group.isNeeded ? "warn" : "ready", this.words.say(word, { name: group.name }), { undo: true });
    else this.say("ok", this.words.say("kept"), { undo: true });
  }

  undo() {
    if (this.isFinished || this.sealed.body) return;
    const [group, before] = this.undoable.pop() ?? [];
    if (!group) return this.say("warn", this.words.say("no-undo"));
    group.choose(before);
    this.show();
    this.say("ok", before ? this.words.say("picked", { name: nameOf(before) }) : this.words.say("unpicked"));
  }

  onSubmit(event) {
    if (event.target !== this.part("search")) return;
    event.preventDefault();
    const text = this.box.value.trim();
    if (!text) return;
    const scan = readScan(text);
    if (scan.problem === "letters") this.pickNamed(text);
    else this.take(scan);
    this.box.select();
  }

  pickNamed(text) {
    const words = text.toLowerCase().split(/\s+/);
    const matches = this.groups.all
      .flatMap((group) => group.radios)
      .filter((radio) => radio.value && words.every((word) => nameOf(radio).toLowerCase().includes(word)));
    const products = new Set(matches.map((radio) => radio.value));
    if (products.size === 1) this.pickProduct(matches[0].value);
    else this.say("warn", this.words.say(products.size ? "several" : "no-match", { text: text.slice(0, 40) }));
  }

  // Buttons and keys

  /* Enter in what a program asks for finishes, as in any form; a scanner's never gets here. */
  onKey(event) {
    if (event.key !== "Enter" || event.defaultPrevented || !event.target.matches("[data-asked] input, [data-own-field] input")) return;
    event.preventDefault();
    this.finish();
  }

  onClick(event) {
    const button = event.target.closest("[data-act]");
    if (!button) {
      if (event.target.closest("a[href]") && !this.isOnline()) event.preventDefault();
      return;
    }
    const { act } = button.dataset;
    if (act === "finish") this.finish();
    else if (act === "keep") this.keep();
    else if (act === "again") this.send();
    else if (act === "undo") this.undo();
    else if (act === "back") this.back();
    else if (act === "leave") {
      event.preventDefault();
      this.leave();
    }
    if (event.detail > 0 && act !== "finish") document.activeElement?.blur(); // a key must not press it again
  }

  escape() {
    if (this.isFinished) return this.go(this.dataset.lookUpUrl);
    if (this.box.value) this.box.value = "";
    else if (document.activeElement === this.box) this.box.blur();
    else this.leave();
  }

  /** Back to the till: what was bought stands, the rewards wait. */
  leave() {
    if (this.isOnline()) window.location.replace(this.dataset.tillUrl);
  }

  go(address) {
    if (this.isOnline()) window.location.assign(address);
  }

  /* Without a connection nothing is sent, and nobody leaves: the browser would show its own page in place of this one. */
  isOnline() {
    if (!navigator.onLine) this.say("bad", this.words.say("offline"));
    return navigator.onLine;
  }

  /** Takes the visit back, and puts what was bought into the basket again. */
  async back() {
    if (this.isSending || this.sealed.body || !this.isOnline()) return;
    this.busy(true);
    const { outcome, message, lines } = await takeBack(this.dataset.undoUrl);
    this.busy(false);
    if (outcome !== "recorded") {
      if (outcome === "signed out") return this.say("bad", this.words.say("signed-out"), { go: window.location.href });
      return this.say("bad", message ?? this.words.say(outcome === "unknown" ? "no-answer" : "not-back"));
    }
    const { customer, location } = this.dataset;
    const basket = new Basket({ customer, location });
    await basket.open();
    for (const code of history.state?.leftOut ?? []) basket.add({ code });
    for (const { product_id, quantity } of lines) basket.add({ product_id }, quantity);
    await basket.saved;
    this.sealed.settle();
    this.leave();
  }

  // Finishing

  finish() {
    if (this.isFinished) return this.go(this.dataset.lookUpUrl);
    if (this.isSending || !this.isSeen) return;
    if (this.sealed.body) return this.send();
    if (!this.groups.all.length) return this.keep();
    const picked = this.groups.picked;
    if (!picked.length) {
      this.say("warn", this.words.say("pick-first"));
      return this.groups.all[0].radios[0].focus();
    }
    const isFilled = this.fields.isAnswered();
    if (!this.asked.isAnswered() || !isFilled) return this.say("bad", this.words.say("missing"));
    const redemptions = picked.map((group) => ({
      reward_id: group.reward,
      product_id: group.product,
      is_scanned: group.isScanned,
    }));
    const { answers } = this.fields;
    return this.seal({ redemptions, ...this.asked.answers(), ...(answers.length && { answers }) });
  }

  keep() {
    if (this.isSending || this.isFinished) return;
    if (this.sealed.body) return this.send();
    if (this.dataset.visit) return this.seal({ redemptions: [] });
    return this.leave(); // nothing was begun
  }

  seal(chosen) {
    if (!this.isOnline()) return undefined;
    this.sealed.seal({ visit: this.dataset.visit || null, ...chosen });
    return this.send();
  }

  async send() {
    if (this.isSending || !this.sealed.body) return;
    this.busy(true);
    const answer = await sendVisit(this.dataset.finishUrl, this.sealed.body);
    this.busy(false);
    const { outcome, fragment, message, field, status } = answer;
    if (outcome === "recorded") {
      this.sealed.settle();
      return this.showFinished(fragment);
    }
    if (outcome === "unknown") return this.say("bad", this.words.say("no-answer"), { again: true });
    if (outcome === "signed out" || outcome === "stale") {
      const word = outcome === "stale" ? "stale" : "signed-out";
      return this.say("bad", this.words.say(word), { go: window.location.href });
    }
    this.sealed.reopen();
    this.busy(false);
    if (this.asked.refuse(field, message) || this.fields.refuse(field, message)) {
      return this.say("bad", this.words.say("missing"));
    }
    const isNews = status === 409 || field?.startsWith("answer-"); // asked since this page was opened
    return this.say("bad", message ?? this.words.say("unfit"), { go: isNews ? window.location.href : null });
  }

  showFinished(fragment) {
    const place = document.createElement("div");
    place.className = "till-finished";
    place.append(fragment);
    const { visit } = place.querySelector("#finished").dataset;
    history.replaceState(history.state, "", `${this.dataset.pageUrl}?visit=${visit}`);
    this.part("search").remove();
    for (const part of this.querySelectorAll(".till-cards-frame, .till-today")) part.remove();
    this.querySelector(".till-scan").after(place);
    this.closest(".till").classList.add("is-finished");
    this.scanLine.hush();
    place.querySelector("[tabindex='-1']").focus();
  }

  // What is shown

  show() {
    this.groups.settleScanned();
    const needs = new Set(this.groups.picked.flatMap((group) => group.needs));
    this.asked.show(needs);
    for (const group of this.groups.all) {
      group.shown = group.pick;
      const line = this.querySelector(`[data-pick="${group.reward}"]`);
      const words = group.product ? group.name : this.words.say(group.pick ? "kept" : "not-picked");
      line.querySelector("[data-part=picked]").textContent = words;
      line.querySelector("p").className = group.product ? "ready" : "";
      line.querySelector("[data-part=counts-once]").hidden = !group.isScanned;
    }
    const [picked, all] = [this.groups.picked.length, this.groups.all.length];
    if (!all) return;
    const count = this.words.say("count", { picked, all });
    const names = this.groups.picked.map((group) => group.name).join(", ");
    const isPart = picked > 0 && picked < all;
    this.part("count").textContent = count;
    this.part("summary").textContent = all === 1 ? names || this.words.say("not-picked") : [count, names].filter(Boolean).join(": ");
    this.part("finish-words").textContent = isPart ? this.words.say("redeem-some", { picked, kept: all - picked }) : this.redeemWords;
  }

  /* While it is being sent, or waits to be sent again as it is, nothing else can be chosen. */
  busy(isSending) {
    this.isSending = isSending;
    const isFixed = isSending || Boolean(this.sealed.body);
    for (const control of this.querySelectorAll(".redeem input, .redeem select")) control.disabled = isFixed;
    this.part("finish")?.setAttribute("aria-busy", isSending);
  }

  say(...said) {
    this.scanLine.say(...said);
  }

  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }
}

customElements.define("astro-redemption", AstroRedemption);
