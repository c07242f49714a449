/* Says how many checkouts this till keeps and since when: in the bar, in the place of "Online", so that nothing moves; on
the way in, above the form. Red with "Tell the owner" after a day. */

import { addStyle } from "./styles.js";

const DAY = 24 * 60 * 60 * 1000;

export class Waiting {
  constructor(words, { url, style }) {
    Object.assign(this, { words, url, style, count: 0 });
  }

  /** Takes what `summary()` gives. */
  show({ count, since, troubles = {} }) {
    this.count = count;
    if (!count) return this.place?.remove();
    if (!this.place) addStyle(this.style);
    this.place ??= document.createElement("div");
    const isBad = Date.now() - since >= DAY || Object.keys(troubles).some((name) => name !== "unreachable");
    const text = this.sentences({ count, since, troubles }).join(" ");
    if (!this.place.isConnected) this.put();
    this.place.classList.toggle("is-bad", isBad);
    if (this.place.textContent.trim() !== text) this.write(text, isBad ? "alert-triangle" : "upload");
  }

  sentences({ count, since, troubles }) {
    const isSignedOut = document.body.dataset.signedOut;
    const said = [this.words.count("waiting", count, { since: moment(since) })];
    if (!navigator.onLine) said.unshift(this.words.say("no-connection"));
    if (troubles["other-store"]) said.push(this.words.say("other-store"));
    if (troubles.unfit) said.push(this.words.say("unfit"));
    else if (Date.now() - since >= DAY) said.push(this.words.say("tell-the-owner"));
    if (troubles["sign-in"] && isSignedOut) said.push(this.words.say("sign-in"));
    return said;
  }

  put() {
    const bar = document.querySelector(".bar-end");
    this.place.className = bar ? "online is-off is-waiting" : "notice is-waiting";
    this.place.setAttribute("role", "status");
    if (bar) bar.querySelector(".who").before(this.place);
    else document.getElementById("notices")?.append(this.place);
  }

  write(text, icon) {
    const link = Object.assign(document.createElement("a"), { href: this.url, textContent: text });
    this.place.replaceChildren(this.words.icon(icon), link);
  }
}

function moment(time) {
  const isToday = new Date(time).toDateString() === new Date().toDateString();
  const day = isToday ? {} : { day: "numeric", month: "short" };
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { ...day, hour: "numeric", minute: "2-digit" });
  return format.format(time).replace(/\s/g, "\u00a0"); // stays on one line
}
