"""Without network, in a real browser before the real server: nothing is lost, and nothing counts twice."""

import re
from datetime import datetime

import pytest
from playwright.sync_api import expect

from astro.checkout.models import Arrival, KeptVisit, Purchase, Visit, Why
from astro.customers.actions import give_code
from astro.customers.models import CodeKind, CustomerCode
from tests import cast
from tests.browser import page_of, patiently
from tests.cast import NOW, inside
from tests.checkout.scanner import GOLD, ONCE, PATE, UNKNOWN, at_till, enter, line, said, scan
from tests.kit.axe import findings_everywhere, sideways

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KEPT = "import('/static/checkout/kept.js').then(({ allKept }) => allKept())"
NO_STORAGE = """IDBFactory.prototype.open = () => { throw new DOMException("no", "SecurityError"); };"""
NO_MORE_ROOM = """() => {
  const real = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (store, mode, options) {
    if (mode === "readwrite") throw new DOMException("full", "QuotaExceededError");
    return real.call(this, store, mode, options);
  };
}"""


FORGET_ITEMS = """async () => {
  const { change } = await import("/static/checkout/store.js");
  await change("catalogues", document.querySelector("astro-offline-till").identity.location, () => null);
}"""


def until(page, promise):
    """Playwright's own waiting takes a promise for an answer."""
    for _ in patiently():
        if page.evaluate(promise):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never came true: {promise}")


def kept_words(page):
    return page.locator("#kept-visit")


def rows(page):
    return page.locator("[data-kept]")


def away(page, customer=None):
    """The till without network, on a browser that has been at the till before; then the network goes."""
    at_till(page, customer)
    until(page, "import('/static/checkout/identity.js').then(({ recall }) => recall()).then((known) => known.person)")
    return offline_page(page)


def offline_page(page, address="/checkout/offline/"):
    page.goto(address)
    page.wait_for_selector("astro-offline-till:defined")
    page.evaluate("document.querySelector('astro-offline-till').turn")
    page.context.set_offline(True)
    return page


def is_sent(page):
    """The network is back: everything goes out."""
    page.context.set_offline(False)
    expect(rows(page)).to_have_count(0)
    expect(page.locator(".offline-state")).to_contain_text("Connected. Everything is sent.")
    expect(page.get_by_role("link", name="Back to the till")).to_be_visible()


def check_out_here(page, *, reason=None):
    page.keyboard.press("Control+Enter")
    if reason:
        page.get_by_role("radio", name=reason).check()
        enter(page)
    expect(said(page)).to_contain_text("Kept on this till.")


# A customer who was open when the network went


def test_checkout_without_network_lands_once_with_its_real_time(context, till, huxley):
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_contain_text("1 of 12")
    context.set_offline(True)
    scan(till, UNKNOWN)
    expect(line(till, "6 14141 00003 6")).to_be_visible()
    till.keyboard.press("F4")
    expect(said(till)).to_contain_text("No connection: rewards wait until it is back.")
    till.keyboard.press("Control+Enter")
    expect(kept_words(till)).to_contain_text("It is sent when the connection is back. Punches only; rewards wait.")
    [kept] = till.evaluate(KEPT)
    assert kept["told"] == ""
    scan(till, PATE)
    expect(said(till)).to_contain_text("Sally is checked out. Scan the next customer's card")
    context.set_offline(False)
    expect(kept_words(till)).to_contain_text("Sent")
    assert till.evaluate(KEPT) == []
    with inside(huxley):
        visit, arrival = Visit.objects.get(), Arrival.objects.get()
        assert [str(visit.key), visit.occurred_at] == [
            kept["body"]["key"],
            datetime.fromisoformat(kept["body"]["occurred_at"]),
        ]
        assert (arrival.visit_id, visit.by.name) == (visit.pk, "Cass Cashier")
        assert [(kept.why, kept.body["unknown"]) for kept in KeptVisit.objects.all()] == [
            (Why.UNKNOWN_ITEMS, [{"code": "00614141000036", "quantity": 1}])
        ]


