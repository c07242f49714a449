/* What every staff page does behind what it shows: tells the browser whose till it is, sends what the till keeps and says
how much that is, and sees to it that the till opens with no network. Nobody waits for it: it comes when the page stands. */

import { switchInPlace } from "../accounts/switching.js";
import { handOverAll } from "../checkout/handover.js";
import { forgetPerson, remember } from "../checkout/identity.js";
import { onKept, summary } from "../checkout/kept.js";
import { keepSending } from "../checkout/sending.js";
import { Words } from "../checkout/words.js";
import { offerInstalling } from "./installing.js";
import { askBeforeSigningOut } from "./signing_out.js";
import { keepCurrent } from "./versions.js";
import { Waiting } from "./waiting.js";

const template = document.getElementById("shell-words");
const { dataset: page } = document.body;
const words = new Words(template);
const waiting = new Waiting(words, { url: template.dataset.kept, style: template.dataset.style });

async function tell() {
  waiting.show(await summary().catch(() => ({ count: 0 }))); // a browser that keeps nothing has nothing to say here
}

if (page.signedOut) forgetPerson().catch(() => {});
else {
  const { retailer, location, locationName: location_name, person, personName: person_name, acting = "" } = page;
  const known = { retailer, location, location_name, person, person_name, acting, has_till: page.till === "yes" };
  remember({ ...known, last_server_time: Date.parse(page.now) }).catch(() => {});
}
onKept(tell);
for (const name of ["online", "offline"]) addEventListener(name, tell);
tell();
handOverAll().catch(() => {}); // of windows that went away between Check out and an answer
keepSending({ url: template.dataset.arrivals, waitingUrl: template.dataset.waiting });
askBeforeSigningOut(words, { waiting, isTill: page.till === "yes" });
keepCurrent(words, { url: template.dataset.worker, style: template.dataset.style });
offerInstalling();
switchInPlace();
