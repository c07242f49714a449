/* Visits that this till keeps: rung up, on its disk, and not yet taken by the server. One record for each, under the key
of its visit:

    body      what is sent, fixed when it was kept: word for word the same, however often
    kept_at   in ms
    lines     [{ product_id | code, quantity, name }], for showing
    who       "card" | "phone" | "note" | "chosen", and `told`: the card, phone or note as it was typed
    tries     how often it went out, or may have before it was kept: only one that never did can be taken back
    trouble   null | "sign-in" | "other-store" | "unfit" | "unreachable", and `message`

Every window of this browser sees the same records; each change is one transaction and is told to all of them. */

import { change, read, readAll } from "./store.js";

const channel = new BroadcastChannel("astro-kept");
const mine = new EventTarget();
let staying = null;

/** This browser keeps nothing. `why`: "refused", "full", or "blocked" by an older Astro in another window. */
export class NotKept extends Error {
  constructor(error) {
    super(`This browser keeps nothing: ${error?.message ?? "no storage"}`);
    this.name = "NotKept";
    this.why = { QuotaExceededError: "full", BlockedError: "blocked" }[error?.name] ?? "refused";
  }
}

/** Keeps a visit `{ body, lines, who, told, tries? }`. Resolves when it is on the disk, and only then may anybody say so.
 *  Rejects with NotKept. The same key again changes nothing, but that it may have gone out. */
export async function keep(visit) {
  const record = { kept_at: Date.now(), told: "", tries: 0, ...visit, trouble: null, message: "" };
  try {
    await beStaying();
    await change("kept", visit.body.key, (held) => (held ? { ...held, tries: Math.max(held.tries, record.tries) } : record));
  } catch (error) {
    throw new NotKept(error);
  }
  tell("kept");
}

/** All of them, the oldest first. */
export async function allKept() {
  const kept = await readAll("kept");
  return kept.sort((one, other) => one.kept_at - other.kept_at || (one.body.key < other.body.key ? -1 : 1));
}

/** It is about to go out. Gives it as it is now, or null where somebody took it back. On a disk so full that not even this
 *  can be noted it goes out all the same: sent visits are what makes room. */
export async function noteTry(key) {
  try {
    return await alter(key, (held) => ({ ...held, tries: held.tries + 1 }));
  } catch {
    return (await read("kept", key)) ?? null;
  }
}

/** Why it still waits; null where it no longer has a trouble. */
export function noteTrouble(key, trouble, message = "") {
  return alter(key, (held) => ({ ...held, trouble, message }));
}

/** The server has it. */
export async function settleKept(key) {
  await change("kept", key, () => null);
  tell();
}

/** Gives up a visit that was never tried. False where it was, or is gone: then it may stand already. */
export async function takeBack(key) {
  let isTaken = false;
  await change("kept", key, (held) => {
    isTaken = held?.tries === 0;
    return isTaken || !held ? null : held;
  });
  if (isTaken) tell();
  return isTaken;
}

/** `{ count, since, troubles }`: `since` is when the oldest was kept, in ms, or null; `troubles` counts them by name. */
export async function summary() {
  const kept = await allKept();
  const troubles = {};
  for (const { trouble } of kept) if (trouble) troubles[trouble] = (troubles[trouble] ?? 0) + 1;
  return { count: kept.length, since: kept[0]?.kept_at ?? null, troubles };
}

/** Calls back soon after a change, whichever window made it, with `{ isNew }`: whether a visit came. Many changes at once are
 *  one call. Returns `stop()`. */
export function onKept(callback, { within = 200 } = {}) {
  let timer = null;
  let isNew = false;
  const soon = ({ data }) => {
    isNew ||= data === "kept";
    timer ??= setTimeout(() => {
      const told = { isNew };
      timer = null;
      isNew = false;
      callback(told);
    }, within);
  };
  channel.addEventListener("message", soon);
  mine.addEventListener("message", soon);
  return () => {
    clearTimeout(timer);
    channel.removeEventListener("message", soon);
    mine.removeEventListener("message", soon);
  };
}

/** What stands in the way of keeping: null, "refused", "full" or "blocked". Tries it with a write. */
export async function troubleKeeping() {
  try {
    await beStaying();
    await change("facts", "probe", () => Date.now());
    return (await read("facts", "probe")) ? null : "refused";
  } catch (error) {
    return new NotKept(error).why;
  }
}

export async function canKeep() {
  return (await troubleKeeping()) === null;
}

/* A private window of Firefox or Safari forgets everything when it closes, and gives itself away by this refusal. One of
Chrome's cannot be told from any other. */
function beStaying() {
  staying ??= navigator.storage?.getDirectory?.() ?? Promise.resolve();
  return staying;
}

async function alter(key, rule) {
  const held = await change("kept", key, (record) => (record ? rule(record) : null));
  if (held) tell();
  return held;
}

function tell(what = "changed") {
  mine.dispatchEvent(new MessageEvent("message", { data: what }));
  channel.postMessage(what);
}
