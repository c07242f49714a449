/* The service worker, and which version of it. A newer one waits until somebody presses Reload: no page ever changes by
itself under a cashier's hands. */

import { addStyle } from "./styles.js";

const OFTEN = 60 * 60 * 1000;
const PATIENCE = 20_000;

/** Installs the worker, asks now and then for a newer one, and offers it. Without HTTPS there is none, and the till says so. */
export async function keepCurrent(words, { url, style }) {
  if (!isSecureContext) return warn(words);
  const registration = await navigator.serviceWorker?.register(url, { updateViaCache: "none" }).catch(() => null);
  if (!registration) return;
  const offer = () => {
    if (registration.waiting && navigator.serviceWorker.controller) offerReload(words, style, registration);
  };
  registration.addEventListener("updatefound", () => {
    const arriving = registration.installing;
    arriving?.addEventListener("statechange", () => arriving.state === "installed" && offer());
  });
  offer();
  let asked = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || Date.now() - asked < OFTEN) return;
    asked = Date.now();
    registration.update().catch(() => {});
  });
}

function offerReload(words, style, registration) {
  const bar = document.querySelector(".bar-end");
  if (!bar || bar.querySelector(".is-new-version")) return;
  addStyle(style);
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "online is-off is-new-version" });
  const text = document.createElement("span");
  text.textContent = words.say("new-version");
  button.append(words.icon("refresh"), text);
  button.addEventListener("click", async () => {
    button.setAttribute("aria-busy", "true");
    text.textContent = words.say("reloading");
    await untilQuiet();
    reload(registration);
  });
  bar.querySelector(".who").before(button);
}

/* What is on its way to the server is let through first. */
async function untilQuiet() {
  const until = Date.now() + PATIENCE;
  while (document.querySelector("main [aria-busy=true]") && Date.now() < until) await pause(100);
  const signal = AbortSignal.timeout(PATIENCE);
  await navigator.locks?.request("astro-sending", { signal }, () => {}).catch(() => {});
}

function reload(registration) {
  const again = () => location.reload();
  if (!registration.waiting) return again(); // another window was faster
  navigator.serviceWorker.addEventListener("controllerchange", again, { once: true });
  registration.waiting.postMessage("begin");
}

function warn(words) {
  const aside = document.body.classList.contains("at-till") && document.querySelector("body > aside");
  if (!aside) return;
  const banner = document.createElement("div");
  banner.className = "banner";
  banner.append(words.icon("alert-triangle"), words.say("no-https"));
  aside.append(banner);
}

function pause(time) {
  return new Promise((resolve) => setTimeout(resolve, time));
}
