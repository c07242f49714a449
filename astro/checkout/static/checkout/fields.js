/* The fields of the store's own, drawn and checked: at Check Out (reasons.js), and on the second screen (redemption.js).

A field is `{ id, label, kind, required?, options?, longest?, lowest?, highest? }` as the catalogue tells it. The server
checks the same once more and has the last word. */

const LARGEST = 999_999_999_999.999;

export class Fields {
  /** `root` holds the place and the templates (fields/asked.html). `prefix` keeps ids of two such places apart. */
  constructor({ root, words, prefix }) {
    Object.assign(this, { words, prefix, fields: [] });
    this.place = root.querySelector("[data-part=own-fields]");
    this.templates = Object.fromEntries(
      ["typed", "chosen", "option"].map((name) => [name, root.querySelector(`template[data-own=${name}]`)]),
    );
    this.place?.addEventListener("input", ({ target }) => this.#complain(target.closest("[data-own-field]"), ""));
  }

  /** Asks these fields; `given` are answers of before, as `answers` tells them. */
  draw(fields, given = []) {
    this.fields = fields;
    const before = new Map(given.map(({ field, value }) => [field, value]));
    this.place.hidden = !fields.length;
    this.place.replaceChildren(...fields.map((field) => this.#drawn(field, before.get(field.id) ?? "")));
  }

  /** The first box or button, or undefined. */
  get first() {
    return this.place?.querySelector("input");
  }

  /** Whether all that is typed fits, and all that is required is there; else says so at each field, and goes to the first. */
  isAnswered() {
    const wrong = this.fields.filter((field) => {
      const trouble = this.#trouble(field, this.#value(field));
      this.#complain(this.#part(field), trouble);
      return trouble;
    });
    if (wrong.length) this.#part(wrong[0]).querySelector("input").focus();
    return !wrong.length;
  }

  /** `[{ field, value }, …]`, without those that were left empty. */
  get answers() {
    return this.fields
      .map((field) => ({ field: field.id, value: this.#value(field) }))
      .filter(({ value }) => value);
  }

  /** Puts what the server says of `answer-<id>` at its field. False where it is not asked here. */
  refuse(name, message) {
    const field = this.fields.find(({ id }) => name === `answer-${id}`);
    if (!field) return false;
    this.#complain(this.#part(field), message);
    this.#part(field).querySelector("input").focus();
    return true;
  }

  #drawn(field, value) {
    const isChoice = field.kind === "choice";
    const part = this.templates[isChoice ? "chosen" : "typed"].content.firstElementChild.cloneNode(true);
    const id = `${this.prefix}-${field.id}`;
    part.dataset.ownField = field.id;
    part.querySelector("[data-part=label]").textContent = field.label;
    part.querySelector("[data-part=optional]").hidden = Boolean(field.required);
    part.querySelector("[data-part=error]").id = `${id}-error`;
    if (isChoice) this.#drawOptions(part, field, id, value);
    else this.#drawBox(part, field, id, value);
    return part;
  }

  #drawBox(part, field, id, value) {
    part.querySelector("label").htmlFor = id;
    const box = part.querySelector("input");
    Object.assign(box, { id, name: id, value });
    box.setAttribute("aria-describedby", `${id}-error`);
    if (field.longest) box.maxLength = field.longest;
    if (field.kind === "number") box.inputMode = "decimal";
    if (field.required) box.setAttribute("aria-required", "true");
  }

  #drawOptions(part, field, id, value) {
    part.setAttribute("aria-describedby", `${id}-error`);
    const options = field.options.map((option) => [option, option]);
    if (!field.required) options.push(["", this.words.say("field-none")]);
    const drawn = options.map(([told, words]) => {
      const option = this.templates.option.content.firstElementChild.cloneNode(true);
      const radio = option.querySelector("input");
      Object.assign(radio, { name: id, value: told, checked: told === value });
      option.querySelector("span").textContent = words;
      return option;
    });
    part.querySelector(".choices").append(...drawn);
  }

  #part(field) {
    return this.place.querySelector(`[data-own-field="${field.id}"]`);
  }

  #value(field) {
    const part = this.#part(field);
    if (field.kind === "choice") return part.querySelector("input:checked")?.value ?? "";
    return part.querySelector("input").value.trim().replace(/\s+/g, " ");
  }

  #trouble(field, value) {
    const missing = field.kind === "choice" ? "field-choose" : "field-missing";
    if (!value) return field.required ? this.words.say(missing) : "";
    return field.kind === "number" ? this.#troubleOfNumber(field, value) : "";
  }

  #troubleOfNumber({ lowest, highest }, value) {
    const number = Number(value);
    if (!/^-?\d+(\.\d{1,3})?$/.test(value) || Math.abs(number) > LARGEST) return this.words.say("field-number");
    if (!(number < Number(lowest ?? -Infinity)) && !(number > Number(highest ?? Infinity))) return "";
    const word = lowest === undefined ? "field-at-most" : highest === undefined ? "field-at-least" : "field-between";
    return this.words.say(word, { lowest, highest });
  }

  #complain(part, text) {
    if (!part) return;
    const error = part.querySelector("[data-part=error]");
    error.hidden = !text;
    error.querySelector("[data-part=words]").textContent = text;
    part.classList.toggle("has-error", Boolean(text));
    for (const input of part.querySelectorAll("input")) {
      if (text) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }
}
