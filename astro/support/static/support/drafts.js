/* What somebody wrote to us and could not send yet, kept on this device until it is sent. A browser that keeps nothing
still sends. */

const NAME = "astro-help-draft";

let unkept = null;

export function readDraft() {
  try {
    return JSON.parse(localStorage.getItem(NAME)) ?? unkept;
  } catch {
    return unkept;
  }
}

export function keepDraft(draft) {
  unkept = draft;
  try {
    localStorage.setItem(NAME, JSON.stringify(draft));
  } catch {
    // then it is kept as long as the page is open
  }
}

export function dropDraft() {
  unkept = null;
  try {
    localStorage.removeItem(NAME);
  } catch {
    // nothing was kept
  }
}
