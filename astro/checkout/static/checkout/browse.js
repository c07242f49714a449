/* Browsing: brand, program, item, each step a list of buttons in one dialog. All of it is in the catalogue already. */

import { shownName } from "./lines.js";

export class Browse {
  constructor({ dialog, template, catalogue, words, onItem }) {
    Object.assign(this, { dialog, template, catalogue, words, onItem });
    this.list = this.#part("choices");
    dialog.addEventListener("click", (event) => this.#onClick(event.target.closest("button")));
  }

  open() {
    this.path = [];
    this.shelves = this.catalogue.shelves();
    this.dialog.showModal();
    this.#show();
  }

  #onClick(button) {
    if (!button) return;
    if (button.dataset.act === "back") this.path.pop();
    else if (button.dataset.item) {
      this.dialog.close();
      return this.onItem(button.dataset.item);
    } else if (button.dataset.place) this.path.push(Number(button.dataset.place));
    else return;
    this.#show();
  }

  #show() {
    const [brand, program] = [this.shelves[this.path[0]], this.shelves[this.path[0]]?.programs[this.path[1]]];
    this.#part("heading").textContent = program?.title ?? brand?.name ?? this.words.say("browse");
    this.dialog.querySelector("[data-act=back]").hidden = !brand;
    const rows = program ? this.#items(program) : brand ? this.#programs(brand) : this.#brands();
    this.list.replaceChildren(...(rows.length ? rows : [this.words.say("browse-nothing")]));
    this.list.scrollTop = this.dialog.scrollTop = 0;
    (this.list.querySelector("button") ?? this.#part("heading")).focus();
  }

  #brands() {
    return this.shelves.map(({ name, programs }, place) =>
      this.#row(name, programs.map((one) => one.title).join(" · "), { place }),
    );
  }

  #programs({ programs }) {
    return programs.map(({ title, products }, place) =>
      this.#row(title, this.words.count("items", products.length), { place }),
    );
  }

  /* Which card an item fills is said only where the program has several. */
  #items({ products }) {
    const cards = new Set(products.map((product) => product.cards[0].title));
    return products.map((product) => {
      const row = this.#row(shownName(product), cards.size > 1 ? product.cards[0].title : "", { item: product.id });
      row.querySelector("svg").replaceWith(this.words.icon("plus"));
      return row;
    });
  }

  #row(name, detail, data) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    row.querySelector("strong").textContent = name;
    row.querySelector("span").textContent = detail;
    Object.assign(row.querySelector("button").dataset, data);
    return row;
  }

  #part(name) {
    return this.dialog.querySelector(`[data-part="${name}"]`);
  }
}
