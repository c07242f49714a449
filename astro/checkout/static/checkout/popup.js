/* The customer's own data over the till, in tabs: opened at the sign that was pressed, saved all at once.

Items that are scanned meanwhile go to the Today list as ever, and are said here too; a customer's card waits until this
is closed. Leaving with changes asks once. What is sent or stopped is so at once. */

import { dressed } from "./dressed.js";
import { fragmentOf, post } from "./server.js";
import { Words } from "./words.js";

export class Popup {
  constructor(till) {
    this.till = till;
  }

  /** `opener` is a link to the same form as a page; its hash says where in it to begin. */
  async open(opener) {
    if (this.dialog || this.isOpening) return;
    this.isOpening = true;
    this.isByKey = document.activeElement === opener; // a finger's press has left it already
    const address = new URL(opener.href);
    const answer = await ask(address.pathname.replace(/edit\/$/, "popup/"));
    this.isOpening = false;
    if (!answer?.fragment.querySelector("dialog")) return this.refuse(answer);
    await dressed(answer.fragment);
    this.dialog = answer.fragment.querySelector("dialog");
    this.words = new Words(this.dialog.querySelector("[data-words]"));
    this.hash = address.hash;
    this.isLeaving = this.isBusy = this.isSaved = false;
    this.waiting = null;
    document.body.append(this.dialog);
    this.listen();
    this.begin();
    this.dialog.showModal();
    this.show(this.at(this.hash));
  }

  refuse(answer) {
    const word = answer?.isSignedOut ? "signed-out" : "no-answer";
    this.till.say("bad", answer?.message ?? this.till.words.say(word));
  }

