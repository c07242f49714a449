/* A customer's history. A scan works here as on every page of the till and never presses a button: a customer card opens
its customer, an item is taken at the till. Paper shows every item of every card. */

import { catchScans } from "./scan.js";

const told = document.querySelector("[data-scanned]");

catchScans(document, {
  onScan({ text, gtin, code }) {
    if (!gtin) return window.location.assign(told.dataset.codeUrl + encodeURIComponent(code ?? text));
    told.classList.add("warn");
    told.hidden = false;
    told.scrollIntoView({ block: "nearest" });
  },
});

const closed = () => document.querySelectorAll("details:not([open])");
let opened = [];

window.addEventListener("beforeprint", () => {
  opened = [...closed()];
  for (const details of opened) details.open = true;
});

window.addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
});
