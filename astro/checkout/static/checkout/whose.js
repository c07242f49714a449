/* Whose purchase it is, where no list of customers is at hand: a card that was scanned, a phone number typed in full, a note
for a person who names them later, or the customer whose page was asked for when the network was out.

One of `{ id }`, `{ code }`, `{ phone }`, `{ note }`: as it stands in the body of a visit. */

const TILL = /^\/checkout\/(\d{1,19})\//;
const OLD_CARD = /^[A-Za-z][\w.-]{2,63}$/;

/** Whom the address of this page names: `{ id }`, `{ code }`, or null. The service worker answers for any page of ours. */
export function askedFor({ pathname, search }) {
  const id = TILL.exec(pathname)?.[1];
  if (id) return { id };
  const code = pathname === "/checkout/" ? new URLSearchParams(search).get("code") : null;
  return code ? { code } : null;
}

/** Whether what was scanned may be the card of an earlier system: a letter first, so that it is no item. */
export function isOldCard(text) {
  return OLD_CARD.test(text);
}

/** Reads a phone number as it is typed in the United States and Canada, or with a + from anywhere: `{ phone }` with its
 *  digits, or `{ problem }`: "missing", "letters", "short", "long" or "wrong". */
export function readPhone(text) {
  const typed = text.trim();
  if (!typed) return { problem: "missing" };
  if (/\p{L}/u.test(typed)) return { problem: "letters" };
  const digits = typed.replace(/\D/g, "");
  if (typed.startsWith("+") && !digits.startsWith("1")) return abroad(digits);
  const own = digits.length === 11 && digits.startsWith("1") ? digits.slice(1) : digits;
  if (own.length < 10) return { problem: "short" };
  if (own.length > 10) return { problem: "long" };
  return /^[2-9]\d{2}[2-9]/.test(own) ? { phone: `+1${own}` } : { problem: "wrong" };
}

function abroad(digits) {
  if (digits.length < 8) return { problem: "short" };
  return digits.length > 15 ? { problem: "long" } : { phone: `+${digits}` };
}

/** A phone number as people write it. */
export function shownPhone(phone) {
  return phone.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "($1)\u00a0$2-$3");
}

/** How a customer is called who is known by no name, and what is said of it. */
export function told({ code, phone, note, id }, words) {
  if (code) return { name: words.say("card", { end: code.slice(-4) }), detail: words.say("card-words") };
  if (phone) return { name: shownPhone(phone), detail: words.say("phone-words") };
  if (note) return { name: words.say("note"), detail: note };
  return id ? { name: words.say("chosen"), detail: words.say("chosen-words") } : null;
}

export function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
