/* Keys of the till. Scanners type characters, so a character acts only with 120 ms of silence on both sides, never in a
field, and not where the person turned such keys off; the others act at once. While a dialog or a menu is open they rest,
and Esc closes it. */

const SILENCE = 120;

/** Calls `acts[name]` for keys by name: "/", "F2", "Ctrl+Enter". Returns a function that stops. */
export function listenForKeys(target, acts) {
  let last = -Infinity;
  let waiting;

  function onKey(event) {
    clearTimeout(waiting);
    const isQuiet = event.timeStamp - last >= SILENCE;
    last = event.timeStamp;
    if (event.isComposing || event.repeat || event.altKey || document.querySelector("dialog[open], :popover-open")) return;
    const act = acts[event.ctrlKey || event.metaKey ? `Ctrl+${event.key}` : event.key];
    if (!act) return;
    if (event.key.length > 1) {
      event.preventDefault();
      act();
    } else if (isQuiet && !isTyping(event.target) && document.body.dataset.keys !== "off") {
      event.preventDefault(); // Firefox opens its search at a slash
      waiting = setTimeout(act, SILENCE);
    }
  }

  target.addEventListener("keydown", onKey);
  return () => {
    clearTimeout(waiting);
    target.removeEventListener("keydown", onKey);
  };
}

function isTyping(element) {
  return Boolean(element.closest?.("input, select, textarea, [contenteditable]"));
}
