/* Adding a customer: a box that has a message sent waits until its field has something in it; the preview of the Welcome
   Email opens in the page instead of a new tab. Without this the server says what is missing. */

for (const box of document.querySelectorAll("input[data-needs]")) {
  const field = document.getElementById(box.dataset.needs);
  let wanted = box.checked;
  const follow = () => {
    const ready = field.value.trim() !== "";
    box.disabled = !ready;
    box.checked = ready && wanted;
  };
  box.addEventListener("change", () => (wanted = box.checked));
  field.addEventListener("input", follow);
  follow();
}

for (const button of document.querySelectorAll("button[data-frame]")) button.formTarget = button.dataset.frame;
