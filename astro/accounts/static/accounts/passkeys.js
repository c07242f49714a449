/* Passkeys: asks the browser to make one (do="create") or to sign with one (do="get"), and sends what it gives with the
form inside. What it has to go by stands in the page (#passkey-options), or is asked for (options="…"). */

const LIMITS = { NotAllowedError: "stopped", AbortError: "stopped", InvalidStateError: "known", SecurityError: "elsewhere" };

class AstroPasskey extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.form.hidden = false;
    this.form.addEventListener("submit", (event) => this.#ask(event));
    this.addEventListener("click", () => this.#say(""));
  }

  async #ask(event) {
    if (this.form.elements.credential.value) return; // signed: now it goes out
    event.preventDefault();
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      await this.#sign();
    } catch (problem) {
      this.#say(LIMITS[problem.name] ?? (problem instanceof TypeError ? "unreachable" : "none"));
    } finally {
      this.isBusy = false;
    }
  }

  async #sign() {
    if (!globalThis.PublicKeyCredential) return this.#say(isSecureContext ? "none" : "elsewhere");
    const { publicKey } = await this.#options();
    const asked = { publicKey: readable(publicKey) };
    const credential = await navigator.credentials[this.getAttribute("do")](asked);
    this.form.elements.credential.value = JSON.stringify(told(credential));
    this.form.requestSubmit();
  }

  async #options() {
    const url = this.getAttribute("options");
    if (!url) return JSON.parse(document.getElementById("passkey-options").textContent);
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new TypeError("no answer");
    return answer.json();
  }

  #say(what) {
    for (const one of this.querySelectorAll("[data-says]")) one.hidden = one.dataset.says !== what;
  }
}

/* What the server names in base64url is bytes to the browser. */
function readable(options) {
  const bytesOf = (one) => ({ ...one, id: bytes(one.id) });
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = bytesOf(options.user);
  for (const list of ["allowCredentials", "excludeCredentials"]) if (options[list]) read[list] = options[list].map(bytesOf);
  return read;
}

function told(credential) {
  const { id, type, rawId, response, authenticatorAttachment } = credential;
  const answer = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) answer[part] = text(response[part]);
  }
  if (response.getTransports) answer.transports = response.getTransports();
  const clientExtensionResults = credential.getClientExtensionResults();
  return { id, type, rawId: text(rawId), authenticatorAttachment, response: answer, clientExtensionResults };
}

function bytes(base64url) {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

customElements.define("astro-passkey", AstroPasskey);
