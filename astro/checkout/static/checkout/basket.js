/* The basket: what a customer is buying, kept on this till until the server has answered.

A line is one product (or one code that nobody knows), the newest on top. A basket gets its visit key with its first
line; a checkout seals it: its body is fixed, word for word, so that sending it again can never count twice. It waits
here until the server has recorded or rejected it, or until this till keeps it among its visits (handover.js). What is
scanned meanwhile starts the next basket.

Every change is a small rule applied twice: at once to what the page shows, and in one transaction to what the disk
holds. Where another window has changed the basket too, the disk is right and `onChange` is called. */

import { change, read } from "./store.js";
import { uuid7 } from "./uuid7.js";

export const MOST_UNITS = 999;

const EMPTY = { key: null, started_at: null, lines: [], waiting: [], declined: [] };

export class Basket {
  /** `now()` in ms. `onChange()` when the disk knew better; `onTrouble()` when it keeps nothing. */
  constructor({ customer, location, now = Date.now, onChange = () => {}, onTrouble = () => {} }) {
    this.place = `${location}/${customer}`;
    this.now = now;
    this.onChange = onChange;
    this.onTrouble = onTrouble;
    this.state = EMPTY;
    this.saved = Promise.resolve();
    this.undoable = [];
  }

  /** Takes up what the disk holds, for instance from before a crash or from another window. */
  async open() {
    this.saved = this.saved.then(async () => this.#agree((await read("baskets", this.place)) ?? EMPTY));
    await this.saved.catch(() => this.onTrouble());
  }

  /** The key of the visit that this basket becomes, or null. */
  get key() {
    return this.state.key;
  }

  get lines() {
    return this.state.lines;
  }

  /** Visits that were sealed and have no answer yet, the oldest first. */
  get waiting() {
    return this.state.waiting;
  }

  get startedAt() {
    return this.state.started_at;
  }

  /** Lines that can be checked out: those whose product is known. */
  get known() {
    return this.lines.filter((line) => line.product_id);
  }

  get units() {
    return this.lines.reduce((sum, line) => sum + line.quantity, 0);
  }

  /** So many units more, or fewer, of one thing: `{ product_id }` or `{ code }`. Returns its line as it is now. */
  add(thing, units = 1) {
    return this.#move([[thing, units]])[0];
  }

  remove(line) {
    this.#move([[line, -line.quantity]]);
  }

  /** What was paid for a line, in cents; null: nobody said. */
  pay(line, paid_cents) {
    const lines = (state) => state.lines.map((one) => (isSame(one, line) ? { ...one, paid_cents } : one));
    this.#change((state) => ({ ...state, lines: lines(state) }));
  }

  /** Program cards of offers that the customer does not want in this visit. */
  get declined() {
    return this.state.declined ?? [];
  }

  /** Declines an offer for this visit, or takes that back. */
  decline(card, isDeclined) {
    this.#change((state) => {
      const rest = (state.declined ?? []).filter((one) => one !== card);
      return { ...state, declined: isDeclined ? [...rest, card] : rest };
    });
  }

  /** An unknown code turned out to be this product. */
  name(line, product_id) {
    return this.#move([[line, -line.quantity], [{ product_id }, line.quantity]])[1];
  }

  /** Takes back the last change made in this window. Returns what it moved: `[[thing, units], …]`, or null. */
  undo() {
    const moves = this.undoable.pop();
    if (!moves) return null;
    const back = moves.map(([thing, units]) => [thing, -units]).reverse();
    this.#move(back);
    this.undoable.pop();
    return back;
  }

  /** These units came off today's purchases: `undo` puts them into the basket. */
  takenBack(thing, units) {
    this.undoable.push([[thing, -units]]);
  }

  /** Fixes what is to be sent, if anything is: with why several units go onto one card, and `about`, whatever else the
   *  visit says of itself. Codes that nobody knows go along as `unknown`; alone, only where `alone` says so. `nameOf` names lines
   *  for people. Resolves when it is on the disk. */
  async seal({ reason, reason_text, ...about } = {}, { alone = false, nameOf = () => "" } = {}) {
    const occurred_at = new Date(this.now()).toISOString();
    this.#change((state) => {
      const lines = state.lines.filter((line) => line.product_id);
      const unknown = state.lines.filter((line) => !line.product_id);
      if (!lines.length && !(alone && unknown.length)) return state;
      const why = { ...(reason && { reason }), ...(reason_text && { reason_text }) };
      const codes = unknown.length ? { unknown: unknown.map(({ code, quantity }) => ({ code, quantity })) } : {};
      const declined = state.declined?.length ? { declined: state.declined } : {};
      const body = { key: state.key, occurred_at, ...about, lines: lines.map(bodyLine), ...codes, ...why, ...declined };
      const named = state.lines.map((line) => ({ ...line, name: nameOf(line) }));
      return { ...EMPTY, waiting: [...state.waiting, { body, started_at: state.started_at, lines: named }] };
    });
    this.undoable = [];
    await this.saved;
  }

  /** The server has recorded this visit, or keeps it for a person to look at. */
  async settle(key) {
    this.#change((state) => settled(state, key));
    await this.saved;
  }

  /** The server recorded nothing of this visit and never will as it is: its lines are the basket again. */
  async reopen(key) {
    this.#change((state) => {
      const visit = state.waiting.find((one) => one.body.key === key);
      if (!visit) return state;
      const back = { ...visit, key, waiting: state.waiting.filter((one) => one !== visit) };
      return state.lines.toReversed().reduce((whole, line) => moved(whole, line, line.quantity, line.key), back);
    });
    await this.saved;
  }

  #move(moves) {
    const now = this.now();
    const made = moves.map(([thing, units]) => ({ thing, units, key: uuid7(now), visit: uuid7(now) }));
    const before = this.lines;
    this.#change((state) =>
      made.reduce((next, { thing, units, key, visit }) => moved(next, thing, units, key, visit, now), state),
    );
    const done = made.map(({ thing }) => [thing, quantityOf(this.lines, thing) - quantityOf(before, thing)]);
    this.undoable.push(done);
    return made.map(({ thing }) => this.lines.find((line) => isSame(line, thing)) ?? null);
  }

  #change(rule) {
    this.state = tidy(rule(this.state));
    const shown = this.state;
    this.saved = this.saved
      .then(() => change("baskets", this.place, (held) => orNull(tidy(rule(held ?? EMPTY)))))
      .then((held) => {
        if (this.state === shown) this.#agree(held ?? EMPTY);
      })
      .catch(() => this.onTrouble());
  }

  #agree(held) {
    if (JSON.stringify(held) === JSON.stringify(this.state)) return;
    this.state = held;
    this.undoable = [];
    this.onChange();
  }
}