def test_window_killed_between_keeping_and_leaving_the_basket_counts_once(context, till, huxley):
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_be_visible()
    till.evaluate("document.querySelector('astro-till').ready()")
    till.evaluate("void (document.querySelector('astro-till').basket.settle = () => new Promise(() => {}))")
    context.set_offline(True)
    till.keyboard.press("Control+Enter")
    until(till, f"{KEPT}.then((kept) => kept.length === 1)")
    context.set_offline(False)
    until(till, f"{KEPT}.then((kept) => kept.length === 0)")
    till.reload()
    expect(said(till)).to_contain_text("A checkout from before this page was opened is kept on this till.")
    until(till, f"{KEPT}.then((kept) => kept.length === 0)")
    with inside(huxley):
        assert (Visit.objects.count(), Arrival.objects.count(), KeptVisit.objects.count()) == (1, 1, 0)


def test_browser_that_keeps_nothing_asks_to_set_the_receipt_aside(context, till, huxley):
    scan(till, GOLD)
    expect(line(till, "Northpaw Gold")).to_contain_text("1 of 12")
    till.evaluate("document.querySelector('astro-till').ready()")
    till.evaluate(NO_MORE_ROOM)
    context.set_offline(True)
    till.keyboard.press("Control+Enter")
    expect(said(till)).to_contain_text("this browser keeps nothing: the purchase is not saved. Print the receipt")
    expect(line(till, "Northpaw Gold").locator("output")).to_have_text(ONCE)
    context.set_offline(False)
    till.get_by_role("button", name="Try again").click()
    till.wait_for_selector("#finished")
    with inside(huxley):
        assert Visit.objects.count() == 1


# Whoever comes while it is out


