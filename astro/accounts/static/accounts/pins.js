/* Who is at the till: a tap on a name, then digits, by keys on the screen or on a keyboard. After the last digit of that
person's PIN it goes on by itself. */

class AstroPinPad extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.digits = this.form.elements.digits;
    this.querySelector(".pin-keys").hidden = false;
    this.addEventListener("click", (event) => this.#press(event));
    this.addEventListener("keydown", (event) => this.#type(event));
    this.digits.addEventListener("input", () => this.#written());
    this.form.addEventListener("submit", (event) => this.#send(event));
    if (this.#person()) this.digits.focus();
  }

  #person() {
    return this.form.querySelector("[name=person]:checked");
  }

  #press(event) {
    const key = event.target.closest("[data-digit], [data-erase]");
    if (key) return this.#write(key.dataset.digit);
    // A tap (or Space) on a name; arrow keys, which also "click" a radio button, leave the focus among the names.
    if (event.target.matches("[name=person]") && event.detail > 0) this.#begin();
    if (event.target.closest(".choice") && event.detail > 0) this.#begin();
  }

  #begin() {
    this.digits.value = "";
    // No keyboard of the screen over the keys that are there.
    if (matchMedia("(pointer: coarse)").matches) this.querySelector("[data-digit]").focus({ preventScroll: true });
    else this.digits.focus();
  }

  #type(event) {
    if (event.target === this.digits || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^\d$/.test(event.key)) this.#write(event.key);
    else if (event.key === "Backspace") this.#write();
    else return;
    event.preventDefault();
  }

  #write(digit) {
    const { value } = this.digits;
    this.digits.value = digit ? value + digit : value.slice(0, -1);
    this.#written();
  }

  #written() {
    const person = this.#person();
    if (person && this.digits.value.length >= Number(person.dataset.digits)) this.form.requestSubmit();
  }

  #send(event) {
    if (this.isSent) event.preventDefault();
    this.isSent = true;
  }
}

customElements.define("astro-pin-pad", AstroPinPad);
