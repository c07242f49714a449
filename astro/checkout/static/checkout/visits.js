/* Sending a visit. Whatever the network does, the answer is one of six outcomes:

    recorded     it stands; `fragment` says what it did
    refused      its key stands with another basket; `fragment` says so
    unfit        nothing was recorded, and this basket never will be as it is; `message` says why
    signed out   nothing was recorded; the person has to sign in again
    stale        nothing was recorded; the page is too old
    unknown      no answer came: it may stand or not, and is to be sent again as it is */

const PATIENCE = 15_000;

export async function sendVisit(url, body) {
  let answer;
  try {
    answer = await post(url, body, { signal: AbortSignal.timeout(PATIENCE) });
    return await outcomeOf(answer);
  } catch {
    return { outcome: "unknown" };
  }
}

async function outcomeOf(answer) {
  if (answer.redirected || answer.status === 401) return { outcome: "signed out" };
  if (answer.status === 403) return { outcome: "stale" };
  if (answer.status >= 500) return { outcome: "unknown" };
  if (answer.headers.get("Content-Type")?.includes("json")) {
    const { error } = await answer.json();
    return { outcome: "unfit", message: error?.message };
  }
  const fragment = fragmentOf(await answer.text());
  if (!fragment.querySelector("#finished")) return { outcome: "unfit" };
  return { outcome: answer.status === 409 ? "refused" : "recorded", fragment };
}

/** The cards as they would be with this basket; null where there is no answer. */
export async function previewCards(url, lines, signal) {
  try {
    const answer = await post(url, { lines }, { signal });
    return answer.ok && !answer.redirected ? fragmentOf(await answer.text()).querySelector("#cards") : null;
  } catch {
    return null;
  }
}

function post(url, body, options) {
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
  return fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "HX-Request": "true", "X-CSRFToken": token },
    body: JSON.stringify(body),
    ...options,
  });
}

function fragmentOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}
