/* What this browser knows of itself without asking the server: whose till it is, where it stands, and who was signed in
last. No customer is among it. A page that is opened with no network has nothing else to go by. */

import { change, read } from "./store.js";

const PERSON = { person: null, person_name: "", acting: "" };
const OFTEN = 60 * 60 * 1000;

/** Keeps `{ retailer, location, location_name, person, person_name, acting, has_till, last_server_time }` as a signed-in page
 *  tells them; `acting` names the time at which somebody acts as that person, or is empty; the time is the server's, in ms. Where this is a till the browser is asked, once, not to clear what it keeps. */
export async function remember(facts) {
  const known = await recall();
  const { last_server_time: before = 0, ...was } = known;
  const isNews = Object.entries(facts).some(([name, value]) => name !== "last_server_time" && was[name] !== value);
  const isLate = Math.abs((facts.last_server_time ?? before) - before) > OFTEN;
  if (isNews || isLate) await change("facts", "identity", (held) => ({ ...held, ...facts }));
  if (facts.has_till) await askToStay();
}

/** The same, as far as they are known: `{}` on a browser where nobody ever signed in. */
export async function recall() {
  return (await read("facts", "identity")) ?? {};
}

/** Signed out: the till and its place stay known. */
export async function forgetPerson() {
  const { person, person_name } = await recall();
  if (person || person_name) await change("facts", "identity", (held) => ({ ...held, ...PERSON }));
}

async function askToStay() {
  if (!navigator.storage?.persist || (await read("facts", "asked to stay"))) return;
  await change("facts", "asked to stay", () => true);
  if (!(await navigator.storage.persisted())) await navigator.storage.persist();
}
