/* What was chosen at the second screen, from the moment it is sent until the server has answered. Its key and its words
stay the same through a reload, so that sending it again can never count twice. One for each tab: the browser forgets it
with the tab, because an e-mail address may be in it. */

import { uuid7 } from "./uuid7.js";

export class Sealed {
  constructor(place) {
    this.place = `astro-finish/${place}`;
    this.held = this.#read() ?? { key: uuid7(), body: null };
    this.#write();
  }

  /** What was sent and has no answer yet, or null. */
  get body() {
    return this.held.body;
  }

  /** Fixes what is to be sent. */
  seal(body) {
    this.held.body = { key: this.held.key, ...body };
    this.#write();
    return this.held.body;
  }

  /** The server recorded nothing of it and never will as it is: something else may be chosen. */
  reopen() {
    this.held.body = null;
    this.#write();
  }

  /** It stands: what is chosen here next is something new. */
  settle() {
    this.held = { key: uuid7(), body: null };
    try {
      sessionStorage.removeItem(this.place);
    } catch {
      // nothing was kept
    }
  }

  #read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.place));
    } catch {
      return null;
    }
  }

  #write() {
    try {
      sessionStorage.setItem(this.place, JSON.stringify(this.held));
    } catch {
      // a browser that keeps nothing still finishes, as long as the page stays
    }
  }
}
