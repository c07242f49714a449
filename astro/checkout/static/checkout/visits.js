/* Sending a visit, and what was chosen after it. Whatever the network does, the answer is one of six outcomes:

    recorded     it stands; `fragment` says what it did
    refused      its key stands with another basket; `fragment` says so
    unfit        nothing was recorded, and this body never will be as it is; `message` says why, `field` where
    signed out   nothing was recorded; the person has to sign in again
    stale        nothing was recorded; the page is too old
    unknown      no answer came, or none of Astro's: it may stand or not, and is to be sent again as it is */

import { fragmentOf, post } from "./server.js";

const PATIENCE = 15_000;
const PATIENCE_AT_CHECK_OUT = 10_000; // people queue; the visit is not lost by going on

export async function sendVisit(url, body) {
  try {
    const answer = await post(url, body, { signal: AbortSignal.timeout(PATIENCE_AT_CHECK_OUT) });
    return (await failureOf(answer)) ?? (await outcomeOf(answer));
  } catch {
    return { outcome: "unknown" };
  }
}

/** Takes a whole visit back: "recorded" when that is done, or was before; `lines` is what had been bought. */
export async function takeBack(url) {
  try {
    const answer = await post(url, {}, { signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok || answer.redirected) return (await failureOf(answer)) ?? { outcome: "unfit" };
    return { outcome: "recorded", ...(await answer.json()) };
  } catch {
    return { outcome: "unknown" };
  }
}

async function outcomeOf(answer) {
  const fragment = fragmentOf(await answer.text());
  if (!fragment.querySelector("#finished, #redemption")) return { outcome: answer.ok ? "unknown" : "unfit" };
  return { outcome: answer.status === 409 ? "refused" : "recorded", fragment };
}

async function failureOf(answer) {
  const isJson = answer.headers.get("Content-Type")?.includes("json");
  if (answer.redirected || answer.status === 401) return { outcome: "signed out" };
  if (answer.status === 403 && !isJson) return { outcome: "stale" };
  if (answer.status >= 500) return { outcome: "unknown" };
  if (!isJson) return null;
  const { error } = await answer.json();
  return { outcome: "unfit", ...error, status: answer.status };
}
