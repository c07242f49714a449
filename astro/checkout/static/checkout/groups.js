/* The rewards on the second screen: what is picked for each, and whether that is the very unit that was scanned. */

export class Groups {
  /** `fieldsets` in the order in which the rewards were earned; `drawPick(group)` tells the summary. */
  constructor(fieldsets) {
    this.all = [...fieldsets].map((fieldset) => new Group(fieldset));
  }

  /** Those with an item picked. */
  get picked() {
    return this.all.filter((group) => group.product);
  }

  with(radio) {
    return this.all.find((group) => group.radios.includes(radio));
  }

  /** Where a scanned item goes: to a reward that may have it and has nothing yet, else to any that may. */
  taking(product) {
    const able = this.all.filter((group) => group.radio(product));
    return able.find((group) => group.product === product) ?? able.find((group) => !group.product) ?? able[0];
  }

  /** A scanned unit is one free item, and a card gives no more units than it can spare. */
  settleScanned() {
    const units = new Map();
    const taken = new Map();
    const spare = (card) => Math.min(...this.all.filter((group) => group.card === card).map((group) => group.spare));
    for (const group of this.all) {
      const told = group.pick?.dataset ?? {};
      const scanned = Number(told.scanned ?? 0) - (units.get(group.product) ?? 0);
      const fills = "fills" in told;
      const isFree = "canBeScanned" in told && (!fills || (taken.get(group.card) ?? 0) < spare(group.card));
      group.offerScanned(scanned > 0, isFree);
      if (!group.isScanned) continue;
      units.set(group.product, (units.get(group.product) ?? 0) + 1);
      if (fills) taken.set(group.card, (taken.get(group.card) ?? 0) + 1);
    }
  }
}

class Group {
  constructor(fieldset) {
    const { reward, card, spare, needs } = fieldset.dataset;
    Object.assign(this, { fieldset, reward, card, spare: Number(spare), needs: needs.split(" ").filter(Boolean) });
    this.isNeededAnyway = !this.#part("needed").hidden; // as the server drew it: said before anything is picked
    this.radios = [...fieldset.querySelectorAll(`[name="reward-${reward}"]`)];
  }

  get pick() {
    return this.radios.find((radio) => radio.checked);
  }

  /** The picked item's id; "" where the reward is kept. */
  get product() {
    return this.pick?.value ?? "";
  }

  get name() {
    return nameOf(this.pick);
  }

  get isScanned() {
    return !this.#part("once").hidden && this.fieldset.querySelector(`[name="once-${this.reward}"]:checked`).value === "scanned";
  }

  radio(product) {
    return this.radios.find((radio) => radio.value && radio.value === product);
  }

  choose(radio) {
    for (const one of this.radios) one.checked = one === radio;
  }

  offerScanned(isScanned, isFree) {
    this.isNeeded = isScanned && !isFree;
    this.#part("once").hidden = !(isScanned && isFree);
    this.#part("needed").hidden = !(this.isNeeded || this.isNeededAnyway);
  }

  #part(name) {
    return this.fieldset.querySelector(`[data-part="${name}"]`);
  }
}

export function nameOf(radio) {
  return radio?.closest("label").querySelector("[data-part=name]")?.textContent.trim() ?? "";
}
