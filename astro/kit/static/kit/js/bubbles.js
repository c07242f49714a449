/* Esc hides the bubble under the pointer or the focus, until one comes back to it. */

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const owner of document.querySelectorAll(":is(.status, .has-bubble):is(:hover, :focus-visible)")) {
    owner.classList.add("is-dismissed");
    for (const leaving of ["pointerleave", "blur"]) {
      owner.addEventListener(leaving, () => owner.classList.remove("is-dismissed"), { once: true });
    }
  }
});
