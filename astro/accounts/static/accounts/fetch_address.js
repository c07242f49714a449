/* Fetch current IP address: adds the address that the server saw to the list above the button, without asking again. */

function makePlain(button) {
  button.type = "button"; // else Enter in a field of the form would press it
}

function fetched(button) {
  const list = document.getElementById(button.dataset.fetchAddress);
  const told = button.parentElement.querySelector("[data-fetched]");
  const lines = list.value.split(/[\n,;]/).map((line) => line.trim()).filter(Boolean);
  const isThere = lines.includes(button.value);
  if (!isThere) {
    const before = list.value.trimEnd();
    list.value = before ? `${before}\n${button.value}` : button.value;
    list.dispatchEvent(new Event("input", { bubbles: true }));
    list.dispatchEvent(new Event("change", { bubbles: true }));
  }
  told.textContent = isThere ? told.dataset.there : told.dataset.fetched;
}

document.querySelectorAll("[data-fetch-address]").forEach(makePlain);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fetch-address]");
  if (button) {
    event.preventDefault();
    fetched(button);
  }
});
