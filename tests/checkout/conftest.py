"""The till in a real browser: before the real server, or made of nothing but its own modules."""

from pathlib import Path

import pytest

from astro.customers.actions import add_practice_customer
from tests import cast
from tests.browser import PATIENCE, complaints_of, context_of
from tests.cast import NOW, inside
from tests.checkout.scanner import GOLD, PATE, ROPE, at_till

STATIC = Path(__file__).parents[2] / "astro" / "checkout" / "static" / "checkout"
ADDRESS = "http://till.test"


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return add_practice_customer(now=NOW)


@pytest.fixture
def ben(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Ben", last_name="Ortiz", email="ben@example.com")


@pytest.fixture
def shelf(midtown, cashier):
    """A bag and a pate with a program each, and a toy with none."""
    for name, size, code in [("Northpaw Gold Adult", "30 lb", GOLD), ("Fernwell Pate", "24-pack", PATE)]:
        product = cast.make_product(name=name, size=size, gtins=[code])
        program = cast.make_program(title=f"{name} club", products=[product])
        cast.make_enrollment(midtown, program=program, by=cashier)
    cast.make_product(name="Rope toy", size="", gtins=[ROPE])


@pytest.fixture
def context(browser, live_server, cashier, shelf):
    context = context_of(browser, live_server, cashier)
    yield context
    context.close()


@pytest.fixture
def page(context):
    """Errors in scripts and what the content policy stops fail the test."""
    page = context.new_page()
    wrong = complaints_of(page, only="Security Policy")
    yield page
    assert wrong == []


@pytest.fixture
def till(page, sally):
    return at_till(page, sally)


@pytest.fixture(scope="module")
def module_site(browser):
    """A browser context whose only site has the till's modules as `/checkout/<file>.js`, and one page, `site.body`."""
    site = Site(browser)
    yield site
    site.context.close()


@pytest.fixture
def module_page(module_site):
    """Opens a page with this body on that site, and another with the next call. An error in it fails the test."""
    module_site.errors.clear()
    module_site.answers.clear()
    yield module_site.open
    module_site.page.goto("about:blank")
    assert module_site.errors == []


class Site:
    """`answers` holds, by path, what the test has the server say: a list of `route.fulfill` arguments, or None for no
    answer; the last one stays. `asked` holds what the page asked for there."""

    def __init__(self, browser):
        self.body = ""
        self.errors = []
        self.answers = {}
        self.asked = []
        self.context = browser.new_context()
        self.context.set_default_timeout(PATIENCE)
        self.context.route(f"{ADDRESS}/**", self.answer)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, body=""):
        self.body = body
        self.asked.clear()
        self.page.goto(f"{ADDRESS}/")
        return self.page

    def answer(self, route):
        path = route.request.url.removeprefix(ADDRESS).partition("?")[0]
        if path in self.answers:
            self.asked.append(route.request)
            told = self.answers[path]
            answer = told.pop(0) if len(told) > 1 else told[0]
            if answer is None:
                route.abort()
            else:
                route.fulfill(**answer)
        elif path == "/":
            body = f'<!doctype html><html lang="en"><title>Till</title>{self.body}'
            route.fulfill(body=body, content_type="text/html; charset=utf-8")
        elif path.endswith(".js"):
            route.fulfill(path=STATIC / Path(path).name, content_type="text/javascript")
        else:
            route.fulfill(status=404, body="")
