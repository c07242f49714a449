/* What is asked beside the columns is shown only where a chosen column needs it. */

const form = document.querySelector("[data-columns]");
const needs = {
  full_name: (meaning) => meaning === "full_name",
  day: (meaning) => /_birthday$|_dates$|_yes$/.test(meaning),
  consent: (meaning) => /_yes$/.test(meaning),
};

const show = () => {
  const chosen = [...form.querySelectorAll("select")].map((select) => select.value);
  for (const part of form.querySelectorAll("[data-for]")) {
    part.hidden = !chosen.some(needs[part.dataset.for]);
  }
};

form.addEventListener("change", show);
show();
