"""A scanner that types, and what a test reads off the till's page."""

import re

GOLD = "012345678905"
PATE = "036000291452"
ROPE = "4006381333931"
UNKNOWN = "614141000036"
OTHER_UNKNOWN = "614141000043"
ONCE = re.compile("^1$")


def at_till(page, customer):
    page.goto(f"/checkout/{customer.pk}/")
    page.wait_for_selector("astro-till:defined")
    page.evaluate("document.querySelector('astro-till').turn")
    return page


KEYSTROKE = """(start => index => (target, key) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  Object.defineProperty(event, "timeStamp", { value: start + 8 * index });
  return target.dispatchEvent(event);
})(performance.now())"""
"""Presses the key with that index of a burst, 8 ms after the one before by the event's own clock: no real keyboard, and
no busy machine, can promise that."""


def scan(page, text):
    """The same code again waits until it is a second item: within 250 ms it is one pull of the trigger, read twice."""
    page.evaluate(
        f"""async text => {{
          const again = window.scanned?.text === text ? window.scanned.time + 260 : 0;
          while (performance.now() < again) await new Promise((go) => setTimeout(go, again - performance.now()));
          window.scanned = {{ text, time: performance.now() }};
          const at = {KEYSTROKE};
          [...text, "Enter"].forEach((key, index) => at(index)(document.activeElement ?? document.body, key));
        }}""",
        text,
    )


def scan_into(page, field, text):
    """The same with a cursor in a field, which gets the characters as from a real keyboard."""
    page.evaluate(
        """([strike, selector, text]) => {
          const at = eval(strike);
          const field = document.querySelector(selector);
          field.focus();
          [...text, "Enter"].forEach((key, index) => {
            if (!at(index)(field, key) || key === "Enter") return;
            field.value += key;
            field.dispatchEvent(new Event("input", { bubbles: true }));
          });
        }""",
        [KEYSTROKE, field, text],
    )


def boxes(page, *names):
    """Where these parts stand, all at one moment: between two questions the till may draw one of them anew."""
    return page.evaluate(
        """names => names.map((name) => {
          const seen = [...document.querySelectorAll(name)].find((one) => one.checkVisibility());
          if (!seen) throw new Error(`${name} is not to be seen`);
          return seen.getBoundingClientRect().toJSON();
        })""",
        names,
    )


def said(page):
    return page.locator("[data-part=said]")


def line(page, name):
    return page.locator(".today-line", has_text=name)


def enter(page):
    """Enter by hand. Until 250 ms after the last key of a scan, which comes 96 ms after its first, it would be the
    scanner's."""
    page.wait_for_function("() => performance.now() > (window.scanned?.time ?? -Infinity) + 400")
    page.keyboard.press("Enter")


def check_out(page, *, reason=None):
    """Ctrl+Enter, and the answer to why there are several, where that is asked."""
    page.keyboard.press("Control+Enter")
    if reason:
        page.get_by_role("radio", name=reason).check()
        enter(page)
    page.wait_for_selector("#finished")


def card(page, title):
    return page.locator("#cards .punch-card", has_text=title)
