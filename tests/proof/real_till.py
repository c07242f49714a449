"""A till as it stands on a counter: real Chromium with a profile on the disk, before a network that comes and goes.

It is killed as a machine kills it: SIGKILL to the browser's processes, with no word to the page. The same profile is
opened again afterwards.
"""

from __future__ import annotations

import os
import subprocess
from threading import Event
from time import monotonic

from django.conf import settings
from django.core.signing import get_cookie_signer
from playwright.sync_api import Error, expect

from astro.accounts.tills import COOKIE, SALT
from tests.browser import FLAGS, PATIENCE
from tests.checkout.scanner import scan
from tests.servers import descendants, kill, wait_for_end

CONTROLLED = """() => new Promise((go) => {
  if (navigator.serviceWorker.controller) go();
  else navigator.serviceWorker.addEventListener("controllerchange", () => go());
})"""
KEPT = "import('/static/checkout/kept.js').then(({ allKept }) => allKept())"
PERSON = "import('/static/checkout/identity.js').then(({ recall }) => recall()).then((known) => known.person)"
IN_A_YEAR = 2_000_000_000
TILL = "astro-till, astro-offline-till"
OPEN = "astro-till:defined, astro-offline-till:defined"


class RealTill:
    """`start` opens the profile, `page` is its window. `out` and `back` are the proxy's."""

    def __init__(self, browser_type, folder, proxy, *, script=""):
        self.browser_type, self.folder, self.proxy, self.script = browser_type, folder, proxy, script
        self.context = self.page = None

    def start(self):
        self.context = self.browser_type.launch_persistent_context(
            str(self.folder),
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=FLAGS,
            base_url=self.proxy.url,
            viewport={"width": 1280, "height": 800},
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(PATIENCE)
        if self.script:
            self.context.add_init_script(self.script)
        self.page = self.context.pages[0]

    def install(self, *, session, device, customer):
        """As on the day before: signed in, at the till once, the shell fetched, the browser closed in the evening."""
        self.start()
        signed = get_cookie_signer(salt=COOKIE + SALT).sign(f"{device.retailer_id}.{device.device_id}.{device.secret}")
        self.sign_in(session)
        self.context.add_cookies([{"name": COOKIE, "value": signed, "url": self.proxy.url, "expires": IN_A_YEAR}])
        self.page.goto("/")
        self.page.evaluate(CONTROLLED)
        self.open(customer)
        until(lambda: self.page.evaluate(PERSON))
        self.close()
        self.start()

    def sign_in(self, session):
        """With None, nobody is any more."""
        name = settings.SESSION_COOKIE_NAME
        if session is None:
            self.context.clear_cookies(name=name)
        else:
            cookie = {"name": name, "value": session, "url": self.proxy.url, "expires": IN_A_YEAR}
            self.context.add_cookies([cookie])

    def kill(self):
        listed = subprocess.run(["ps", "-wweo", "pid=,args="], capture_output=True, text=True, check=True).stdout
        mine = [one.split() for one in listed.splitlines() if f"--user-data-dir={self.folder}" in one]
        (browser,) = [int(pid) for pid, *args in mine if not any(word.startswith("--type=") for word in args)]
        doomed = [browser, *descendants(browser)]
        for pid in doomed:
            kill(pid)
        wait_for_end(doomed)
        self.close()

    def close(self):
        context, self.context = self.context, None
        if context:
            try:
                context.close()
            except Error:
                return  # it was killed

    def open(self, customer=None, page=None):
        """The till, or whatever stands in for it without network."""
        page = page or self.page
        page.goto(f"/checkout/{customer.pk}/" if customer else "/checkout/offline/")
        page.wait_for_selector(OPEN)
        page.evaluate(f"document.querySelector('{TILL}').turn")
        return page

    def scan(self, *codes):
        """Each is in Today, and on the disk."""
        for code in codes:
            scan(self.page, code)
        self.page.wait_for_function(f"document.querySelector('{TILL}').basket.units >= {len(codes)}")
        self.page.evaluate(f"document.querySelector('{TILL}').basket.saved")

    def press_check_out(self):
        self.page.locator("[data-part=check-out]").click()

    def check_out(self):
        """Until it says that the visit is recorded, or kept."""
        self.press_check_out()
        self.wait_for_word()

    def wait_for_word(self):
        finished = self.page.locator("#finished, #kept-visit")
        kept = self.page.locator("[data-part=said]", has_text="Kept on this till")
        expect(finished.or_(kept).first).to_be_visible()

    def kept(self, page=None):
        return (page or self.page).evaluate(KEPT)

    def wait_until_sent(self):
        """By itself: with the pauses between its tries, and nobody pressing anything."""
        until(lambda: not self.kept(), seconds=90)

    def send_now(self):
        self.page.evaluate("window.dispatchEvent(new Event('online'))")


def is_there(page, name):
    """In the basket; what was checked out already stands below it."""
    expect(page.locator(".today-line[data-key]", has_text=name)).to_be_visible()


def until(true, *, seconds=PATIENCE / 1000):
    """Asked again and again. (`wait_for_function` takes a promise for true, whatever it holds.)"""
    deadline, pause = monotonic() + seconds, Event()
    while not true():
        assert monotonic() < deadline, "It never came."
        pause.wait(0.1)
