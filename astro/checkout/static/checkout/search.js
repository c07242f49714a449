/* The scan box where a person types: a name gives matches to pick from, a number counts as scanned. */

import { shortened, shownName } from "./lines.js";
import { readScan } from "./scan.js";

const SEARCH_FROM = 2;

export class Search {
  constructor(counter) {
    this.counter = counter;
    this.box = counter.box;
    this.list = counter.part("matches");
    this.template = document.getElementById("till-match");
  }

  /** Enter: takes the one match or the number, or goes on to the matches. */
  submit() {
    const { catalogue, words } = this.counter;
    const text = this.box.value.trim();
    if (!text) return;
    const scan = readScan(text);
    const matches = scan.problem === "letters" ? catalogue.search(text) : [];
    if (matches.length > 1) {
      this.listMatches();
      this.list.querySelector("button").focus();
    } else if (!matches.length && scan.problem === "letters") {
      this.counter.say("warn", words.say("no-match", { text: shortened(text) }));
    } else {
      this.counter.inTurn(() => (matches.length ? this.counter.addToBasket({ product_id: matches[0].id }) : this.counter.take(scan)));
      this.counter.clearBox();
    }
  }

  listMatches() {
    const text = this.box.value.trim();
    const isName = text.length >= SEARCH_FROM && readScan(text).problem === "letters";
    const rows = (isName ? this.counter.catalogue.search(text) : []).map((product) => this.#row(product));
    this.list.replaceChildren(...rows);
    this.list.hidden = !rows.length;
  }

  #row(product) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    row.querySelector("button").dataset.product = product.id;
    row.querySelector("strong").textContent = shownName(product);
    row.querySelector("[data-part=brand]").textContent = product.name.startsWith(product.brand) ? "" : product.brand;
    row.querySelector("[data-part=card]").textContent =
      product.cards.map((card) => card.title).join(" · ") || this.counter.words.say("no-program");
    return row;
  }
}
