/* The Finished section, wherever it stands.

On paper there is nothing but the receipt: it waits in <template id="receipt"> and is in the page only while it prints. The
form that takes the visit back gets the page's token as it goes: the section itself is the same each time it is sent. */

let paper = null;

window.addEventListener("beforeprint", () => {
  paper?.remove(); // some browsers say so twice
  paper = document.getElementById("receipt")?.content.firstElementChild.cloneNode(true);
  if (paper) document.body.append(paper);
});

window.addEventListener("afterprint", () => paper?.remove());

document.addEventListener("submit", ({ target }) => {
  if (!target.closest("#undo-visit")) return;
  const token = document.createElement("input");
  Object.assign(token, { type: "hidden", name: "csrfmiddlewaretoken" });
  token.value = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  target.append(token);
});
