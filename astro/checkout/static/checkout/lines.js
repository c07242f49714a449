/* The Today column: draws the basket's lines into the page's own markup, newest on top. A line that stays keeps its
elements, so that the focus stays with it. */

export class Lines {
  /** `list` of the page, `template` of one line; `programUrl(id)`: where somebody who may join a program looks at it. */
  constructor({ list, template, words, catalogue, programUrl = () => null }) {
    Object.assign(this, { list, template, words, catalogue, programUrl });
    this.drawn = new Map();
  }

  /** `fills(cardId)`: what the server says of a card with this basket, `{ text, kind }`, or undefined before it has. */
  draw(lines, fills) {
    for (const [key, row] of this.drawn) {
      if (!lines.some((line) => line.key === key)) {
        row.remove();
        this.drawn.delete(key);
      }
    }
    lines.forEach((line, place) => {
      const row = this.drawn.get(line.key) ?? this.#make(line);
      this.#fill(row, line, fills);
      if (this.list.children[place] !== row) this.list.insertBefore(row, this.list.children[place] ?? null);
    });
  }

  /** Shows the line that the last scan went to. */
  point(line) {
    const row = this.drawn.get(line.key);
    row.classList.remove("is-new");
    void row.offsetWidth; // lets the animation run again
    row.classList.add("is-new");
    row.scrollIntoView({ block: "nearest" });
  }

  #make(line) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    row.dataset.key = line.key;
    this.drawn.set(line.key, row);
    return row;
  }

  #fill(row, line, fills) {
    const { name, kind, icon, text, missed } = this.#told(line, fills);
    row.querySelector("[data-part=name]").textContent = name;
    const words = row.querySelector("[data-part=words]");
    if (words.textContent !== text || words.className !== kind) {
      words.className = kind;
      words.replaceChildren(this.words.icon(icon), text);
    }
    const join = row.querySelector("[data-part=join]");
    const url = missed && this.programUrl(missed.id);
    join.hidden = !url;
    if (url) join.href = url;
    this.#ask(row, line);
    row.querySelector("[data-part=unknown]").hidden = Boolean(line.product_id);
    row.querySelector("output").textContent = line.quantity;
    for (const button of row.querySelectorAll("[data-step]")) {
      const label = Number(button.dataset.step) > 0 ? "one-more" : line.quantity > 1 ? "one-less" : "remove";
      button.querySelector(".visually-hidden").textContent = this.words.say(label, { name });
    }
    const less = row.querySelector('[data-step="-1"]');
    less.replaceChild(this.words.icon(line.quantity > 1 ? "minus" : "trash"), less.querySelector("svg"));
  }

  /* What was paid, where a cash-back card asks: of one item, so there is no second one. */
  #ask(row, line) {
    const asks = Boolean(this.catalogue.product(line.product_id)?.asks_paid);
    const paid = row.querySelector("[data-part=paid]");
    const input = paid.querySelector("input");
    paid.hidden = !asks;
    row.querySelector('[data-step="1"]').hidden = asks;
    if (document.activeElement !== input) input.value = shownAmount(line.paid_cents);
  }

  #told(line, fills) {
    if (!line.product_id) {
      return { name: shownCode(line.code), kind: "warn", icon: "alert-triangle", text: this.words.say("unknown-line") };
    }
    const product = this.catalogue.product(line.product_id);
    if (!product) {
      const former = this.catalogue.formerProduct(line.product_id);
      const name = former ? shownName(former) : this.words.say("gone-name");
      return { name, kind: "warn", icon: "alert-triangle", text: this.words.say("gone") };
    }
    const name = shownName(product);
    const { missed } = product;
    if (missed) {
      const text = this.words.say("missed-line", { program: missed.title });
      return { name, kind: "warn", icon: "alert-triangle", text, missed };
    }
    if (!product.cards.length) return { name, kind: "", icon: "minus", text: this.words.say("no-program") };
    const told = product.cards.map((card) => fills(card.id)).filter(Boolean);
    const kind = told.some((one) => one.kind === "ready") ? "ready" : "ok";
    const text = (told.length ? told.map((one) => one.text) : product.cards.map((card) => card.title)).join(" · ");
    return { name, kind, icon: kind === "ready" ? "gift" : "check", text };
  }
}

/** Cents of what was typed, as 24.99, 24,99 or $24.99; null where it is no amount. */
export function amountOf(text) {
  const found = /^\s*\$?\s*(\d{1,7})(?:[.,](\d{1,2}))?\s*$/.exec(text);
  return found ? Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0")) : null;
}

export function shownAmount(cents) {
  return Number.isInteger(cents) ? (cents / 100).toFixed(2) : "";
}

const LONGEST_SHOWN = 40;

export function shortened(text) {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN - 1)}…` : text;
}

export function shownName({ name, size }) {
  return size ? `${name} ${size}` : name;
}

/** A 14-digit number in groups, as under the bars: 0 12345 67890 5. As `display_gtin` in `kit/gtin.py`. */
export function shownCode(gtin14) {
  const [, whole] = /^0{0,2}(\d+)$/.exec(gtin14) ?? [];
  if (!whole) return gtin14;
  if (/^0{4}[2-9]\d{7}$/.test(whole)) return whole.replace(/^0{4}(....)(....)$/, "$1 $2");
  if (whole.length === 12) return whole.replace(/^(.)(.{5})(.{5})(.)$/, "$1 $2 $3 $4");
  if (whole.length === 13) return whole.replace(/^(.)(.{6})(.{6})$/, "$1 $2 $3");
  return whole.replace(/^(.)(..)(.{5})(.{5})(.)$/, "$1 $2 $3 $4 $5");
}
