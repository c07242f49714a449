/* Whether Astro can be reached. The browser knows only whether there is a network at all; so Astro is asked, and only its own
answer counts: a page that a café's network gives instead is none. */

const PATIENCE = 5_000;

/** Asks `url` now, every `every` ms, and when the network comes back; calls `onChange(isReached)` when that changed, and the
 *  first time. Returns `{ again(), stop() }`. */
export function watchReach({ url, onChange, every = 10_000 }) {
  let timer = null;
  let known = null;
  let isStopped = false;

  async function ask() {
    clearTimeout(timer);
    const isReached = navigator.onLine && (await answers(url));
    if (isStopped) return;
    if (isReached !== known) onChange(isReached);
    known = isReached;
    clearTimeout(timer);
    timer = setTimeout(ask, every);
  }

  const stops = ["online", "offline"].map((name) => {
    window.addEventListener(name, ask);
    return () => window.removeEventListener(name, ask);
  });
  ask();

  return {
    again: ask,
    stop() {
      isStopped = true;
      clearTimeout(timer);
      stops.forEach((stop) => stop());
    },
  };
}

async function answers(url) {
  try {
    const answer = await fetch(url, { cache: "no-store", redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
    return answer.ok && (await answer.json()).live === true;
  } catch {
    return false;
  }
}
