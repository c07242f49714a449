/* Keys of the office: Ctrl+K to the search box, G and then a letter to a menu item (data-go). Off at the till, inside
   fields, and where the person turned them off. Scanners type letters too, so a letter counts only with silence
   around it. */

const SILENCE = 120;
const WITHIN = 1_000;
let pressedG = -Infinity;
let lastKey = -Infinity;
let waiting;

const isTyping = (target) => target.closest?.("input, select, textarea, [contenteditable], dialog[open]");

document.addEventListener("keydown", (event) => {
  if (!document.body.classList.contains("office") || document.body.dataset.keys === "off") return;
  clearTimeout(waiting);
  const quietBefore = event.timeStamp - lastKey >= SILENCE;
  lastKey = event.timeStamp;
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key === "k") {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const afterG = quietBefore && event.timeStamp - pressedG < WITHIN;
  pressedG = key === "g" && quietBefore ? event.timeStamp : -Infinity;
  if (afterG && /^[a-z]$/.test(key)) {
    waiting = setTimeout(() => document.querySelector(`a[data-go="${key}"]`)?.click(), SILENCE);
  }
});
