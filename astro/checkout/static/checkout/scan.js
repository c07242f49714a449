/* The scan catcher.

A barcode scanner is a keyboard that types very fast and ends with Enter or Tab. It types into whatever has the focus: a
search box, a button, a dialog, nothing. This module listens to every key of the page and tells a scan from a person by
rhythm alone; the page does not have to put a cursor anywhere first.

A burst is characters with gaps of at most 100 ms, 6 or more, in 1.5 s at most (or, if longer, at scanner speed
throughout: a link in a QR code). When Enter or Tab follows, it is a scan
  - if it averages at most 50 ms a character: no person types so fast; or
  - if it is a barcode number or one of our own codes with the right check digit: slow Bluetooth scanners.
Some scanners send no end key: a fast burst that checks is a scan too once 120 ms have passed in silence.

Then the end key does nothing else (no button pressed, no form sent, no focus moved), nor does a second one within 250 ms
(scanners that send CR LF); the focused field gets back what it held before; and `onScan` is told, unless it is the same
code again within 250 ms, which is one pull of the trigger read twice.

Times are those of the events, not of our getting to them, so that a busy page does not slow a scanner down.

    const stop = catchScans(document, {
      onScan({ text, gtin, code, problem }) { … },
    });

`text` is what came; `gtin` its 14 digits; `code` one of our own codes; `problem` where both are null: "letters",
"length" or "check digit". */

const GAP = 100;
const TOTAL = 1500;
const SHORTEST = 6;
const FAST = 50;
const SILENCE = 120;
const ECHO = 250;

/** Calls `onScan` for each scan anywhere in `target`, until the returned function is called.
 *  `now(event)` in ms and `wait(act, ms)`, which returns a function that cancels, are there for tests. */
