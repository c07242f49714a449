/* Copies what an administrator must know to let somebody in. Where the browser does not copy, the words are selected. */

const part = (name) => document.querySelector(`[data-part="${name}"]`);
const button = document.querySelector('[data-act="copy"]');

button.hidden = false;
button.addEventListener("click", async () => {
  const told = part("told");
  try {
    await navigator.clipboard.writeText(told.innerText);
    part("copied").hidden = false;
  } catch {
    getSelection().selectAllChildren(told);
  }
});
