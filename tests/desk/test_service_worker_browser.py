"""The till as an app, in a real browser before the real server: it opens whatever the network does, changes only when
somebody says so, and tells what it keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

import pytest
from django.http import HttpRequest, HttpResponse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.checkout.models import KeptVisit
from astro.desk import installing
from astro.kit.clock import utc_now
from astro.kit.errors import Refusals
from astro.kit.ids import new_uuid7
from astro.tenancy.models import Location
from tests import cast
from tests.browser import PATIENCE, complaints_of, context_of, patiently
from tests.cast import inside
from tests.kit.axe import findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOUR = 60 * 60 * 1000
CONTROLLED = """() => new Promise((go) => {
  if (navigator.serviceWorker.controller) go();
  else navigator.serviceWorker.addEventListener("controllerchange", () => go());
})"""
WAITING = "async () => (await navigator.serviceWorker.getRegistration()).waiting?.state ?? null"
CACHED = """async () => {
  const all = {};
  for (const name of await caches.keys()) {
    all[name] = (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname).sort();
  }
  return all;
}"""


@pytest.fixture
def open_context(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., BrowserContext]]:
    contexts = []

    def opened(user: User | None, **how: object) -> BrowserContext:
        contexts.append(context_of(browser, live_server, user, **how))
        return contexts[-1]

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def context(open_context: Callable[..., BrowserContext], cashier: User) -> BrowserContext:
    return open_context(cashier)


@pytest.fixture
def app(open_context: Callable[..., BrowserContext], cashier: User) -> Page:
    """A page under the worker's wing."""
    page = open_context(cashier, service_workers="allow").new_page()
    page.goto("/")
    page.evaluate(CONTROLLED)
    return page


