/* Today's purchases, already recorded: units are taken back at once, each by its number, so that pressing twice, or
sending again, takes back no more. */

import { fragmentOf, post } from "./server.js";

export class Recorded {
  /** `say` as in scan_line.js; `onRemoved(thing, units, fragment)`: the page as it is now comes along. */
  constructor({ words, say, onRemoved }) {
    Object.assign(this, { words, say, onRemoved });
  }

  /** The button says which units, what is around it of which purchase. Undo puts them into the basket. */
  async remove(button) {
    const { removalsUrl, item, name } = button.parentElement.dataset;
    const units = button.dataset.units.split(" ");
    const { fragment, message, go } = await removed(removalsUrl, units);
    if (!fragment) return this.say("bad", message ?? this.words.say(go ? "signed-out" : "no-answer"), { go });
    this.onRemoved({ product_id: item }, units.length, fragment);
    this.say("ok", this.words.count("taken-back", units.length, { name }), { undo: true });
  }
}

/* `{ fragment }`, or `{ message }` of a refusal, or `{ go }` to sign in again, or {} where no answer came. */
async function removed(url, units) {
  try {
    const answer = await post(url, new URLSearchParams(units.map((unit) => ["unit", unit])));
    if (answer.redirected || answer.status === 401 || answer.status === 403) return { go: window.location.href };
    if (answer.headers.get("Content-Type")?.includes("json")) return { message: (await answer.json()).error?.message };
    return answer.ok ? { fragment: fragmentOf(await answer.text()) } : {};
  } catch {
    return {};
  }
}
