/* A button shows the password that is being typed, and hides it again, at the latest when the form is sent: browsers
   keep what stood in a text field. */

const words = new WeakMap();

const turn = (button, shown) => {
  const field = document.getElementById(button.dataset.shows);
  field.type = shown ? "text" : "password";
  button.textContent = shown ? button.dataset.hide : words.get(button);
};

for (const button of document.querySelectorAll("[data-shows]")) {
  if (words.has(button)) continue;
  const field = document.getElementById(button.dataset.shows);
  words.set(button, button.textContent);
  button.hidden = false;
  button.addEventListener("click", () => {
    turn(button, field.type === "password");
    field.focus();
  });
  field.form?.addEventListener("submit", () => turn(button, false));
}
