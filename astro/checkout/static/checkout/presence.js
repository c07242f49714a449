/* Two tills with the same customer open. While the page can be seen it says so every few seconds, and is told who else
has the customer open, and whether anything of their cards changed. Without network, or signed out, it is quiet: the
till says that by itself. */

const PATIENCE = 10_000;

/** Asks `url` now and every `every` ms. `version` is the one that the page was made with, if it knows it.

`onOthers([{who, where}, …])` when those change, `onChanged()` when the cards did. Returns `mine(done)`, to be handed what this
page is changing itself (a promise), which is then no news, and `stop()`. */
export function watch({ url, page, version = null, onOthers, onChanged, every = 15_000 }) {
  let timer = null;
  let isAsking = false;
  let isStopped = false;
  let changing = 0; // what this page is changing just now
  let isChanged = false; // what it has changed since the last question
  let shown = "[]";

  async function ask() {
    clearTimeout(timer);
    if (isStopped || isAsking || document.hidden) return;
    isAsking = true;
    const isMine = isChanged;
    isChanged = false;
    const told = navigator.onLine ? await post(url, { page }) : null;
    isAsking = false;
    if (isStopped) return;
    if (told) take(told, isMine || isChanged || changing > 0);
    else isChanged ||= isMine;
    timer = setTimeout(ask, told && isChanged ? 0 : every);
  }

  function take({ others, version: now }, isMine) {
    const text = JSON.stringify(others);
    if (text !== shown) onOthers(others);
    shown = text;
    const isNews = version !== null && version !== now && !isMine;
    version = now;
    if (isNews) onChanged();
  }

  function leave() {
    clearTimeout(timer);
    if (!isStopped) post(url, { page, leaving: true }, { keepalive: true });
  }

  const stops = [
    [document, "visibilitychange", ask],
    [window, "online", ask],
    [window, "pagehide", leave],
    [window, "pageshow", (event) => event.persisted && ask()],
  ].map(([target, name, act]) => {
    target.addEventListener(name, act);
    return () => target.removeEventListener(name, act);
  });
  ask();

  return {
    async mine(done = null) {
      changing += 1;
      try {
        await done;
      } catch {
        // whoever made the promise tells of it
      } finally {
        changing -= 1;
        isChanged = true;
      }
      ask();
    },
    stop() {
      leave();
      isStopped = true;
      stops.forEach((stop) => stop());
    },
  };
}

async function post(url, body, options = {}) {
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token };
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE), // a question that hangs would be the last one
      ...options,
    });
    return answer.status === 200 && !answer.redirected ? await answer.json() : null;
  } catch {
    return null;
  }
}
