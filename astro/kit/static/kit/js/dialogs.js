/* Opens and closes <dialog>. data-dialog="id" on a button opens; data-close inside closes; a dialog with data-show that
   arrives from the server opens by itself and leaves the page when it closes. Focus begins on the first field, if there
   is one, and goes back by itself. */

const FIELDS = ":is(input:not([type=hidden]), select, textarea):enabled";

function open(dialog) {
  dialog.showModal();
  if (!dialog.querySelector("[autofocus]")) dialog.querySelector(FIELDS)?.focus();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) open(dialog);
  event.target.closest("[data-close]")?.closest("dialog")?.close();
});

function show(root) {
  const arrived = root.matches?.("dialog[data-show]") ? [root] : root.querySelectorAll("dialog[data-show]");
  for (const dialog of arrived) {
    if (dialog.open) continue;
    dialog.addEventListener("close", () => dialog.remove(), { once: true });
    open(dialog);
  }
}

document.addEventListener("htmx:load", (event) => show(event.detail.elt));
show(document);
