/* A late receipt: what is scanned anywhere on the page becomes a line, as if it had been typed and added. One after the
other: each answer brings the items anew, and a scanner does not wait for it. */

import { catchScans } from "./scan.js";

const waiting = [];
let isBusy = false;

function addNext() {
  if (isBusy || !waiting.length) return;
  isBusy = true;
  document.querySelector("[data-item]").value = waiting.shift();
  document.querySelector("[data-add]").click();
}

catchScans(document, {
  onScan({ text, gtin }) {
    waiting.push(gtin ?? text);
    addNext();
  },
});

/* Only once the items have settled does their new button ask in its own way; before, it would send the form. Each part
that settles tells of it, so an answer is heard once. */
const heard = new WeakSet();
for (const name of ["htmx:afterSettle", "htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(name, ({ detail: { xhr } }) => {
    if (heard.has(xhr)) return;
    heard.add(xhr);
    isBusy = false;
    addNext();
  });
}
