/* A toast stays ten seconds, and as long as the pointer or the focus is on it. */

const STAYS = 10_000;
const region = document.getElementById("toasts");

function start(toast) {
  let timer;
  const run = () => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), STAYS);
  };
  const hold = () => clearTimeout(timer);
  for (const [name, act] of [["pointerenter", hold], ["focusin", hold], ["pointerleave", run], ["focusout", run]]) {
    toast.addEventListener(name, act);
  }
  toast.addEventListener("click", (event) => {
    if (event.target.closest("[data-toast-close]")) toast.remove();
  });
  run();
}

if (region) {
  region.querySelectorAll("[data-toast]").forEach(start);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        (node.matches("[data-toast]") ? [node] : node.querySelectorAll("[data-toast]")).forEach(start);
      }
    }
  }).observe(region, { childList: true });
}
