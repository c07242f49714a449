/* Access help: runs every check, shows of each the sentence that is true, and sends what was found where somebody wants.

All words are in the page; a check here only says which of them hold. Nothing is sent before the button is pressed, and
what goes along stands above it, word for word. */

import { CHECKS, listen } from "./checks.js";
import { keepDraft, dropDraft, readDraft } from "./drafts.js";

const root = document.querySelector("astro-access-help");
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const form = part("form");
const UNREACHABLE = new Set(["none", "portal", "broken", "unreachable"]);
let running = 0;

/* Of the sentences below this element, show this one. */
function tell(element, told, values = {}) {
  for (const sentence of element.querySelectorAll("[data-told]")) sentence.hidden = sentence.dataset.told !== told;
  for (const [name, value] of Object.entries(values)) {
    for (const place of element.querySelectorAll(`[data-value="${name}"]`)) place.textContent = value;
  }
}

async function check() {
  const run = (running += 1);
  tell(part("verdict"), "checking");
  const rows = [...root.querySelectorAll("[data-check]")];
  for (const row of rows) {
    row.dataset.state = "checking";
    tell(row, "checking", { notice: "" });
  }
  const heard = listen(root.dataset);
  const found = await Promise.all(
    rows.map(async (row) => {
      const units = Object.fromEntries([...row.querySelectorAll("[data-unit]")].map((unit) => [unit.dataset.unit, unit.textContent]));
      const outcome = await CHECKS[row.dataset.check](heard, units);
      if (run !== running) return outcome;
      row.dataset.state = outcome.state;
      tell(row, outcome.told, outcome.values);
      return outcome;
    }),
  );
  if (run !== running) return;
  tell(part("verdict"), verdict(found));
  root.dataset.checked = String(run);
  part("report").textContent = report(rows);
}

function verdict(found) {
  if (found.some(({ told }) => UNREACHABLE.has(told))) return "away";
  return found.some(({ state }) => state === "warn" || state === "bad") ? "some" : "fine";
}

/* What the page shows, as lines: a name, then the sentence. */
function report(rows) {
  const lines = rows.map((row) => {
    const sentences = [...row.querySelectorAll("div > p")].filter((sentence) => !sentence.hidden);
    const words = sentences.map((sentence) => sentence.textContent.replace(/\s+/g, " ").trim()).join(" ");
    return `${row.querySelector("h3").textContent}: ${words.trim()}`;
  });
  return [...lines, navigator.userAgent, new Date().toString()].join("\n").slice(0, 4000);
}

function say(told, values, kind = "") {
  const outcome = part("outcome");
  outcome.className = `notice ${kind}`.trim();
  outcome.hidden = false;
  tell(outcome, told, values);
  outcome.focus();
}

async function send(event) {
  event.preventDefault();
  const written = Object.fromEntries(new FormData(form));
  const before = readDraft();
  const draft = { ...written, key: before?.text === written.text ? before.key : newKey() };
  keepDraft(draft);
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const answer = await fetch(root.dataset.sendUrl, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-Astro-Help": "1" },
      body: JSON.stringify({ ...draft, found: part("report").textContent }),
      redirect: "manual",
      signal: AbortSignal.timeout(20_000),
    });
    await told(answer);
  } catch {
    keepDraft({ ...draft, waits: true });
    say("kept", {}, "warn");
  } finally {
    button.disabled = false;
  }
}

/* Only Astro answers with a ticket, or with a sentence of ours; whatever else comes is nobody's yes. */
async function told(answer) {
  const body = await answer.json();
  if (answer.status === 201 && body.ticket?.reference) {
    dropDraft();
    form.elements.text.value = "";
    say(body.ticket.has_address ? "sent" : "sent-silent", { reference: body.ticket.reference }, "ok");
  } else if (body.error?.message) {
    if (answer.status === 409) dropDraft();
    say("refused", { refusal: body.error.message }, "bad");
    form.elements[body.error.field]?.focus();
  } else {
    throw new Error("Not Astro's answer");
  }
}

/* What was written while nobody could be reached is there again, and offered. */
function offer() {
  const draft = readDraft();
  if (!draft?.waits) return;
  for (const name of ["text", "name", "store", "email"]) form.elements[name].value ||= draft[name] ?? "";
  if (navigator.onLine) say("waiting", {}, "warn");
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

part("no-script").hidden = true;
part("write-plain").hidden = true;
for (const name of ["verdict", "checks", "form"]) part(name).hidden = false;
for (const button of root.querySelectorAll("[data-act]")) button.hidden = false;
root.querySelector('[data-act="again"]').addEventListener("click", check);
root.querySelector('[data-act="copy-report"]').addEventListener("click", async () => {
  const has = await copy(`${form.elements.text.value}\n\n${part("report").textContent}`.trim());
  say(has ? "copied" : "not-copied", {}, has ? "ok" : "warn");
});
root.querySelector('[data-act="copy-address"]').addEventListener("click", async () => {
  const has = await copy(part("address").href);
  part("address-copied").hidden = !has;
  if (!has) getSelection().selectAllChildren(part("address"));
});
form.addEventListener("submit", send);
addEventListener("online", () => {
  check();
  offer();
});
addEventListener("offline", check);
offer();
check();
