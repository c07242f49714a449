/* E-mail and address, where a program asks for them: shown with the item that needs them, checked before they are sent,
with what the server says of them above their field. */

export class Asked {
  constructor(root) {
    this.parts = [...root.querySelectorAll("[data-asked]")];
    this.error = root.querySelector("#asked-error");
  }

  /** Shows what these `needs` ("email", "address") ask for. */
  show(needs) {
    for (const part of this.parts) part.hidden = !needs.has(part.dataset.asked);
  }

  /** Whether everything shown is filled in; else says above each field what is missing, and goes to the first. */
  isAnswered() {
    const missing = this.#inputs().filter((input) => !this.#tell(input, input.value.trim() ? "" : input.dataset.missing));
    missing[0]?.focus();
    return !missing.length;
  }

  /** `{ email, address }`, as far as they are shown. */
  answers() {
    const answers = {};
    for (const { dataset } of this.parts.filter((part) => !part.hidden)) {
      const typed = Object.fromEntries(this.#inputs(dataset.asked).map(({ name, value }) => [name, value]));
      answers[dataset.asked] = dataset.asked === "email" ? typed.email : typed;
    }
    return answers;
  }

  /** Puts what the server says above its field. False where no such field is shown. */
  refuse(field, message) {
    const input = this.#inputs().find(({ name }) => name === field || (field === "address" && name === "postcode"));
    if (!input) return false;
    this.#tell(input, message);
    input.focus();
    return true;
  }

  #inputs(asked) {
    const shown = this.parts.filter((part) => !part.hidden && (!asked || part.dataset.asked === asked));
    return shown.flatMap((part) => [...part.querySelectorAll("input, select")]);
  }

  /* True where there is nothing to tell. */
  #tell(input, message) {
    const field = input.closest(".field");
    field.querySelector(".error")?.remove();
    field.classList.toggle("has-error", Boolean(message));
    input.toggleAttribute("aria-invalid", false);
    if (!message) return true;
    const error = this.error.content.firstElementChild.cloneNode(true);
    error.id = `${input.id}-error`;
    error.querySelector("[data-part=error]").textContent = message;
    input.before(error);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", `${error.id} ${input.id}-hint`);
    return false;
  }
}
