/* Asking the server with the page's token: an object goes as JSON, URLSearchParams as a form. */

export function post(url, body, options) {
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
  const isForm = body instanceof URLSearchParams;
  return fetch(url, {
    method: "POST",
    headers: {
      ...(isForm ? { Accept: "application/json" } : { "Content-Type": "application/json" }), // a refusal comes as JSON
      "HX-Request": "true",
      "X-CSRFToken": token,
    },
    body: isForm ? body : JSON.stringify(body),
    ...options,
  });
}

export function fragmentOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}
