/* An item asked onto a card, over the till: the form of the page (views.py), sent without leaving it. A scan goes into
the form's code, never into the basket, as long as it is open. */

import { shownCode } from "./lines.js";
import { fragmentOf, post } from "./server.js";

const ASKING = { "HX-Request": "true", "HX-Target": "dialogs" };

export class Exceptions {
  constructor(till) {
    this.till = till;
  }

  /** `opener` is a link to the same form as a page. */
  async open(opener) {
    if (this.dialog || this.isOpening) return;
    this.isOpening = true;
    this.opener = opener.id;
    const answer = await fetch(opener.href, { headers: ASKING }).catch(() => null);
    const dialog = answer?.ok && !answer.redirected && fragmentOf(await answer.text()).querySelector("dialog");
    this.isOpening = false;
    if (!dialog) return this.refuse(answer);
    this.dialog = dialog;
    document.body.append(dialog);
    dialog.addEventListener("click", (event) => event.target.closest("[data-close]") && dialog.close());
    dialog.addEventListener("submit", (event) => this.onSubmit(event));
    dialog.addEventListener("keydown", (event) => this.onKey(event));
    dialog.addEventListener("close", () => this.end());
    this.till.take = ({ gtin, text }) => this.put(gtin ? shownCode(gtin) : text);
    dialog.showModal();
    this.form.elements.code.focus();
  }

  get form() {
    return this.dialog.querySelector("form");
  }

  put(code) {
    const field = this.form.elements.code;
    field.value = code;
    field.focus();
  }

  onKey(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    if (!event.repeat) this.form.requestSubmit();
  }

  async onSubmit(event) {
    event.preventDefault();
    if (this.isBusy) return;
    this.busy(true);
    const body = new URLSearchParams(new FormData(this.form));
    const answer = await post(this.form.getAttribute("action"), body).catch(() => null);
    this.busy(false);
    const isJson = answer?.headers.get("Content-Type")?.includes("json");
    const told = isJson ? await answer.json() : null;
    const sent = answer?.status === 422 && !isJson && fragmentOf(await answer.text()).querySelector("form");
    if (sent) {
      const summary = sent.querySelector(".error-summary");
      summary.removeAttribute("autofocus"); // which would take the focus again, from whoever types already
      this.form.replaceWith(sent);
      summary.focus();
    } else if (told?.said) {
      this.dialog.close();
      this.till.preview.again();
      this.till.say("ok", told.said);
    } else {
      this.dialog.close();
      this.refuse(answer, told?.error?.message);
    }
  }

  busy(isBusy) {
    this.isBusy = isBusy;
    this.form.querySelector("footer .button").setAttribute("aria-busy", isBusy);
  }

  refuse(answer, message) {
    const word = answer?.redirected || [401, 403].includes(answer?.status) ? "signed-out" : "no-answer";
    this.till.say("bad", message ?? this.till.words.say(word));
  }

  end() {
    delete this.till.take;
    this.dialog.remove();
    this.dialog = null;
    document.getElementById(this.opener)?.focus();
  }
}
