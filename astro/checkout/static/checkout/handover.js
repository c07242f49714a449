/* From the basket to the visits that this till keeps (kept.js).

A sealed visit belongs to its basket until it stands among the kept ones: it is written there first, then leaves the
basket. Where the browser dies in between, both hold it, and whoever comes next hands it over again: the key and every word
are the same, so it is kept once and counts once.

Of a customer who was chosen the till's page may have sent it before, and the answer was lost: that counts as a try, so
that nobody takes back here what may stand there. Whoever sealed it and never sent it says so (`isFresh`). */

import { settleAt } from "./basket.js";
import { keep, takeBack } from "./kept.js";
import { readAll } from "./store.js";

const LONG_AGO = 60_000; // ms: whoever sealed it has had an answer, or is gone

/** Hands over every sealed visit of this basket, the oldest first; `about` is what a body says besides, where it does not say
 *  so itself; `isFresh` says of a key whether it surely never went out. Gives what is kept now. Rejects with NotKept; what is not kept stays sealed. */
export async function handOver(basket, about, isFresh) {
  const given = [];
  for (const visit of [...basket.waiting]) {
    given.push(await keepSealed(visit, about, isFresh));
    await basket.settle(visit.body.key);
  }
  return given;
}

/** The same for all baskets of this browser, whose windows went away after Check out and before there was an answer. */
export async function handOverAll({ now = Date.now() } = {}) {
  const given = [];
  for (const visit of (await readAll("baskets")).flatMap(({ waiting }) => waiting)) {
    const { key, occurred_at, customer } = visit.body;
    if (!customer || Math.abs(now - Date.parse(occurred_at)) < LONG_AGO) continue;
    given.push(await keepSealed(visit));
    await settleAt(placeOf(visit.body), key);
  }
  return given;
}

/** Gives up a kept visit that never went out, also where its basket still holds it and would hand it over again. False where
 *  it may have gone out, or is gone. */
export async function withdraw({ body }) {
  const isTaken = await takeBack(body.key);
  if (isTaken) await settleAt(placeOf(body), body.key);
  return isTaken;
}

function placeOf({ location, customer }) {
  return `${location}/${customer.id ?? "offline"}`;
}

async function keepSealed({ body: sealed, lines }, about, isFresh = () => false) {
  const body = sealed.customer ? sealed : { ...about, ...sealed }; // an older Astro sealed only what was bought
  const tries = body.customer.id && !isFresh(body.key) ? 1 : 0; // who was not chosen is only ever sent from among the kept
  const kept = { body, lines: lines.map(shown), ...whose(body.customer), tries };
  await keep(kept);
  return kept;
}

function shown({ product_id, code, quantity, name }) {
  return { ...(product_id ? { product_id } : { code }), quantity, name: name || code || "" };
}

/* How the customer was told, and the words as they were typed or scanned; of a chosen customer nothing stays here. */
function whose({ code, phone, note }) {
  if (code) return { who: "card", told: code };
  if (phone) return { who: "phone", told: phone };
  return note === undefined ? { who: "chosen", told: "" } : { who: "note", told: note };
}
