/* Keys of the office: Ctrl+K to the search box, G and then a letter to a menu item (data-go). Off at the till, where
   scanners type letters; off inside fields; off where the person turned them off. */

const WITHIN = 1_000;
let pressedG = -Infinity;

const isTyping = (target) => target.closest?.("input, select, textarea, [contenteditable], dialog[open]");

document.addEventListener("keydown", (event) => {
  if (!document.body.classList.contains("office") || document.body.dataset.keys === "off") return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const key = event.key.toLowerCase();
  if (event.timeStamp - pressedG < WITHIN && /^[a-z]$/.test(key)) {
    pressedG = -Infinity;
    document.querySelector(`a[data-go="${key}"]`)?.click();
  } else if (key === "g") {
    pressedG = event.timeStamp;
  }
});
