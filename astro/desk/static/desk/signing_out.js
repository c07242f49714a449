/* Signing out while the till keeps checkouts: asks first. What is kept stays, either way. */

export function askBeforeSigningOut(words, { waiting, isTill }) {
  const form = document.querySelector("form[data-sign-out]");
  form?.addEventListener("submit", (event) => {
    if (!waiting.count) return;
    event.preventDefault();
    form.closest("[popover]")?.hidePopover();
    ask(form, words.count(isTill ? "staying-till" : "staying", waiting.count));
  });
}

function ask(form, text) {
  const dialog = document.getElementById("shell-words").content.querySelector("dialog").cloneNode(true);
  dialog.querySelector("[data-part=staying]").textContent = text;
  dialog.querySelector("[data-act=sign-out]").addEventListener("click", () => form.submit());
  dialog.querySelector("[data-act=stay]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
