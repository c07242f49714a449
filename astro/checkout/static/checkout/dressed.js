/** Waits for the styles that `fragment` brings along, so that it never stands in the page without them. */
export async function dressed(fragment) {
  const sheet = fragment.querySelector("link[rel=stylesheet]");
  const known = document.head.querySelector(`link[href="${sheet.getAttribute("href")}"]`);
  if (known) return sheet.remove();
  const loaded = new Promise((done) => (sheet.onload = sheet.onerror = done));
  document.head.append(sheet);
  return loaded;
}