def test_three_ways_to_say_whose_it_is(page, huxley, midtown, sally, shelf):
    """A card of an earlier system, a phone number typed in full, a note: each lands where it belongs."""
    with inside(huxley):
        dana = cast.make_customer(at=midtown, first_name="Dana", phone="+14065550142")
        ben = cast.make_customer(at=midtown, first_name="Ben")
        CustomerCode(customer=ben, code="OLD-17", kind=CodeKind.OLD).save()
        code = give_code(ben, now=NOW).code
    away(page, sally)
    expect(page.locator(".offline-state")).to_contain_text("No connection.")
    scan(page, "OLD-17")
    expect(page.get_by_role("heading", level=1)).to_have_text("Card ending D-17")
    scan(page, GOLD)
    scan(page, code)
    expect(said(page)).to_contain_text("That is another customer's card. Check out first")
    page.wait_for_timeout(400)  # for 250 ms after a scan Enter is the scanner's
    check_out_here(page)
    scan(page, GOLD)
    page.wait_for_timeout(400)
    page.keyboard.press("Control+Enter")
    expect(said(page)).to_contain_text("Whose is it?")
    page.keyboard.press("F2")
    page.keyboard.type("555-0142", delay=60)
    enter(page)
    expect(page.locator("#phone-error")).to_contain_text("This phone number is too short.")
    page.locator("#phone").fill("(406) 555-0142")
    enter(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("(406)\u00a0555-0142")
    check_out_here(page)
    scan(page, PATE)
    page.wait_for_timeout(400)
    page.keyboard.press("F8")
    enter(page)
    expect(page.locator("#note-error")).to_contain_text("Write who it was")
    page.keyboard.type("lady with the grey poodle, receipt 4711", delay=60)
    enter(page)
    check_out_here(page)
    expect(rows(page)).to_have_count(3)
    expect(page.locator(".offline-state")).to_have_text(re.compile("3 checkouts kept on this till. Punches only"))
    is_sent(page)
    with inside(huxley):
        bought = sorted((visit.customer_id, visit.source) for visit in Visit.objects.all())
        assert bought == sorted([(ben.pk, "till"), (dana.pk, "till")])
        [unnamed] = KeptVisit.objects.all()
        assert (unnamed.why, unnamed.body["customer"]) == (
            Why.UNNAMED,
            {"note": "lady with the grey poodle, receipt 4711"},
        )


def test_reason_unknown_code_and_name_of_who_rang_it_up(browser, live_server, cashier, huxley, sally, shelf):
    """Signed out on a known till: the name is asked once. Codes that nobody knows are kept along, alone too."""
    with page_of(browser, live_server, cashier, but="Failed to load resource") as page:
        away(page, sally)
        page.evaluate("import('/static/checkout/identity.js').then(({ forgetPerson }) => forgetPerson())")
        page.context.set_offline(False)
        offline_page(page)
        scan(page, GOLD)
        page.get_by_role("button", name="One Northpaw Gold Adult 30 lb more").click()
        page.get_by_label("To be named later").fill("Ms Gray")
        page.get_by_role("button", name="Use note").click()
        page.get_by_role("button", name="Check out").click()
        expect(page.locator("#till-reason")).to_contain_text("2 items go onto Northpaw Gold Adult club card.")
        page.get_by_role("radio", name="Stocking up").check()
        enter(page)
        expect(page.locator("#till-cashier")).to_be_visible()
        enter(page)
        expect(page.locator("#cashier-error")).to_have_text("Write your name, then check out.")
        page.keyboard.type("Mo", delay=60)
        enter(page)
        expect(said(page)).to_contain_text("Kept on this till.")
        scan(page, UNKNOWN)
        expect(said(page)).to_contain_text("We don't know 6 14141 00003 6.")
        page.get_by_label("Phone number").fill("406 555 0100")
        page.get_by_role("button", name="Use number").click()
        page.get_by_role("button", name="Check out").click()
        expect(rows(page)).to_have_count(2)
        first, second = (kept["body"] for kept in page.evaluate(KEPT))
        assert (first["by"], first["rung_up_by"], first["reason"]) == (None, "Mo", "stocking_up")
        assert (second["rung_up_by"], second["lines"]) == ("Mo", [])
        assert second["unknown"] == [{"code": "00614141000036", "quantity": 1}]
        is_sent(page)


def test_kept_visit_is_taken_back_and_put_back(page, huxley, sally, shelf):
    """Only while it was never tried; from the list, and by Undo right after."""
    away(page, sally)
    for name in ("Ann", "Bob"):
        scan(page, GOLD)
        expect(line(page, "Northpaw Gold")).to_be_visible()
        page.get_by_label("To be named later").fill(name)
        page.get_by_role("button", name="Use note").click()
        page.get_by_role("button", name="Check out").click()
        expect(rows(page).filter(has_text=name)).to_have_count(1)
    page.keyboard.press("F9")
    expect(said(page)).to_have_text("Taken back. The items are in the basket again.")
    expect(line(page, "Northpaw Gold").locator("output")).to_have_text(ONCE)
    expect(page.get_by_role("heading", level=1)).to_have_text("To be named")
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="Take back").click()
    expect(said(page)).to_have_text("Taken back: To be named: Ann, 1 item. Nothing of it will be sent.")
    expect(rows(page)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="Send now").click()
    expect(said(page)).to_contain_text("Astro did not answer yet.")
    page.route("**/arrivals/", lambda route: route.abort())
    page.context.set_offline(False)
    expect(rows(page)).to_contain_text("Tried")
    expect(page.get_by_role("button", name="Take back")).to_have_count(0)
    page.unroute("**/arrivals/")
    page.get_by_role("button", name="Send now").click()
    expect(rows(page)).to_have_count(0)
    with inside(huxley):
        assert [kept.body["customer"]["note"] for kept in KeptVisit.objects.all()] == ["Ann"]


