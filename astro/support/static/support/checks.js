/* The checks of access help. Each says how it is (`ok`, `warn`, `bad`, `unknown`), which of the page's sentences holds, and
what stands in it. What several need is asked for once: `listen`. */

const ROUNDS = 5;
const PATIENCE = 8_000; // ms for one answer
const SLOW = 1_000; // ms
const CLOCK_OFF = 2 * 60_000; // ms
const TIGHT = 20 * 1024 * 1024; // bytes that should be free
const BASE = "astro-access-help";

export function listen({ echoUrl, statusUrl, restrictionUrl }) {
  const echoes = hear(echoUrl);
  const then = (ask) => echoes.then(({ told }) => (told === "good" ? ask() : null));
  return { echoes, status: then(() => standing(statusUrl)), restriction: then(() => restricted(restrictionUrl)) };
}

/* Several small answers of Astro's, each of which says back a word that nobody could know before. */
async function hear(url) {
  if (!navigator.onLine) return { told: "unknown", answers: [] };
  const answers = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const answer = await echo(url);
    if (answer.told !== "good") return { told: answer.told, answers };
    answers.push(answer);
  }
  return { told: "good", answers };
}

async function echo(url) {
  const nonce = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const began = performance.now();
  let answer, text;
  try {
    answer = await fetch(`${url}?nonce=${nonce}`, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    text = await answer.text();
  } catch {
    return { told: "unreachable" };
  }
  const took = performance.now() - began;
  const here = Date.now() - took / 2;
  if (answer.type !== "opaqueredirect" && answer.status >= 500) return { told: "broken" };
  try {
    const body = JSON.parse(text);
    if (body.astro !== "echo" || body.nonce !== nonce) return { told: "portal" };
    return { told: "good", took, nonce, body, off: here - Date.parse(body.now) };
  } catch {
    return { told: "portal" };
  }
}

async function standing(url) {
  try {
    const answer = await fetch(url, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(PATIENCE * 2) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

async function restricted(url) {
  return (await standing(url))?.restriction ?? "";
}

function connection() {
  return navigator.onLine ? { state: "ok", told: "good" } : { state: "bad", told: "none" };
}

/* The middle one of the answers: the first opens the connection, and one may be late. */
async function server({ echoes }) {
  const { told, answers } = await echoes;
  if (told !== "good") return { state: told === "unknown" ? "unknown" : "bad", told };
  const times = answers.map(({ took }) => took).sort((one, other) => one - other);
  const ms = Math.round(times[Math.floor(times.length / 2)]);
  return ms > SLOW ? { state: "warn", told: "slow", values: { ms } } : { state: "ok", told: "good", values: { ms } };
}

async function service({ status }) {
  const now = await status;
  if (!now?.components) return { state: "unknown", told: "unknown" };
  const notice = now.notices.map(({ text }) => text).join(" ");
  const ill = now.components.filter(({ condition }) => !["works", "off"].includes(condition));
  const values = { notice, parts: ill.map(({ label }) => label).join(", ") };
  if (!ill.length) return { state: notice ? "warn" : "ok", told: "good", values };
  if (ill.every(({ condition }) => condition === "slow")) return { state: "warn", told: "partly", values };
  return { state: "bad", told: "down", values };
}

/* By what it can do rather than by its name; the name is for the person who reads it. */
function browser() {
  const values = { browser: nameOf(navigator) };
  if (!isSecureContext) return { state: "bad", told: "insecure", values };
  const can = [
    () => "serviceWorker" in navigator,
    () => "locks" in navigator,
    () => "indexedDB" in window,
    () => "BroadcastChannel" in window,
    () => "showModal" in HTMLDialogElement.prototype,
    () => "popover" in HTMLElement.prototype,
    () => typeof structuredClone === "function",
    () => CSS.supports("color", "light-dark(black, white)"),
  ];
  if (!can.every((test) => holds(test))) return { state: "bad", told: "old", values };
  return { state: "ok", told: values.browser.startsWith("Google Chrome") ? "good" : "other", values };
}

function holds(test) {
  try {
    return test();
  } catch {
    return false;
  }
}

export function nameOf({ userAgent, userAgentData }) {
  const brands = userAgentData?.brands ?? [];
  const brand = brands.find(({ brand }) => brand === "Google Chrome" || brand === "Microsoft Edge");
  if (brand) return `${brand.brand} ${brand.version}`;
  const names = [[/Edg\/(\d+)/, "Microsoft Edge"], [/OPR\/(\d+)/, "Opera"], [/Firefox\/(\d+)/, "Firefox"]];
  names.push([/(?:CriOS|Chrome)\/(\d+)/, brands.length ? "Chromium" : "Google Chrome"], [/Version\/(\d+[.\d]*).*Safari/, "Safari"]);
  for (const [pattern, name] of names) {
    const found = pattern.exec(userAgent);
    if (found) return `${name} ${found[1]}`;
  }
  return userAgent.slice(0, 60);
}

/* Against the server's, by the quickest answer: its way took the least. */
async function clock({ echoes }, units) {
  const { answers } = await echoes;
  if (!answers.length) return { state: "unknown", told: "unknown" };
  const { off } = answers.reduce((best, answer) => (answer.took < best.took ? answer : best));
  if (Math.abs(off) <= CLOCK_OFF) return { state: "ok", told: "good" };
  return { state: "bad", told: off > 0 ? "fast" : "behind", values: { off: span(Math.abs(off), units) } };
}

function span(ms, units) {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} ${units.minutes}`;
  if (minutes < 2 * 24 * 60) return `${Math.round(minutes / 60)} ${units.hours}`;
  return `${Math.round(minutes / 60 / 24)} ${units.days}`;
}

/* The first answer sets one, the second must have brought it. */
async function cookies({ echoes }) {
  if (!navigator.cookieEnabled) return { state: "bad", told: "blocked" };
  const { answers } = await echoes;
  if (answers.length < 2) return { state: "unknown", told: "unknown" };
  const came = answers[1].body.cookie === answers[0].nonce;
  return came ? { state: "ok", told: "good" } : { state: "bad", told: "blocked" };
}

async function storage() {
  try {
    await keepSomething();
  } catch (problem) {
    return { state: "bad", told: problem?.name === "QuotaExceededError" ? "full" : "refused" };
  }
  try {
    const { quota, usage } = await navigator.storage.estimate();
    if (quota - usage < TIGHT) return { state: "warn", told: "tight" };
    return { state: "ok", told: (await navigator.storage.persisted()) ? "lasting" : "good" };
  } catch {
    return { state: "ok", told: "good" };
  }
}

/* Writes as the till does, and takes it away again. */
function keepSomething() {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(reject, PATIENCE, new Error("No answer in time"));
    const request = indexedDB.open(BASE, 1);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("Blocked"));
    request.onupgradeneeded = () => request.result.createObjectStore("tried");
    request.onsuccess = () => {
      const base = request.result;
      const finish = (settle, value) => {
        clearTimeout(timer);
        base.close();
        indexedDB.deleteDatabase(BASE);
        settle(value);
      };
      try {
        const transaction = base.transaction("tried", "readwrite", { durability: "strict" });
        transaction.objectStore("tried").put("x".repeat(1000), "key");
        transaction.oncomplete = () => finish(resolve);
        transaction.onabort = () => finish(reject, transaction.error);
      } catch (problem) {
        finish(reject, problem);
      }
    };
  });
}

/* Whose store restricts addresses is told to its own people and tills only. */
async function address({ echoes, restriction }) {
  const { answers } = await echoes;
  if (!answers.length || !answers[0].body.address) return { state: "unknown", told: "unknown" };
  const values = { address: answers[0].body.address };
  const told = { restricted: "restricted", open: "good" }[await restriction] ?? "seen";
  return { state: told === "restricted" ? "bad" : "ok", told, values };
}

export const CHECKS = { connection, server, service, browser, clock, cookies, storage, address };
