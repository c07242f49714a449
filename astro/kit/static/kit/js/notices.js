/* A notice that arrives while one is further down the page is brought into view; no answer at all is told as well. */

const notices = () => document.getElementById("notices");

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === notices()) notices().scrollIntoView({ block: "nearest" });
});

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    const words = document.getElementById("no-answer");
    if (!words || !notices()) return;
    notices().replaceChildren(words.content.cloneNode(true));
    notices().scrollIntoView({ block: "nearest" });
  });
}
