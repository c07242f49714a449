/* On paper there is nothing but the receipt: it waits in <template id="receipt"> and is in the page only while it prints. */

let paper = null;

window.addEventListener("beforeprint", () => {
  paper = document.getElementById("receipt")?.content.firstElementChild.cloneNode(true);
  if (paper) document.body.append(paper);
});

window.addEventListener("afterprint", () => paper?.remove());