@contextmanager
def down(answer: Callable[[HttpRequest], HttpResponse]) -> Iterator[None]:
    """The server answers so to everything but static files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Refusals, "__call__", lambda self, request: answer(request))
        yield


def keep(page: Page, place: Location, *notes: str, hours_ago: float = 1) -> None:
    product = cast.make_product(name="Gold")
    visits = [
        {
            "body": {
                "key": str(new_uuid7(now=utc_now())),
                "occurred_at": utc_now().isoformat(),
                "retailer": str(place.retailer_id),
                "location": str(place.pk),
                "by": None,
                "customer": {"note": note},
                "lines": [{"key": str(new_uuid7(now=utc_now())), "product_id": str(product.pk), "quantity": 1}],
            },
            "lines": [{"product_id": str(product.pk), "quantity": 1, "name": "Gold"}],
            "who": "note",
            "told": note,
        }
        for note in notes
    ]
    page.evaluate(
        """async ([visits, ago]) => {
          const { keep } = await import("/static/checkout/kept.js");
          for (const visit of visits) await keep({ ...visit, kept_at: Date.now() - ago });
        }""",
        [visits, hours_ago * HOUR],
    )


def kept(page: Page) -> int:
    return page.evaluate("async () => (await (await import('/static/checkout/kept.js')).summary()).count")


def unreachable(context: BrowserContext) -> None:
    context.route("**/checkout/arrivals/", lambda route: route.abort())


# Opening


def test_till_opens_with_no_network_after_one_visit(app):
    """Whatever page is asked for, with all it needs; and the pages themselves as soon as there is a network."""
    wrong = complaints_of(app, but="ERR_INTERNET_DISCONNECTED")
    app.goto("/customers/")
    app.context.set_offline(True)
    for address in ("/checkout/", "/", "/customers/"):
        app.goto(address)
        expect(app).to_have_title("Till without connection · Astro")
        expect(app.get_by_role("heading", name="Who is it?")).to_be_visible()
    app.evaluate("() => document.fonts.ready")
    assert app.evaluate("() => customElements.get('astro-offline-till') !== undefined")
    app.goto("/access-help/")
    expect(app.get_by_role("heading", level=1)).to_have_text("You cannot get into Astro?")
    app.context.set_offline(False)
    app.goto("/checkout/")
    expect(app).to_have_title("Check Out · Astro")
    assert wrong == []


def test_nothing_but_the_shell_is_ever_kept(app, client):
    """Neither a page that somebody was shown nor an answer to a form, however much was looked at."""
    for address in ("/", "/customers/", "/checkout/", "/help/"):
        app.goto(address, wait_until="networkidle")
    listed = client.get("/sw.js").content.decode()
    shell = json.loads(listed[listed.index("{", listed.index("const SHELL")) : listed.index("\n};") + 2])
    assert set(shell["pages"].values()) == {"/checkout/offline/", "/access-help/"}
    assert app.evaluate(CACHED) == {
        f"astro-shell-{shell['version']}": sorted([*shell["files"], *shell["pages"].values()])
    }
    whole = app.evaluate(
        """async () => {
          const [name] = await caches.keys();
          const cache = await caches.open(name);
          const pages = await Promise.all(["/checkout/offline/", "/access-help/"].map((one) => cache.match(one)));
          return (await Promise.all(pages.map((page) => page.text()))).join("");
        }"""
    )
    assert [told for told in ("Cass", "Midtown", "Huxley", "csrfmiddlewaretoken") if told in whole] == []


def test_server_that_is_down_or_too_slow_is_as_good_as_none(app, monkeypatch):
    for status in (502, 503, 504):
        with down(lambda request, status=status: HttpResponse("<h1>Bad gateway</h1>", status=status)):
            app.goto("/checkout/")
            expect(app).to_have_title("Till without connection · Astro")
    with down(lambda request: HttpResponse("<h1>Not so bad</h1>", status=500)):
        app.goto("/checkout/")
        expect(app.get_by_role("heading")).to_have_text("Not so bad")


def test_till_does_not_wait_for_ever(open_context, cashier, monkeypatch):
    monkeypatch.setattr(installing, "PATIENCE", 300)
    page = open_context(cashier, service_workers="allow").new_page()
    page.goto("/")
    page.evaluate(CONTROLLED)
    late = Event()

    def slow(request: HttpRequest) -> HttpResponse:
        late.wait(PATIENCE / 1000)
        return HttpResponse("<h1>At last</h1>")

    with down(slow):
        page.goto("/checkout/")
        expect(page).to_have_title("Till without connection · Astro")
        late.set()


# Changing


def test_new_version_waits_until_somebody_reloads_and_loses_nothing(app, midtown, monkeypatch):
    keep(app, midtown, "Ada", "Bo")
    unreachable(app.context)
    monkeypatch.setattr(installing, "shell_version", lambda: "two")
    app.goto("/")
    offer = app.get_by_role("button", name="New version of Astro")
    expect(offer).to_be_visible()
    app.evaluate("() => { globalThis.untouched = true; }")
    assert sorted(app.evaluate(CACHED))[-1] == "astro-shell-two"
    app.wait_for_load_state("networkidle")
    assert app.evaluate("() => globalThis.untouched")
    assert app.evaluate(WAITING) == "installed"
    with app.expect_event("load"):
        offer.click()
    expect(offer).to_have_count(0)
    assert app.evaluate("() => globalThis.untouched ?? null") is None
    assert app.evaluate(WAITING) is None
    assert kept(app) == 2
    expect(app.get_by_role("link", name="2 checkouts kept on this till")).to_be_visible()


def test_version_before_stays_for_windows_that_still_show_it(app, monkeypatch):
    [first] = app.evaluate(CACHED)
    for version, stay in [("two", {first, "astro-shell-two"}), ("three", {"astro-shell-two", "astro-shell-three"})]:
        monkeypatch.setattr(installing, "shell_version", lambda version=version: version)
        app.goto("/")
        with app.expect_event("load"):
            app.get_by_role("button", name="New version of Astro").click()
        for _ in patiently():
            if set(app.evaluate(CACHED)) == stay:
                break
        assert set(app.evaluate(CACHED)) == stay


# Telling


def test_bar_tells_what_waits_and_signing_out_asks(context, huxley, midtown):
    """From the till over signing out to the one who signs in next: what is kept stays until it is sent."""
    page = context.new_page()
    unreachable(context)
    page.goto("/")
    keep(page, midtown, "Ada", "Bo", "Cy")
    told = page.get_by_role("link", name="3 checkouts kept on this till since")
    expect(told).to_have_attribute("href", "/checkout/offline/#kept")
    expect(page.locator(".is-waiting:not(.is-bad)")).to_have_count(1)

    sign_out = page.locator("[data-sign-out] button")
    page.locator(".who").click()
    sign_out.click()
    dialog = page.get_by_role("dialog", name="Sign out?")
    expect(dialog).to_contain_text("3 checkouts are kept in this browser and not sent yet. They stay here")
    dialog.get_by_role("button", name="Stay").click()
    expect(dialog).to_have_count(0)
    assert page.url.endswith("/")
    page.locator(".who").click()
    sign_out.click()
    dialog.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")
    expect(page.get_by_role("link", name="3 checkouts kept on this till since")).to_be_visible()

    context.unroute("**/checkout/arrivals/")
    page.reload()
    expect(page.get_by_role("link", name="Sign in to send them")).to_be_visible()
    with inside(huxley):
        assert KeptVisit.objects.count() == 0
    page.get_by_label("E-mail or user name").fill("huxleycashier")
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    for _ in patiently():
        if kept(page) == 0:
            break
    with inside(huxley):
        assert KeptVisit.objects.count() == 3
    expect(page.locator(".is-waiting")).to_have_count(0)


def test_after_a_day_the_owner_is_to_be_told(context, midtown):
    page = context.new_page()
    unreachable(context)
    page.goto("/")
    keep(page, midtown, "Ada", hours_ago=25)
    told = page.get_by_role("link", name="1 checkout kept on this till since")
    expect(told).to_contain_text("Tell the owner.")
    expect(page.locator(".is-waiting.is-bad")).to_have_count(1)
    assert findings_everywhere(page) == {}


@pytest.mark.parametrize(
    ("trouble", "words"), [("other-store", "Some belong to another store."), ("unfit", "Some cannot be read.")]
)
def test_trouble_is_told_in_words(context, midtown, trouble, words):
    errors = {"other-store": (403, "other_store"), "unfit": (422, "unreadable")}
    status, code = errors[trouble]
    context.route(
        "**/checkout/arrivals/",
        lambda route: route.fulfill(status=status, json={"error": {"code": code, "message": "Why."}}),
    )
    page = context.new_page()
    page.goto("/")
    keep(page, midtown, "Ada")
    expect(page.get_by_role("link", name="1 checkout kept on this till")).to_contain_text(words)


def test_page_where_nothing_waits_asks_nothing_of_the_server(context):
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    with page.expect_response("**/desk/shell.js"):
        page.goto("/")
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-when-online]")).to_be_visible()
    assert asked == []


def test_browser_knows_its_till_from_every_page_and_forgets_who_signed_out(context, huxley, midtown, cashier):
    page = context.new_page()
    page.goto("/customers/")
    known = "async () => (await import('/static/checkout/identity.js')).recall()"
    for _ in patiently():
        facts = page.evaluate(known)
        if facts:
            break
    del facts["last_server_time"]
    place = {"retailer": str(huxley.pk), "location": str(midtown.pk), "location_name": "Midtown", "has_till": False}
    assert facts == {**place, "person": str(cashier.pk), "person_name": "Cass Cashier", "acting": ""}
    page.locator(".who").click()
    page.locator("[data-sign-out] button").click()
    page.wait_for_url("**/sign-in/")
    for _ in patiently():
        facts = page.evaluate(known)
        if facts["person"] is None:
            break
    assert (facts["person"], facts["person_name"], facts["retailer"]) == (None, "", str(huxley.pk))


def test_installing_is_offered_under_the_persons_name_where_the_browser_would(context):
    page = context.new_page()
    page.goto("/")
    button = page.locator("[data-act=install]")
    page.evaluate(
        """() => {
          const offer = new Event("beforeinstallprompt", { cancelable: true });
          offer.prompt = async () => { globalThis.prompted = true; };
          dispatchEvent(offer);
          return offer.defaultPrevented;
        }"""
    )
    page.locator(".who").click()
    expect(button).to_be_visible()
    button.click()
    expect(button).to_be_hidden()
    assert page.evaluate("() => globalThis.prompted")


def test_till_says_that_it_needs_https(context):
    context.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page = context.new_page()
    page.goto("/checkout/")
    expect(page.get_by_text("Without HTTPS this till stops when the network does")).to_be_visible()
