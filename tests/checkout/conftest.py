"""Pages made of nothing but the till's own modules, with no server behind them."""

from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "astro" / "checkout" / "static" / "checkout"
ADDRESS = "http://till.test"


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
        self.context.set_default_timeout(5_000)
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