  listen() {
    const { dialog, till } = this;
    dialog.addEventListener("click", (event) => this.onClick(event));
    dialog.addEventListener("submit", (event) => this.onSubmit(event));
    dialog.addEventListener("input", (event) => this.onInput(event));
    dialog.addEventListener("keydown", (event) => this.onKey(event));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault(); // a phone's way back
      this.leave();
    });
    dialog.addEventListener("close", () => this.end());
    this.onUnload = (event) => this.isChanged && event.preventDefault();
    window.addEventListener("beforeunload", this.onUnload);
    this.said = new MutationObserver(() => this.say(till.scanLine.text));
    this.said.observe(till.part("said"), { childList: true });
    till.openCode = (code) => {
      this.waiting = code;
      this.say(this.words.say("card"));
    };
  }

  /* The form as it stands in the page now: after opening, and after the server sent it back. */
  begin() {
    this.form = this.dialog.querySelector("form.account");
    this.before ??= written(this.form);
    this.tabs = [...this.form.querySelectorAll("[role=tab]")];
    this.followAddresses();
  }

  end() {
    const { dialog, till, waiting } = this;
    window.removeEventListener("beforeunload", this.onUnload);
    this.said.disconnect();
    delete till.openCode;
    dialog.remove();
    this.dialog = this.before = null;
    if (waiting) till.openCode(waiting);
    else if (this.isByKey) till.querySelector(`[data-act=edit][href$="${this.hash}"]`)?.focus();
  }

  get isChanged() {
    return !this.isSaved && written(this.form) !== this.before;
  }

  // Tabs

  /** Opens the tab that `place` stands in, and goes to the field that belongs to it. */
  show(place) {
    const panel = place.closest("[role=tabpanel]");
    if (!panel) return place.focus(); // above all tabs
    this.select(this.tabs.find((tab) => tab.getAttribute("aria-controls") === panel.id));
    const around = place.closest(".contact, .field") ?? (place.id === "sign-app" ? null : panel);
    const field = place.matches(FIELDS) ? place : around?.querySelector(FIELDS);
    (field ?? place).focus();
    return field?.matches("[type=text], [type=tel], [type=email]") && field.select();
  }

  at(hash) {
    const place = hash && this.form.querySelector(`#${CSS.escape(hash.slice(1))}`);
    return place || this.form.querySelector("[role=tabpanel] input");
  }

  select(chosen) {
    for (const tab of this.tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !isChosen;
    }
    this.dialog.scrollTop = 0;
  }

  // Keys, buttons, fields

  onKey(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation(); // closed, the till would leave the customer
      this.leave();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!event.repeat) this.save();
    } else if (event.target.matches("[role=tab]")) this.onTabKey(event);
  }

  onTabKey(event) {
    const place = this.tabs.indexOf(event.target);
    const last = this.tabs.length - 1;
    const next = { ArrowRight: place === last ? 0 : place + 1, ArrowLeft: place ? place - 1 : last, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.select(this.tabs[next]);
    this.tabs[next].focus();
  }

  onClick(event) {
    const button = event.target.closest("button, a");
    if (!button) return;
    if (button.matches("[role=tab]")) this.select(button);
    else if (button.dataset.act === "close") this.leave();
    else if (button.dataset.act === "leave") this.dialog.close();
    else if (button.matches('a[href^="#"]')) {
      event.preventDefault();
      this.show(this.at(button.hash));
    }
  }

  onInput(event) {
    this.ask(false);
    if (event.target.closest(".contact")) this.followAddresses();
  }

  /* To an address that is not saved nothing can be sent. */
  followAddresses() {
    for (const reach of this.form.querySelectorAll(".reach")) {
      const field = reach.closest(".contact").querySelector("input");
      const isUnsaved = field.value.trim() !== reach.dataset.saved;
      reach.querySelector("[data-unsaved]").hidden = !isUnsaved;
      for (const part of reach.querySelectorAll("[data-acts]")) part.hidden = isUnsaved;
    }
  }

  onSubmit(event) {
    event.preventDefault();
    if (event.target.matches("[data-at-once]")) this.act(event.target);
    else if (event.submitter?.name === "more") this.addPet();
    else this.save();
  }

  addPet() {
    const count = this.form.elements.pets;
    const blank = this.form.querySelector("[data-blank]");
    const card = fragmentOf(blank.innerHTML.replaceAll("__number__", count.value));
    const first = card.querySelector(FIELDS);
    blank.closest("[role=tabpanel]").querySelector(".actions").before(card);
    count.value = Number(count.value) + 1;
    first.focus();
  }

  // Leaving

  /** Closes; with changes it asks, once: the same again leaves. */
  leave() {
    if (this.isBusy) return;
    if (this.isLeaving || !this.isChanged) return this.dialog.close();
    this.ask(true);
    this.dialog.querySelector("[data-save]").focus();
  }

  ask(isLeaving) {
    this.isLeaving = isLeaving;
    this.dialog.querySelector("[data-leaving]").hidden = !isLeaving;
  }

  // Saving, sending, stopping

  async save() {
    if (this.isBusy) return;
    this.ask(false);
    const answer = await this.send(this.form);
    if (!answer) return;
    if (answer.status === 204) {
      this.isSaved = true;
      await this.refresh();
      return this.dialog.close();
    }
    const sent = answer.fragment.querySelector("form.account");
    if (!sent) return this.trouble(answer);
    this.form.replaceWith(sent);
    this.begin();
    return this.show(sent.querySelector("[data-elsewhere]") ?? sent.querySelector("[role=tabpanel] .error") ?? this.at(""));
  }

  async act(form) {
    if (this.isBusy) return;
    const answer = await this.send(form);
    if (!answer) return;
    const parts = [...answer.fragment.querySelectorAll(".reach, #told")];
    if (!parts.length) return this.trouble(answer);
    for (const part of parts) this.form.querySelector(`#${part.id}`).replaceWith(part);
    this.followAddresses();
    this.form.querySelector("[data-said]")?.focus();
    await this.refresh();
  }

  async send(form) {
    this.busy(true);
    const answer = await ask(form.action, new URLSearchParams(new FormData(form)));
    this.busy(false);
    if (!answer) this.say(this.words.say("no-answer"));
    return answer;
  }

  trouble({ isSignedOut, message }) {
    this.say(message ?? this.words.say(isSignedOut ? "signed-out" : "no-answer"));
  }

  busy(isBusy) {
    this.isBusy = isBusy;
    this.dialog.querySelector("[data-save]").setAttribute("aria-busy", isBusy);
  }

  say(text) {
    this.dialog.querySelector("[data-line]").textContent = text;
  }

  /** The header, the title and the till's sentences, with what the customer is called now. The basket is not touched. */
  async refresh() {
    const answer = await ask(this.dialog.dataset.tillUrl);
    const [fresh, old] = [answer?.fragment.querySelector(".till-customer"), this.till.querySelector(".till-customer")];
    if (!fresh || !old) return;
    fresh.querySelector("[data-part=others]").replaceWith(old.querySelector("[data-part=others]"));
    old.replaceWith(fresh);
    document.title = answer.fragment.querySelector("title").textContent;
    this.till.words.content.replaceChildren(...answer.fragment.querySelector("#till-words").content.childNodes);
  }
}

const FIELDS = ":is(input:not([type=hidden]), select, textarea):enabled";

/* What stands in a form, to be compared. */
function written(form) {
  return new URLSearchParams(new FormData(form)).toString();
}

/** What the server says: a fragment, or the `message` of a refusal. Null where no answer came. */
async function ask(url, body) {
  try {
    const answer = await (body ? post(url, body) : fetch(url, { headers: { "HX-Request": "true" } }));
    const { status, redirected } = answer;
    if (answer.headers.get("Content-Type")?.includes("json")) {
      return { status, message: (await answer.json()).error?.message, fragment: fragmentOf("") };
    }
    const fragment = fragmentOf(await answer.text());
    const message = status === 409 ? fragment.querySelector("[data-notice]")?.textContent.trim() : undefined;
    return { status, message, fragment, isSignedOut: redirected || status === 401 || status === 403 };
  } catch {
    return null;
  }
}
