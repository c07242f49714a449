"""What people type is never markup, wherever it is shown: nasty words through every input, then every page looked at.

The names of store, location and people are nasty already, so whatever the access matrix makes carries them; what the
forms take comes on top. Then every page that answers is opened in a real browser as everybody, with a trap: an element,
an attribute or a script of ours that came to life, or something that the content policy had to stop.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from playwright.sync_api import BrowserContext

from astro.accounts.access import Access
from astro.accounts.models import User
from astro.customer_app.sessions import COOKIE
from astro.tenancy.models import Location
from tests import cast
from tests.cast import inside
from tests.project.access_matrix import ROUTES, Reach
from tests.project.forms import Form, read_page, ways_to_fill

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

NASTY = "\"'><xss-trap a=1></xss-trap><img src=x onerror=trap()>"
SHORT = "'\"><xss-trap>"
"""For names that go into other names."""
ALIVE = "<xss-trap"
LINK = "javascript:trap()//</script><script>trap()</script>{{ 7*7 }}"

TRAP = """
window.trapped = [];
window.trap = () => trapped.push("a script ran");
document.addEventListener("securitypolicyviolation", (event) => trapped.push(`stopped: ${event.violatedDirective}`));
"""
FOUND = """() => {
  const all = [document, ...[...document.querySelectorAll("template")].map((one) => one.content)];
  const found = [...trapped];
  for (const root of all) {
    if (root.querySelector("xss-trap, img[src='x']")) found.push("markup came to life");
    const running = ["href", "src", "action", "formaction"].map((name) => `[${name}^="javascript:"]`).join();
    if (root.querySelector(running)) found.push("a link runs");
  }
  return [...new Set(found)];
}"""

LEFT_ALONE = {"accounts:sign_out", "customer_app:sign_out", "accounts:sign_in", "customer_app:sign_in"}
"""Forms that would end the session of whoever fills them in."""
MOST_OF_A_ROUTE = 2
MOST_FORMS = 400


@dataclass
class Visitor:
    """Somebody who looks at every page. `raw`: pages on which the words stood as markup."""

    name: str
    client: Client
    cookies: dict[str, tuple[str, str]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    raw: list[str] = field(default_factory=list)
    refused: bool = False

    def ask(self, url: str) -> str | None:
        """The page at this address, if it is one."""
        response = self.client.get(url)
        html = self.read(url, response)
        if response.status_code in (403, 404):  # one of these is like the other
            self.refused, html = True, None if self.refused else html
        return None if 300 <= response.status_code < 400 else html

    def read(self, url: str, response: object) -> str | None:
        kind = response.headers.get("Content-Type", "")  # type: ignore[attr-defined]
        response.close()  # type: ignore[attr-defined]
        if not kind.startswith("text/html") or response.has_header("Content-Disposition"):  # type: ignore[attr-defined]
            return None
        html = response.getvalue().decode()  # type: ignore[attr-defined]
        if ALIVE in html:
            self.raw.append(f"{self.name} {url}: {html[max(0, html.index(ALIVE) - 80) :][:160]!r}")
        return html


@pytest.fixture
def nasty_place(huxley, db) -> Location:
    type(huxley).objects.filter(pk=huxley.pk).update(name=f"Huxley {NASTY}")
    huxley.refresh_from_db()
    return cast.make_location(huxley, name=f"Mid {SHORT}")


@pytest.fixture
def world(huxley, nasty_place) -> dict[str, str]:
    """Something of everything, and the address of each page."""
    with inside(huxley):
        things = {maker: maker(nasty_place) for maker in _makers()}
    addresses = {}
    for name, route in ROUTES.items():
        if "GET" in route.methods.split() and route.reach is not Reach.SIGNED:
            addresses[name] = reverse(name, kwargs={key: things[maker] for key, maker in route.ids.items()})
    return addresses


def _makers() -> list:
    return list(dict.fromkeys(maker for route in ROUTES.values() for maker in route.ids.values()))


@pytest.fixture
def visitors(huxley, nasty_place, world) -> list[Visitor]:
    owner = cast.make_user(name=f"Olive {NASTY}", email="olive@huxleyhouse.example")
    cast.make_membership(owner, role="master", retailer=huxley, is_billing_contact=True)
    cashier = cast.make_user(name=f"Cass {NASTY}", user_name="cass")
    cast.make_membership(cashier, role="cashier", retailer=huxley, location=nasty_place)
    support = User(name=f"Sue {NASTY}", email="sue@astro.example", is_support=True)
    support.set_unusable_password()
    support.save(force_insert=True)
    found = [Visitor("nobody", Client())]
    for who in (owner, cashier, support):
        client = Client(raise_request_exception=False)
        client.force_login(who) if who.is_support else cast.signed_in(client, who)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        found.append(Visitor(who.name[:5], client, {settings.SESSION_COOKIE_NAME: (session, "/")}))
    with inside(huxley):
        shopper = cast.make_customer(at=nasty_place, first_name=f"Betty {NASTY}", email="betty@example.com")
        app = cast.signed_in_to_app(Client(), cast.make_app_account(shopper), retailer=huxley)
    found.append(Visitor("Betty", app, {COOKIE: (app.cookies[COOKIE].value, app.cookies[COOKIE]["path"])}))
    return found


def test_nothing_that_anybody_types_comes_to_life_on_any_page(browser, live_server, world, visitors) -> None:
    filled = sum(_type_everywhere(visitor, world) for visitor in visitors)
    assert filled > 60
    for visitor in visitors:
        _collect(visitor, world)
    assert [line for visitor in visitors for line in visitor.raw] == []
    looked_at = Counter[str]()
    wrong = []
    for visitor in visitors:
        context = browser.new_context(base_url=live_server.url, service_workers="block", reduced_motion="reduce")
        try:
            context.add_init_script(TRAP)
            context.add_cookies(
                [
                    {"name": name, "value": value, "url": live_server.url + path}
                    for name, (value, path) in visitor.cookies.items()
                ]
            )
            wrong += _look(context, visitor, looked_at)
        finally:
            context.close()
    assert wrong == [], "\n".join(wrong)
    assert looked_at["Olive"] > 50
    assert min(looked_at[visitor.name] for visitor in visitors) > 3, looked_at


def test_the_trap_bites(browser, live_server) -> None:
    context = browser.new_context()
    try:
        context.add_init_script(TRAP)
        page = context.new_page()
        page.goto(live_server.url + "/sign-in/")
        assert page.evaluate(FOUND) == []
        page.evaluate("words => document.querySelector('main').insertAdjacentHTML('beforeend', words)", NASTY)
        page.wait_for_function("trapped.length > 0")
        assert page.evaluate(FOUND) == ["stopped: script-src-attr", "markup came to life"]
        page.evaluate("document.querySelector('a').href = 'javascript:trap()//'")
        assert "a link runs" in page.evaluate(FOUND)
    finally:
        context.close()


def _look(context: BrowserContext, visitor: Visitor, looked_at: Counter[str]) -> Iterator[str]:
    page = context.new_page()
    for url in visitor.pages:
        page.goto(url, wait_until="load")
        looked_at[visitor.name] += 1
        for what in page.evaluate(FOUND):
            yield f"{visitor.name} {url}: {what}"


def _collect(visitor: Visitor, world: dict[str, str]) -> None:
    """The pages that this visitor is shown, and what those lead to, a few of each route."""
    waiting = list(world.values())
    seen = set(waiting)
    counts = Counter[str]()
    while waiting:
        url = waiting.pop(0)
        name = _route(url)
        if name in LEFT_ALONE or counts[name] >= MOST_OF_A_ROUTE:
            continue
        html = visitor.ask(url)
        if html is None:
            continue
        counts[name] += 1
        visitor.pages[url] = html
        for link in read_page(html)[1]:
            if link.startswith("/") and link not in seen and _route(link):
                seen.add(link)
                waiting.append(link)


def _type_everywhere(visitor: Visitor, world: dict[str, str]) -> int:
    """Nasty words into every box of every form that this visitor is shown; how many forms were sent."""
    known: set[tuple[str, tuple[str, ...]]] = set()
    sent = 0
    for url in world.values():
        html = visitor.ask(url) or ""
        for form in read_page(html)[0]:
            to = form.action or url
            what = (_route(urlsplit(to).path), tuple(box.name for box in form.boxes))
            if what in known or what[0] in LEFT_ALONE or not what[0] or not form.typed:
                continue
            known.add(what)
            sent += _send(visitor, form, to)
            if sent > MOST_FORMS:
                return sent
    return sent


def _send(visitor: Visitor, form: Form, to: str) -> int:
    taken = 0
    for payload in (NASTY, LINK):
        for words in ways_to_fill(form, payload):
            if form.method == "post":
                files = [value for value in words.values() if isinstance(value, io.BytesIO)]
                for file in files:
                    file.seek(0)
                response = visitor.client.post(to, words)
            else:
                response = visitor.client.get(to, words)
            assert response.status_code < 500, f"{visitor.name} {to}: {response.status_code}"
            visitor.read(to, response)
            taken += 1
            if response.status_code < 400:
                break
    return taken


def _route(url: str) -> str:
    try:
        name: str = resolve(urlsplit(url).path).view_name
    except Resolver404:
        return ""
    return name if ROUTES.get(name) and ROUTES[name].access in set(Access) else ""
