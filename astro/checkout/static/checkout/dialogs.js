/* What opens over the till: what can be browsed, what may be taken for a reward, the customer's own data,
and an item asked onto a card. */

import { Browse } from "./browse.js";
import { Exceptions } from "./exceptions.js";
import { Offers } from "./offers.js";
import { Popup } from "./popup.js";

export function dialogs(till) {
  const { catalogue, words, dataset } = till;
  return {
    browse: new Browse({
      dialog: document.getElementById("till-browse"),
      template: document.getElementById("till-choice"),
      catalogue,
      words,
      onItem: (product_id) => till.inTurn(() => till.addToBasket({ product_id })),
    }),
    offers: new Offers({
      dialog: document.getElementById("till-offers"),
      url: dataset.offersUrl,
      onRedeem: () => till.redeem(),
      onTrouble: () => till.say("bad", words.say("no-answer")),
    }),
    popup: new Popup(till),
    exceptions: new Exceptions(till),
  };
}
