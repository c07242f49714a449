/* Finding a customer: a scanned customer card opens its customer, wherever the focus is. */

import { listenForKeys } from "./keys.js";
import { catchScans, ownCode } from "./scan.js";

const root = document.querySelector("[data-find]");
const box = root.querySelector("input");
const told = root.querySelector("[data-told]");

function open(code) {
  window.location.assign(root.dataset.codeUrl + encodeURIComponent(code));
}

catchScans(document, {
  onScan({ text, gtin, code }) {
    if (!gtin) return open(code ?? text);
    told.replaceChildren(root.querySelector("template").content.cloneNode(true));
    document.getElementById("found").replaceChildren();
  },
});

// What was told stays until a person types; the scanner's own characters in the box, taken back, are none.
box.addEventListener("input", (event) => event.isTrusted && told.replaceChildren());

root.querySelector("form").addEventListener("submit", (event) => {
  const code = ownCode(box.value.trim());
  if (!code) return;
  event.preventDefault();
  open(code);
});

listenForKeys(document, { "/": () => box.focus(), F2: () => box.focus() });