export function catchScans(target, { onScan, now = (event) => event.timeStamp, wait = waitInPage }) {
  let burst = null;
  let latest = { what: null, time: -Infinity };
  let deafUntil = -Infinity;
  let cancelSilence = () => {};

  function onKey(event) {
    const { key } = event;
    if (!key || event.isComposing || event.keyCode === 229 || SILENT_KEYS.has(key)) return;
    const time = now(event);
    if (burst && time - burst.last > GAP) onSilence(burst.last + SILENCE);

    const isChord = (event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState("AltGraph");
    if (isChord) onChord(event, time);
    else if ((key === "Enter" || key === "Tab") && !event.shiftKey) onEnd(event, time);
    else if (key.length === 1 && !event.repeat) onCharacter(event, time);
    else forget();
  }

  function onCharacter(event, time) {
    if (!burst) burst = { text: "", start: time, last: time, field: remember() };
    else if (!burst.field) event.preventDefault(); // a space would press a button, a slash open Firefox's search
    burst.text += event.key;
    burst.last = time;
    cancelSilence();
    if (isFast(burst)) cancelSilence = wait(() => onSilence(time + SILENCE), SILENCE);
  }

  function onEnd(event, time) {
    if (burst && (isFast(burst) || isSlowScan(burst))) {
      swallow(event);
      finish(time);
    } else if (!burst && time < deafUntil) {
      swallow(event);
    }
    forget();
  }

  function onSilence(time) {
    if (isFast(burst) && isKnown(burst.text)) finish(time);
    forget();
  }

  /* Scanners send GS1's separator as Ctrl+] and a line feed as Ctrl+J, which would open the list of downloads. */
  function onChord(event, time) {
    if (event.key === "]" && burst) {
      swallow(event);
      burst.text += "\x1d";
      burst.last = time;
    } else if (event.key.toLowerCase() === "j" && !burst && time < deafUntil) {
      swallow(event);
    }
  }

  function finish(time) {
    const scan = readScan(burst.text);
    const what = scan.gtin ?? scan.code ?? scan.text;
    const isEcho = what === latest.what && burst.last - latest.time < ECHO;
    latest = { what, time: burst.last };
    deafUntil = time + ECHO;
    burst.field?.putBack();
    forget();
    if (!isEcho) onScan(scan);
  }

  function forget() {
    cancelSilence();
    burst = null;
  }

  target.addEventListener("keydown", onKey, { capture: true });
  return () => {
    forget();
    target.removeEventListener("keydown", onKey, { capture: true });
  };
}

const SILENT_KEYS = new Set(["Shift", "CapsLock", "NumLock", "Control", "Alt", "AltGraph", "Meta", "Unidentified"]);

function isFast({ text, start, last }) {
  const gaps = text.length - 1;
  return text.length >= SHORTEST && last - start <= gaps * FAST;
}

function isSlowScan({ text, start, last }) {
  return text.length >= SHORTEST && last - start <= TOTAL && isKnown(text);
}

function isKnown(text) {
  const { gtin, code } = readScan(text);
  return Boolean(gtin ?? code);
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function waitInPage(act, ms) {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}

/** How to put back what the focused field holds now. Null where keys do not write. */
function remember() {
  let field = document.activeElement;
  while (field?.shadowRoot?.activeElement) field = field.shadowRoot.activeElement;
  if (field?.isContentEditable) return { putBack() {} };
  if (!field?.matches(WRITABLE)) return null;
  const { value, selectionStart, selectionEnd, selectionDirection } = field;
  return {
    putBack() {
      if (field.value !== value) {
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        if (field.localName === "select") field.dispatchEvent(new Event("change", { bubbles: true }));
      }
      if (typeof selectionStart === "number") {
        field.setSelectionRange(selectionStart, selectionEnd, selectionDirection);
      }
    },
  };
}

const WRITABLE =
  "textarea, select, input:not([type=button], [type=checkbox], [type=color], [type=file], [type=image], [type=radio], " +
  "[type=range], [type=reset], [type=submit])";

/* What was scanned: the same forms, and the same answers, as `kit/gtin.py` and `kit/codes.py`, where they are explained. */

const BLANKS = /^[\t\n\r \u00a0\ufeff]+|[\t\n\r \u00a0\ufeff]+$/g;
const BETWEEN = /[\t\n\r \u00a0\u200b-\u2015\u202f\u2060\ufeff-]/g;
const AIM = /^\](?<symbology>[A-Za-z][0-9A-Za-z])(?<rest>.*)$/s;
const DIGITAL_LINK = /^https?:\/\/[^?#]*?\/01\/(\d{8}|\d{12,14})(?![^/?#])/i;
const ELEMENT_01 = /(?:^|\x1d)(?:(?:1[1-7]\d{6}|20\d\d)\x1d?)*01(\d{14})/;

/** Reads what came: `{ text, gtin, code, problem }`, as `catchScans` passes it on. */
export function readScan(text) {
  const tidy = text.replace(BLANKS, "");
  const { symbology, rest } = AIM.exec(tidy)?.groups ?? { symbology: "", rest: tidy };
  const code = ownCode(rest);
  return { text: tidy, gtin: null, code, problem: null, ...(code ? {} : readGtin(rest, symbology)) };
}

/** The 14 digits of a barcode number in any form; null where there is none or its check digit is wrong. */
export function gtin14(text) {
  return readScan(text).gtin;
}

/** One of our own codes (in capitals, even where Caps Lock was on), or null. */
export function ownCode(text) {
  const capitals = text.toUpperCase();
  if (!/^[A-Z][0-9A-Z]{11}$/.test(capitals)) return null;
  let sum = 0;
  for (const character of capitals) {
    const number = CROCKFORD.indexOf(character);
    if (number < 0) return null;
    sum = (sum & 16 ? (sum << 1) ^ 0b100101 : sum << 1) ^ number;
  }
  return sum === 0 ? capitals : null;
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

function readGtin(text, symbology) {
  if (/^https?:\/\//i.test(text)) {
    const link = DIGITAL_LINK.exec(text);
    return link ? checked(link[1]) : { problem: "letters" };
  }
  const plain = text.replace(BETWEEN, "");
  const element = ELEMENT_01.exec(plain.replaceAll("(", "\x1d").replaceAll(")", ""));
  if (element) return checked(element[1]);
  if (/[^0-9]/.test(plain)) return { problem: "letters" };
  if (![8, 12, 13, 14].includes(plain.length) || /^0*$/.test(plain)) return { problem: "length" };
  if (plain.length === 8 && plain[0] < "2" && symbology !== "E4") {
    const expanded = checked(expandUpcE(plain));
    return expanded.problem && plain[0] === "1" ? checked(plain) : expanded;
  }
  return checked(plain);
}

function checked(digits) {
  const gtin = digits.padStart(14, "0");
  let sum = 0;
  for (let place = 0; place < 14; place++) sum += gtin[place] * (place % 2 ? 1 : 3);
  return sum % 10 ? { problem: "check digit" } : { gtin };
}

function expandUpcE(digits) {
  const [, system, body, last, check] = /^(.)(.{5})(.)(.)$/.exec(digits);
  if (last < "3") return system + body.slice(0, 2) + last + "0000" + body.slice(2) + check;
  if (last === "3") return system + body.slice(0, 3) + "00000" + body.slice(3) + check;
  if (last === "4") return system + body.slice(0, 4) + "00000" + body.slice(4) + check;
  return system + body + "0000" + last + check;
}
