/* Sends what this till keeps, each visit by a POST of its own, until the server has said that it has it. However often one
goes out, it counts once: its key is its own, and the server answers the second time as the first.

An answer counts only where it is JSON that names the key which was sent. A page in a café's network that says "sign in to
the Wi-Fi", a redirect, an answer that was cut off: all of that is no answer, and the visit goes out again later. Nothing
that comes back makes a till forget a visit, but that one word of the server. */

import { allKept, noteTrouble, noteTry, onKept, settleKept, summary } from "./kept.js";
import { change, read } from "./store.js";

export const ARRIVALS = "/checkout/arrivals/";
export const WAITING = "/checkout/waiting/";
const PATIENCE = 20_000;
const SOONEST = 2_000;
const LATEST = 300_000;
const OFTEN = 5; // so many tries, and the others go first: one that the server chokes on holds up nobody

/** One round: everything that waits, the oldest first, until something gets no answer. Gives how that ended: "done",
 *  "no answer", "sign-in", "nothing" where nothing waits, or "busy" where another window is sending. */
export async function sendKept({ url = ARRIVALS, patience = PATIENCE } = {}) {
  if (!navigator.locks) return sendAll(url, patience);
  return navigator.locks.request("astro-sending", { ifAvailable: true }, (lock) => (lock ? sendAll(url, patience) : "busy"));
}

/** Keeps sending while this page is open: now, when something is kept, when the network is back, when the page is seen
 *  again, and by and by while anything waits. Tells the server how many wait. Returns `{ again(), stop() }`. */
export function keepSending({ url = ARRIVALS, waitingUrl = WAITING, soonest = SOONEST, latest = LATEST, patience = PATIENCE } = {}) {
  let timer = null;
  let pause = soonest;
  let isSending = false;
  let isStopped = false;

  async function round() {
    clearTimeout(timer);
    if (isSending || isStopped) return;
    isSending = true;
    const end = navigator.onLine ? await sendKept({ url, patience }).catch(() => "no answer") : "no answer";
    isSending = false;
    const { count } = await summary().catch(() => ({ count: 0 }));
    const next = { busy: soonest, "no answer": pause }[end] ?? latest;
    if (end === "no answer") pause = Math.min(pause * 2, latest);
    if (count && !isStopped) timer = setTimeout(round, jittered(next));
    await report(waitingUrl, patience).catch(() => {});
  }

  const soon = () => {
    pause = soonest;
    return round();
  };
  const stops = [
    [window, "online", soon],
    [document, "visibilitychange", () => document.hidden || soon()],
    [window, "pageshow", (event) => event.persisted && soon()],
  ].map(([target, name, act]) => {
    target.addEventListener(name, act);
    return () => target.removeEventListener(name, act);
  });
  stops.push(onKept(({ isNew }) => isNew && soon()));
  soon();

  return {
    again: soon,
    stop() {
      isStopped = true;
      clearTimeout(timer);
      stops.forEach((stop) => stop());
    },
  };
}

async function sendAll(url, patience) {
  const done = new Set();
  let end = "nothing";
  for (;;) {
    const waiting = (await allKept()).filter(({ body }) => !done.has(body.key)); // more may be kept meanwhile
    if (!waiting.length) return end;
    for (const { body } of waiting.sort(byTurn)) {
      done.add(body.key);
      end = await sendOne(url, body.key, patience);
      if (end !== "done") return end;
    }
  }
}

function byTurn(one, other) {
  const turn = ({ tries }) => (tries < OFTEN ? 0 : tries);
  return turn(one) - turn(other) || one.kept_at - other.kept_at;
}

async function sendOne(url, key, patience) {
  const visit = await noteTry(key);
  if (!visit) return "done"; // taken back
  const { trouble, message } = await askFor(url, visit.body, patience);
  if (!trouble) await settleKept(key);
  else if (trouble !== visit.trouble || message !== visit.message) await noteTrouble(key, trouble, message).catch(() => {}); // a full disk
  return { unreachable: "no answer", "sign-in": "sign-in" }[trouble] ?? "done";
}

/* What stands in the way of this visit; `{}` where the server has it. */
async function askFor(url, body, patience) {
  try {
    const answer = await post(url, JSON.stringify(body), patience);
    const { arrival, error } = await answer.json();
    if (answer.ok && arrival?.key === body.key) return {};
    const { code, message = "" } = error ?? {};
    if (answer.status === 401 && code === "no_till") return { trouble: "sign-in", message };
    if (answer.status === 403 && code === "other_store") return { trouble: "other-store", message };
    if ((answer.status === 422 || answer.status === 413) && message) return { trouble: "unfit", message };
  } catch {
    // no network, no JSON, a redirect, cut off, too slow
  }
  return { trouble: "unreachable", message: "" };
}

/* Tells the server how many wait, where it does not know. */
async function report(url, patience) {
  const { count, since } = await summary();
  const told = JSON.stringify({ waiting: count, oldest_at: since === null ? null : new Date(since).toISOString() });
  const known = await read("facts", "reported");
  if (told === known || (!known && !count) || !navigator.onLine) return;
  const answer = await post(url, told, patience);
  if (answer.ok) await change("facts", "reported", () => told);
}

function post(url, body, patience) {
  const headers = {
    "Content-Type": "application/json",
    Accept: "application/json",
    "X-Astro-Till": "1",
    "X-Till-Clock": new Date().toISOString(),
  };
  const signal = AbortSignal.timeout(patience);
  return fetch(url, { method: "POST", headers, body, signal, redirect: "error", cache: "no-store" });
}

function jittered(time) {
  return time * (0.75 + Math.random() / 2);
}
