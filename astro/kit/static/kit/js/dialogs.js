/* Opens and closes <dialog>. data-dialog="id" on a button opens; data-close inside closes; a dialog with data-show that
   arrives from the server opens by itself and leaves the page when it closes. Focus goes back by itself. */

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  event.target.closest("[data-close]")?.closest("dialog")?.close();
});

function show(root) {
  const arrived = root.matches?.("dialog[data-show]") ? [root] : root.querySelectorAll("dialog[data-show]");
  for (const dialog of arrived) {
    if (dialog.open) continue;
    dialog.addEventListener("close", () => dialog.remove(), { once: true });
    dialog.showModal();
  }
}

document.addEventListener("htmx:load", (event) => show(event.detail.elt));
show(document);
