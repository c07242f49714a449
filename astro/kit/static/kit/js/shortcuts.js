/* aria-keyshortcuts="Control+Enter" on a button: Ctrl+Enter presses it, wherever the focus is on the page. It rests while
   a dialog or a menu is open. The page shows the keys in a <kbd> on the button. */

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
  const button = document.querySelector('button[aria-keyshortcuts="Control+Enter"]');
  if (!button || document.querySelector("dialog[open], :popover-open")) return;
  event.preventDefault();
  if (!event.repeat) button.click();
});