/** The same for a basket that nobody has open. */
export function settleAt(place, key) {
  return change("baskets", place, (held) => (held ? orNull(tidy(settled(held, key))) : null));
}

function settled(state, key) {
  return { ...state, waiting: state.waiting.filter((visit) => visit.body.key !== key) };
}

/** The state after `units` more of a thing; a line that comes to nothing goes. */
function moved(state, thing, units, key, visit = null, now = null) {
  const lines = [...state.lines];
  const place = lines.findIndex((line) => isSame(line, thing));
  const quantity = Math.min(MOST_UNITS, (lines[place]?.quantity ?? 0) + units);
  if (place < 0 && quantity > 0) lines.unshift({ key, ...identity(thing), quantity });
  else if (quantity > 0) lines[place] = { ...lines[place], quantity };
  else if (place >= 0) lines.splice(place, 1);
  return { ...state, key: state.key ?? visit, started_at: state.started_at ?? now, lines };
}

function identity({ product_id, code }) {
  return product_id ? { product_id } : { code };
}

function isSame(line, thing) {
  return thing.product_id ? line.product_id === thing.product_id : line.code === thing.code && !line.product_id;
}

function quantityOf(lines, thing) {
  return lines.find((line) => isSame(line, thing))?.quantity ?? 0;
}

/** A line as the server reads it. What was paid belongs to one item. */
export function bodyLine({ key, product_id, quantity, paid_cents }) {
  const paid = quantity === 1 && Number.isInteger(paid_cents) ? { paid_cents } : {};
  return { key, product_id, quantity, ...paid };
}

/** A basket without lines has no key: the next one is another visit. */
function tidy({ key, started_at, lines, waiting, declined = [] }) {
  return lines.length ? { key, started_at, lines, waiting, declined } : { ...EMPTY, waiting };
}

function orNull(state) {
  return state.lines.length || state.waiting.length ? state : null;
}
