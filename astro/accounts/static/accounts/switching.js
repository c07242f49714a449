/* "Switch person" on a till opens over the page that one is on; what is there stays until somebody else has come. */

export function switchInPlace() {
  document.querySelector("a[data-switch-person]")?.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.currentTarget.closest("[popover]")?.hidePopover();
    ask(event.currentTarget.href).catch(tellThatNobodyAnswers);
  });
}

async function ask(url) {
  const [answer] = await Promise.all([fetch(url, { headers: { "HX-Request": "true" } }), import("./pins.js")]);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const dialog = page.querySelector("dialog");
  if (!dialog) return void (location.href = url); // no till any more, or signed out: the page says so
  for (const script of dialog.querySelectorAll("script")) script.remove();
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

function tellThatNobodyAnswers() {
  const words = document.getElementById("no-answer");
  if (words) document.getElementById("notices")?.replaceChildren(words.content.cloneNode(true));
}
