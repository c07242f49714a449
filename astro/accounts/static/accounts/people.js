/* Add or edit a user: shows only what counts for what is chosen. Without it everything is shown, and says for whom. */

for (const form of document.querySelectorAll("[data-user-form]")) {
  const forWord = form.querySelector("[data-for-word]");
  const unlessMaster = form.querySelector("[data-unless-master]");
  const login = form.elements.namedItem("login");

  const follow = () => {
    const role = form.querySelector("input[name=role]:checked");
    if (unlessMaster) unlessMaster.hidden = role !== null && role.value === "master";
    if (forWord && login) forWord.hidden = login.value.trim() === "" || login.value.includes("@");
  };

  form.addEventListener("input", follow);
  form.addEventListener("change", follow);
  follow();
}
