/* A card is split: a ticked punch moves to the new card, and with a pointer it is dragged there. Without this script the
ticks alone say it. */

const split = document.querySelector("[data-split]");
const zones = { stays: split.querySelector('[data-zone="stays"]'), goes: split.querySelector('[data-zone="goes"]') };
const punches = [...split.querySelectorAll("[data-punch]")];
const tick = (punch) => punch.querySelector("input");

function settle(focused) {
  for (const punch of punches) {
    zones[tick(punch).checked ? "goes" : "stays"].querySelector("ol").append(punch);
  }
  for (const zone of Object.values(zones)) {
    zone.querySelector("[data-count]").textContent = `(${zone.querySelectorAll("[data-punch]").length})`;
  }
  zones.goes.querySelector("[data-hint]").hidden = zones.goes.querySelector("[data-punch]") !== null;
  focused?.focus();
}

zones.goes.hidden = false;
split.addEventListener("change", (event) => settle(event.target));

let dragged = null;
for (const punch of punches) {
  punch.draggable = true;
  punch.addEventListener("dragstart", (event) => {
    dragged = punch;
    event.dataTransfer.effectAllowed = "move";
  });
  punch.addEventListener("dragend", () => {
    dragged = null;
    for (const zone of Object.values(zones)) zone.classList.remove("is-over");
  });
}
for (const [name, zone] of Object.entries(zones)) {
  zone.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    zone.classList.add("is-over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.preventDefault();
    tick(dragged).checked = name === "goes";
    settle();
  });
}
settle();
