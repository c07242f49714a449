/* The scan box where a person types: a name gives matches to pick from, a number counts as scanned. */

import { shownName } from "./lines.js";
import { readScan } from "./scan.js";

const SEARCH_FROM = 2;
const LONGEST_SHOWN = 40;

export class Search {
  /** `box` and `list` of the page, `template` of one match. `onItem(product_id)`, `onScan(scan)`; `say` as in scan_line.js. */
  constructor({ box, list, template, catalogue, words, say, onItem, onScan }) {
    Object.assign(this, { box, list, template, catalogue, words, say, onItem, onScan });
  }

  /** Enter: takes the one match or the number, or goes on to the matches. */
  submit() {
    const text = this.box.value.trim();
    if (!text) return;
    const scan = readScan(text);
    const matches = scan.problem === "letters" ? this.catalogue.search(text) : [];
    if (matches.length > 1) {
      this.listMatches();
      this.list.querySelector("button").focus();
    } else if (!matches.length && scan.problem === "letters") {
      this.say("warn", this.words.say("no-match", { text: shortened(text) }));
    } else {
      if (matches.length) this.onItem(matches[0].id);
      else this.onScan(scan);
      this.clear();
    }
  }

  listMatches() {
    const text = this.box.value.trim();
    const isName = text.length >= SEARCH_FROM && readScan(text).problem === "letters";
    const rows = (isName ? this.catalogue.search(text) : []).map((product) => this.#row(product));
    this.list.replaceChildren(...rows);
    this.list.hidden = !rows.length;
  }

  clear() {
    this.box.value = "";
    this.listMatches();
    if (document.activeElement === this.box) this.box.blur();
  }

  #row(product) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    row.querySelector("button").dataset.product = product.id;
    row.querySelector("strong").textContent = shownName(product);
    row.querySelector("[data-part=brand]").textContent = product.name.startsWith(product.brand) ? "" : product.brand;
    row.querySelector("[data-part=card]").textContent =
      product.cards.map((card) => card.title).join(" · ") || this.words.say("no-program");
    return row;
  }
}

export function shortened(text) {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN - 1)}…` : text;
}