def test_customer_whose_page_was_asked_for_keeps_the_basket_and_gets_the_purchase(page, huxley, ben, shelf):
    """The service worker answers for the customer's own page; what had been scanned there is still on the counter."""
    at_till(page, ben)
    scan(page, PATE)
    expect(line(page, "Fernwell Pate")).to_be_visible()
    away(page, ben)
    page.context.set_offline(False)
    answer = page.request.get("/checkout/offline/").text()
    page.route(f"**/checkout/{ben.pk}/", lambda route: route.fulfill(body=answer, content_type="text/html"))
    offline_page(page, f"/checkout/{ben.pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("The customer you opened")
    scan(page, GOLD)
    page.wait_for_timeout(400)
    check_out_here(page)
    assert page.url.endswith("/checkout/offline/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is it?")
    expect(rows(page)).to_contain_text("A customer chosen at the till")
    is_sent(page)
    with inside(huxley):
        assert Visit.objects.get().customer_id == ben.pk
        assert Purchase.objects.count() == 2


# What stands in the way


def test_browser_where_nothing_can_be_kept_says_what_to_do(browser, live_server, cashier, sally, shelf):
    with page_of(browser, live_server, cashier, but="Failed to load resource") as page:
        page.goto("/checkout/offline/")
        expect(page.locator("[data-part=trouble]")).to_contain_text("This browser does not know its store yet")
        expect(page.locator("[data-part=trouble]")).to_contain_text("Print the customer's receipt and set it aside")
        expect(page.locator("#scan")).to_be_hidden()
        assert findings_everywhere(page) == {}
        page.add_init_script(NO_STORAGE)
        page.goto("/checkout/offline/")
        expect(page.locator("[data-part=trouble]")).to_contain_text("This browser keeps nothing")
        expect(page.locator("[data-part=trouble]")).to_contain_text("print the customer's receipt and set it aside")


def test_disk_that_runs_full_leaves_the_basket_as_it_was(page, sally, shelf):
    away(page, sally)
    scan(page, GOLD)
    page.get_by_label("To be named later").fill("Ann")
    page.get_by_role("button", name="Use note").click()
    page.evaluate(NO_MORE_ROOM)
    page.get_by_role("button", name="Check out").click()
    expect(said(page)).to_contain_text("This browser could not keep the purchase. Print the receipt and set it aside")
    expect(line(page, "Northpaw Gold").locator("output")).to_have_text(ONCE)
    expect(page.get_by_role("heading", level=1)).to_have_text("To be named")


def test_till_without_list_of_items_keeps_the_codes(context, page, sally, shelf):
    away(page, sally)
    page.evaluate(FORGET_ITEMS)
    context.set_offline(False)
    page.route("**/catalogue.json", lambda route: route.abort())
    offline_page(page)
    expect(page.locator("[data-part=trouble]")).to_contain_text("The list of items is not on this till")
    scan(page, GOLD)
    expect(line(page, "0 12345 67890 5")).to_contain_text("We don't know this code")


# How it looks


def test_nothing_moves_axe_finds_nothing_and_the_page_names_nobody(page, client, sally, shelf):
    text = client.get("/checkout/offline/")
    assert "Cookie" not in text.get("Vary", "")
    assert text.cookies == {}
    away(page, sally)
    names = ("#scan", "[data-part=line]", "#today", "[data-part=ways]")
    places = f"{list(names)}.map((name) => document.querySelector(name).getBoundingClientRect().top)"
    before = page.evaluate(places)
    scan(page, GOLD)
    scan(page, UNKNOWN)
    expect(said(page)).to_contain_text("We don't know")
    assert page.evaluate(places) == before
    page.get_by_label("Phone number").fill("406 555 0100")
    page.get_by_role("button", name="Use number").click()
    assert page.evaluate(places) == before
    page.get_by_role("button", name="Check out").click()
    expect(rows(page)).to_have_count(1)
    assert page.evaluate(places) == before
    page.get_by_role("button", name="Use note").click()
    expect(page.locator("#note-error")).not_to_be_empty()
    assert findings_everywhere(page) == {}
    assert sideways(page) == {}
