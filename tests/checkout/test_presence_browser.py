"""Two tills with the same customer open, in two real browsers; and the module that watches, by itself."""

import json
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from astro.cards.models import Card, CardNote
from astro.checkout.models import Presence, Purchase, Visit
from astro.kit.clock import utc_now
from astro.programs.models import Program
from tests import cast
from tests.browser import page_of, patiently
from tests.cast import inside
from tests.checkout.scanner import GOLD, at_till, line, said, scan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def two_tills(browser, live_server, shelf, sally, cashier, riverside, riverside_administrator):
    """Sally open in Midtown and in Riverside, each in a browser of its own. Errors in scripts fail the test."""
    with inside(riverside.retailer):
        programs = list(Program.objects.all())
    for program in programs:
        cast.make_enrollment(riverside, program=program, by=riverside_administrator)
    with ExitStack() as stack:
        pages = []
        for user in (cashier, riverside_administrator):
            page = stack.enter_context(page_of(browser, live_server, user, only="Security Policy"))
            with page.expect_response("**/here/"):
                at_till(page, sally)
            pages.append(page)
        yield pages


def asks_again(page):
    """As after fifteen seconds, or when the page is looked at again."""
    with page.expect_response("**/here/"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_each_is_told_of_the_other_and_of_what_the_other_did_and_nothing_is_lost(two_tills, huxley):
    midtown, riverside = two_tills
    expect(riverside.locator("[data-part=others]")).to_contain_text("Open too: Cass Cashier, Midtown.")
    asks_again(midtown)
    expect(midtown.locator("[data-part=others]")).to_contain_text("Open too: Rita Riverside, Riverside.")
    for page in two_tills:
        scan(page, GOLD)
        expect(page.locator("#cards")).to_contain_text("1 of 12")
    midtown.get_by_role("button", name="Check out").click()
    midtown.wait_for_selector("#finished")
    asks_again(riverside)
    expect(said(riverside)).to_contain_text("Sally's cards changed at another till.")
    expect(riverside.locator("#cards")).to_contain_text("2 of 12")
    expect(line(riverside, "Northpaw Gold").locator("output")).to_have_text("1")
    riverside.get_by_role("button", name="Check out").click()
    riverside.wait_for_selector("#finished")
    with inside(huxley):
        assert sorted(Visit.objects.values_list("location__name", flat=True)) == ["Midtown", "Riverside"]
        assert sum(Purchase.objects.values_list("quantity", flat=True)) == 2
        assert Card.objects.get().punches == 2


def test_what_a_till_did_itself_is_no_news_to_it(two_tills):
    midtown, riverside = two_tills
    scan(riverside, GOLD)
    riverside.get_by_role("button", name="Check out").click()
    riverside.wait_for_selector("#finished")
    with riverside.expect_response("**/here/"):
        riverside.get_by_role("link", name="Back to Sally").click()
    riverside.wait_for_selector("astro-till:defined")
    with riverside.expect_response("**/removals/"), riverside.expect_response("**/here/"):
        riverside.locator("[data-act=remove]").click()
    asks_again(riverside)
    expect(said(riverside)).not_to_contain_text("another till")
    asks_again(midtown)
    expect(said(midtown)).to_contain_text("another till")


def test_what_changed_between_the_page_and_its_first_question_is_told(page, huxley, midtown, cashier, sally, shelf):
    def change_then_go_on(route):
        with inside(huxley):
            card = Card.objects.get(customer=sally)
            CardNote(card=card, text="From paper", changed_by=cashier, changed_at=utc_now()).save()
        route.continue_()

    at_till(page, sally)
    scan(page, GOLD)
    page.get_by_role("button", name="Check out").click()
    page.wait_for_selector("#finished")
    page.route("**/here/", change_then_go_on, times=1)
    at_till(page, sally)
    expect(said(page)).to_contain_text("Sally's cards changed at another till.")


def test_a_closed_page_is_gone_at_once(two_tills, huxley):
    midtown, riverside = two_tills
    expect(riverside.locator("[data-part=others]")).not_to_be_empty()
    midtown.goto("/checkout/")
    expect(midtown.get_by_role("heading", level=1)).to_be_visible()
    for _ in patiently():
        asks_again(riverside)
        if not riverside.locator("[data-part=others]").inner_text():
            break
        riverside.wait_for_timeout(50)
    expect(riverside.locator("[data-part=others]")).to_be_empty()
    with inside(huxley):
        assert Presence.objects.count() == 1


# The module alone

BODY = """<body hx-headers='{"X-CSRFToken": "token"}'><script type="module">
  import { watch } from "/checkout/presence.js";
  window.told = [];
  Object.defineProperty(document, "hidden", { get: () => window.isHidden ?? false });
  window.watching = watch({
    url: "/here/", page: "a-page", version: "one", every: window.every ?? 40,
    onOthers: (others) => told.push(others.map((one) => one.where)),
    onChanged: () => told.push("changed"),
  });
</script>"""


def answer(version="one", *places):
    others = [{"who": "Jo", "where": place} for place in places]
    return {
        "status": 200,
        "content_type": "application/json",
        "body": json.dumps({"others": others, "version": version}),
    }


@pytest.fixture
def watching(module_site, module_page):
    def open_with(*answers):
        module_site.answers["/here/"] = list(answers)
        page = module_page(BODY)
        page.wait_for_function("window.watching")
        return page

    return open_with


def asked(site, page, count):
    """Waits until the page has asked that often."""
    for _ in patiently():
        if len(site.asked) >= count:
            return
        page.wait_for_timeout(10)
    raise AssertionError(f"asked {len(site.asked)} times, not {count}")


def rests(site, page):
    """Waits until nothing has been asked for ten times the rhythm of these pages: what was on its way has come."""
    for _ in patiently():
        before = len(site.asked)
        page.wait_for_timeout(400)
        if len(site.asked) == before:
            return
    raise AssertionError("it asks and asks")


def test_it_asks_again_and_again_and_tells_only_what_is_new(watching, module_site):
    page = watching(
        answer(), answer("one", "Riverside"), answer("one", "Riverside"), answer("two", "Riverside"), answer("two")
    )
    asked(module_site, page, 8)
    assert page.evaluate("told") == [["Riverside"], "changed", []]
    assert module_site.asked[0].headers["x-csrftoken"] == "token"
    assert module_site.asked[0].post_data_json == {"page": "a-page"}


def test_without_network_or_signed_out_it_is_quiet_and_goes_on(watching, module_site):
    redirect = {"status": 302, "headers": {"Location": "/"}}
    page = watching(None, {"status": 500, "body": "x"}, redirect, {"status": 200, "body": "<html>"}, answer("two"))
    asked(module_site, page, 5)
    page.wait_for_function("told.length")
    assert page.evaluate("told") == ["changed"]


def test_it_rests_while_nobody_can_see_the_page(watching, module_site):
    page = watching(answer())
    asked(module_site, page, 1)
    page.evaluate("window.isHidden = true; document.dispatchEvent(new Event('visibilitychange'))")
    rests(module_site, page)
    before = len(module_site.asked)
    page.evaluate("window.isHidden = false; document.dispatchEvent(new Event('visibilitychange'))")
    asked(module_site, page, before + 1)


def test_what_the_page_changes_itself_is_no_news_even_while_it_is_being_sent(watching, module_site):
    page = watching(answer())
    asked(module_site, page, 1)
    page.evaluate("window.mine = new Promise((done) => { window.done = done; }); void watching.mine(window.mine)")
    module_site.answers["/here/"] = [answer("two")]
    asked(module_site, page, len(module_site.asked) + 2)
    module_site.answers["/here/"] = [answer("three")]
    page.evaluate("window.done()")
    asked(module_site, page, len(module_site.asked) + 3)
    assert page.evaluate("told") == []
    module_site.answers["/here/"] = [answer("four")]
    page.wait_for_function("told.length")
    assert page.evaluate("told") == ["changed"]


def test_stopped_it_says_so_and_asks_no_more(watching, module_site):
    page = watching(answer())
    asked(module_site, page, 1)
    page.evaluate("watching.stop()")
    rests(module_site, page)
    assert module_site.asked[-1].post_data_json == {"page": "a-page", "leaving": True}
