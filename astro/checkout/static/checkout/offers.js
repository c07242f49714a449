/* What may be taken for the rewards that wait, and why not the rest: a list to look at, fetched when it is asked for. */

export class Offers {
  /** `onRedeem()` when the person goes on from there; `onTrouble()` where no list came. */
  constructor({ dialog, url, onRedeem, onTrouble }) {
    Object.assign(this, { dialog, url, onTrouble });
    dialog.addEventListener("click", (event) => {
      if (!event.target.closest("[data-act=redeem]")) return;
      event.preventDefault();
      dialog.close();
      onRedeem();
    });
  }

  async open() {
    const answer = await fetch(this.url, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return this.onTrouble();
    this.dialog.querySelector("[data-part=offers]").innerHTML = await answer.text();
    this.dialog.showModal();
  }
}
