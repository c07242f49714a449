/* Opens the till with no network. All that it fetches ahead is in SHELL: files named by what is in them, and pages that
hold nothing about anybody. It fetches those without cookies, when it is installed, and keeps nothing else ever: no page
that somebody was shown, no answer to a form.

A page of ours is asked for over the network; where no answer comes in time, or one that says that Astro is down, the till
that works without network stands in for it, or the page that helps to find out what is wrong. */

const SHELL = {{ shell }};
const CACHE = `astro-shell-${SHELL.version}`;
const DOWN = [502, 503, 504];
const LEFT_ALONE = /^\/(?:app|api|m|hooks|live|ready|metrics|static)(?:\/|$)/;
const HELP = /^\/(?:access-help|status)\/$/;
const TILL = /^\/(?:$|sign-in\/|checkout\/)/; // what must not keep people waiting; a long report may
const LASTING = /\.[0-9a-f]{12}\.\w+$/;

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(begin()));
self.addEventListener("message", (event) => event.data === "begin" && self.skipWaiting());

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, href } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname.startsWith(SHELL.static)) event.respondWith(LASTING.test(pathname) ? stored(request) : fresh(request));
  else if (request.mode === "navigate" && !LEFT_ALONE.test(pathname)) event.respondWith(page(request, pathname, href));
});

/* Everything or nothing: half a shell would take the place of a whole one, so it does not stay. */
async function fill() {
  const before = await caches.has(CACHE);
  try {
    await fetchShell();
  } catch (error) {
    if (!before) await caches.delete(CACHE);
    throw error;
  }
}

async function fetchShell() {
  const cache = await caches.open(CACHE);
  const files = SHELL.files.map((address) => add(cache, address, LASTING.test(address) ? "default" : "no-cache"));
  const pages = Object.values(SHELL.pages).map((address) => add(cache, address, "reload"));
  await Promise.all([...files, ...pages]);
}

async function add(cache, address, how) {
  const answer = await fetch(address, { cache: how, credentials: "omit" });
  const isPage = answer.headers.get("Content-Type")?.includes("html") ?? false; // a notice in the place of a file is none
  const isRight = answer.status === 200 && !answer.redirected && isPage === address.endsWith("/");
  if (!isRight) throw new Error(`${address} answered ${answer.status}`);
  await cache.put(address, answer);
}

/* The version before stays: a page that another window still shows may ask for a module of it. */
async function begin() {
  const others = (await caches.keys()).filter((name) => name.startsWith("astro-shell-") && name !== CACHE);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function stored(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

async function fresh(request) {
  try {
    return await fetch(request);
  } catch (error) {
    return (await caches.match(request, { ignoreVary: true })) ?? Promise.reject(error);
  }
}

async function page(request, pathname, href) {
  const asked = fetch(request);
  asked.catch(() => {}); // told below
  const standIn = await caches.open(CACHE).then((cache) => cache.match(standInFor(pathname), { ignoreVary: true }));
  if (!standIn) return asked;
  try {
    const answer = await (TILL.test(pathname) && !href.includes("export") ? soon(asked) : asked);
    return DOWN.includes(answer.status) ? standIn : answer;
  } catch {
    return standIn;
  }
}

function standInFor(pathname) {
  return HELP.test(pathname) ? (SHELL.pages.help ?? "") : (SHELL.pages.till ?? "");
}

function soon(asked) {
  return new Promise((resolve, reject) => {
    setTimeout(reject, SHELL.patience, new Error("No answer in time"));
    asked.then(resolve, reject);
  });
}
