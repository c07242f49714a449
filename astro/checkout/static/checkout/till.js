/* The till: one customer, one basket.

`<astro-till>` is a counter (counter.js) that knows whose basket it is. The server is asked for the page as it would be
(preview.js), and for the checkout (checkout.js), which is fetched as soon as somebody lays a hand on the page: so it is
there although the network goes. */

import { Basket } from "./basket.js";
import { Catalogue } from "./catalogue.js";
import { Counter } from "./counter.js";
import { shortened } from "./lines.js";
import { watch } from "./presence.js";
import { Preview } from "./preview.js";
import { uuid7 } from "./uuid7.js";

const OLD_BASKET = 12 * 60 * 60 * 1000;
const A_HAND = ["keydown", "pointerdown", "pointermove"];

class AstroTill extends Counter {
  connectedCallback() {
    const { customer, location, catalogueUrl, previewUrl, programUrl } = this.dataset;
    const words = (this.words = Counter.words());
    this.catalogue = new Catalogue({ url: catalogueUrl, place: location });
    const basket = (this.basket = new Basket({
      customer,
      location,
      onChange: () => this.show(),
      onTrouble: () => this.say("warn", words.say("not-kept")),
    }));
    this.prepare({ programUrl: (id) => programUrl?.replace("/0/", `/${id}/`) });
    this.preview = new Preview(this, { url: previewUrl, basket, onShown: (isFresh) => this.onPreview(isFresh) });
    this.turn = this.open();
    this.listen(
      {
        F2: () => this.leave(this.dataset.lookUpUrl),
        F4: () => this.redeem(),
        F8: () => this.leave(this.dataset.newCustomerUrl),
      },
      [
        [window, "online", () => this.preview.again()],
        [window, "pageshow", (event) => event.persisted && window.location.reload()],
        ...A_HAND.map((name) => [document, name, () => this.ready().catch(() => {})]),
      ],
    );
    this.presence = watch({
      url: this.dataset.hereUrl,
      page: uuid7(),
      version: this.dataset.version,
      onOthers: (others) => this.tellOthers(others),
      onChanged: () => this.onElsewhere(),
    });
  }

  /* Finished, or the second screen has taken the place of this one. */
  get isFinished() {
    return this.isDone || !this.part("today");
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.checkout?.stop();
    this.presence.stop();
  }

  async open() {
    const [hasCatalogue] = await Promise.all([this.catalogue.open(), this.basket.open()]);
    if (!hasCatalogue) this.say("bad", this.words.say("no-catalogue"));
    this.show();
    const { lines, waiting, startedAt } = this.basket;
    if (Date.now() - (startedAt ?? Infinity) > OLD_BASKET) {
      this.say("warn", this.words.say("old-basket", { day: longDay(startedAt) }));
    }
    if (lines.length || waiting.length || history.state?.leftOut) await this.ready().catch(() => {});
  }

  /** Resolves when visits can be sent and kept: `checkout` is there, and has taken up what was sealed before. What may be
   *  needed on the way there is fetched too. */
  ready() {
    if (!this.getting) Promise.all([import("./reasons.js"), import("./search.js")]).catch(() => {});
    this.getting ??= import("./checkout.js").then(({ Checkout }) => {
      this.checkout = new Checkout(this);
      return this.checkout.open();
    });
    return this.getting.catch((error) => {
      this.getting = null;
      throw error;
    });
  }

  // What is scanned

  addToBasket(thing) {
    if (this.isFinished) this.say("warn", this.words.say("finished"));
    else super.addToBasket(thing);
  }

  /** The card of an earlier system, perhaps. */
  takeLetters(text) {
    this.say("bad", this.words.say("letters", { text: shortened(text) }), { go: this.codeUrl(text) });
  }

  openCode(code) {
    const go = this.codeUrl(code);
    if (!this.basket.lines.length || this.isFinished) return window.location.assign(go);
    this.say("warn", this.words.count("other-customer", this.basket.units), { go });
  }

  codeUrl(code) {
    return this.dataset.codeUrl + encodeURIComponent(code);
  }

  // Buttons

  acts(button, line) {
    return {
      ...super.acts(button, line),
      remove: () => this.presence.mine(this.removeRecorded(button)),
      browse: () => this.openList("browse"),
      offers: () => this.openList("offers"),
      edit: () => this.openList("popup", button),
      except: () => this.openList("exceptions", button),
      redeem: () => this.redeem(),
      leave: () => this.leave(button.href),
      open: () => this.basket.saved.then(() => window.location.assign(button.href)), // and back to this customer
    };
  }

  /* What few visits need is fetched when the first one asks. */
  async openList(name, opener) {
    const { dialogs } = await import("./dialogs.js").catch(() => ({}));
    if (!dialogs) return this.say("bad", this.words.say("no-answer"));
    this.dialogs ??= dialogs(this);
    return this.dialogs[name].open(opener);
  }

  async removeRecorded(button) {
    const { Recorded } = await import("./recorded.js").catch(() => ({}));
    if (!Recorded) return this.say("bad", this.words.say("no-answer"));
    this.recorded ??= new Recorded({
      words: this.words,
      say: (...said) => this.say(...said),
      onRemoved: (...removed) => this.onRemoved(...removed),
    });
    return this.recorded.remove(button);
  }

  /* Undo puts them into the basket, to be checked out again. */
  onRemoved(thing, units, fragment) {
    if (this.basket.known.length) this.preview.again();
    else this.preview.put(fragment);
    this.basket.takenBack(thing, units);
    this.show();
  }

  escape() {
    if (!this.leaveBox()) this.leave(this.dataset.lookUpUrl);
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

  /** To the rewards; what stands in the basket is checked out first. Without network they wait. */
  redeem() {
    const { known, waiting } = this.basket;
    if (!this.isFinished && !navigator.onLine) this.say("warn", this.words.say("rewards-wait"));
    else if (this.isFinished || known.length || waiting.length) this.checkOut();
    else if (this.hasReward) window.location.assign(this.dataset.redeemUrl);
    else this.say("warn", this.words.say("no-reward"));
  }

  async checkOut() {
    if (this.isFinished) return window.location.assign(this.dataset.lookUpUrl);
    this.toPage();
    if (this.missesPaid()) return;
    if (!this.basket.lines.length && !this.basket.waiting.length && this.hasReward) return this.redeem();
    const [reason, isReady] = await Promise.all([this.askReason(), this.ready().then(() => true, () => false)]);
    if (!reason) return;
    if (!isReady) return this.say("bad", this.words.say("no-answer"), { again: true });
    await this.inTurn(() => this.checkout.seal(reason)); // what comes while the server thinks is the next basket
    await this.presence.mine(this.checkout.send());
    if (!this.isFinished) this.refreshCatalogue(); // whatever the server did not like may have changed there
  }

  // What is shown

  show() {
    if (this.isFinished) return;
    this.draw();
    const recorded = [...this.querySelectorAll("[data-recorded]")];
    const units = recorded.reduce((sum, row) => sum + Number(row.dataset.recorded), this.basket.units);
    this.part("count").textContent = units ? this.words.count("items", units) : "";
    this.part("empty").hidden = recorded.length + this.basket.lines.length > 0;
    this.reasons?.show();
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
}

function longDay(time) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" }).format(time);
}

customElements.define("astro-till", AstroTill);
