/* Offers to install the till as an app, quietly, under the person's name, where the browser would do it (kit/js/later.js
keeps its offer). */

export function offerInstalling() {
  const button = document.querySelector("[data-act=install]");
  if (!button) return;
  const show = () => (button.hidden = !globalThis.installOffer);
  addEventListener("beforeinstallprompt", show);
  addEventListener("appinstalled", () => (button.hidden = true));
  button.addEventListener("click", async () => {
    await globalThis.installOffer?.prompt();
    globalThis.installOffer = null; // it can be used once
    show();
  });
  show();
}
