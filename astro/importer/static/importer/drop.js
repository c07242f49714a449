/* A file is dropped on the field as if it had been chosen; one that is too large is said so before it is sent. */

const form = document.querySelector("[data-upload]");
const place = form.querySelector("[data-drop]");
const input = place.querySelector("input[type=file]");
const tooLarge = place.querySelector("[data-too-large]");
const most = Number(form.dataset.most);

const isTooLarge = () => [...input.files].some((file) => file.size > most);

const tell = () => {
  tooLarge.hidden = !isTooLarge();
};

for (const name of ["dragenter", "dragover"]) {
  place.addEventListener(name, (event) => {
    event.preventDefault();
    place.classList.add("is-over");
  });
}
place.addEventListener("dragleave", () => place.classList.remove("is-over"));
place.addEventListener("drop", (event) => {
  event.preventDefault();
  place.classList.remove("is-over");
  if (event.dataTransfer.files.length) {
    input.files = event.dataTransfer.files;
    tell();
  }
});
input.addEventListener("change", tell);
form.addEventListener("submit", (event) => {
  if (isTooLarge()) {
    event.preventDefault();
    input.focus();
  }
});
