"""The real till on days when other things go wrong, too: nothing that was rung up is lost, and nothing counts twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from astro.cards.models import Punch
from astro.checkout.models import Arrival, KeptVisit, Visit, Why
from astro.desk import installing
from astro.kit.clock import utc_now
from tests import cast
from tests.cast import inside
from tests.checkout.scanner import GOLD, PATE, said
from tests.proof.real_till import is_there

pytestmark = [
    pytest.mark.browser, pytest.mark.long, pytest.mark.once, pytest.mark.django_db(transaction=True)
]  # fmt: skip

NO_MORE_ROOM = """() => {
  const real = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (table, mode, options) {
    if (mode === "readwrite") throw new DOMException("full", "QuotaExceededError");
    return real.call(this, table, mode, options);
  };
}"""
TWO_YEARS = timedelta(days=730)
AHEAD = f"""{{
  const Real = Date;
  const ahead = {int(TWO_YEARS.total_seconds() * 1000)};
  globalThis.Date = class Date extends Real {{
    constructor(...when) {{ super(...(when.length ? when : [Real.now() + ahead])); }}
    static now() {{ return Real.now() + ahead; }}
  }};
}}"""


def test_clock_that_is_two_years_off_is_put_right(make_till, proxy, huxley, customers, recount):
    till = make_till(script=AHEAD)
    proxy.out()
    before = utc_now()
    till.open(customers[0])
    till.scan(GOLD)
    till.check_out()
    after = utc_now()
    [kept] = till.kept()
    assert kept["body"]["occurred_at"] > (after + TWO_YEARS - timedelta(days=2)).isoformat()
    till.kill()
    till.start()
    proxy.back()
    till.open()
    till.wait_until_sent()
    with inside(huxley):
        visit = Visit.objects.get()
        assert before - timedelta(minutes=1) < visit.occurred_at < after + timedelta(minutes=1)
        assert [one.why for one in KeptVisit.objects.all()] == [Why.CLOCK]
    assert recount() == []


def test_session_that_ended_and_another_cashier(till, proxy, huxley, midtown, cashier, customers, session_of, recount):
    """The till has its own word: what Cass rang up goes out with nobody signed in, and stays hers."""
    other = cast.make_user(name="Ola Other")
    cast.make_membership(other, role="cashier", retailer=huxley, location=midtown)
    proxy.out()
    for customer in customers[:2]:
        till.open(customer)
        till.scan(GOLD)
        till.check_out()
    till.kill()
    till.start()
    till.sign_in(None)
    proxy.hold("held after")
    proxy.back()
    till.open()
    proxy.wait_for_hold()
    till.sign_in(session_of(other))
    proxy.release()
    till.wait_until_sent()
    till.open(customers[2])
    till.scan(GOLD)
    till.check_out()
    with inside(huxley):
        found = list(Visit.objects.order_by("occurred_at").values_list("customer", "by__name"))
        names = [cashier.name, cashier.name, other.name]
        assert found == [(one.pk, name) for one, name in zip(customers, names, strict=False)]
        assert (Arrival.objects.count(), KeptVisit.objects.count()) == (2, 0)
    assert recount() == []


def test_two_windows_of_one_till_send_each_visit_once(till, proxy, huxley, customers, recount):
    proxy.out()
    windows = [till.page, till.context.new_page()]
    for customer, page in zip(customers, windows * 3, strict=False):
        till.page = page
        till.open(customer)
        till.scan(GOLD, PATE)
        till.check_out()
    assert len(till.kept()) == 6
    proxy.script.extend(["answer dropped", "sent twice at once", "late"])
    proxy.back()
    for page in windows:
        page.evaluate("window.dispatchEvent(new Event('online'))")
    till.wait_until_sent()
    assert [till.kept(page) for page in windows] == [[], []]
    proxy.settle()
    with inside(huxley):
        assert (Visit.objects.count(), Arrival.objects.count(), Punch.objects.count()) == (6, 6, 12)
        assert KeptVisit.objects.count() == 0
    assert recount() == []


def test_app_that_is_updated_with_a_queue_waiting(till, proxy, huxley, customers, monkeypatch, recount):
    proxy.out()
    for customer in customers[:2]:
        till.open(customer)
        till.scan(GOLD)
        till.check_out()
    kept = [one["body"] for one in till.kept()]
    monkeypatch.setattr(installing, "shell_version", lambda: "the next one")
    proxy.script.extend(["bad gateway"] * 1000)
    proxy.back()
    till.page.goto("/")
    offer = till.page.get_by_role("button", name="New version of Astro")
    with till.page.expect_event("load"):
        offer.click()
    expect(offer).to_have_count(0)
    assert "astro-shell-the next one" in till.page.evaluate("() => caches.keys()")
    assert [one["body"] for one in till.kept()] == kept
    till.kill()
    till.start()
    till.open()
    assert [one["body"] for one in till.kept()] == kept
    proxy.script.clear()
    till.wait_until_sent()
    with inside(huxley):
        assert sorted(str(one.key) for one in Visit.objects.all()) == sorted(one["key"] for one in kept)
        assert KeptVisit.objects.count() == 0
    assert recount() == []


def test_disk_that_is_full_is_told_and_the_basket_outlives_the_browser(till, proxy, huxley, customers, recount):
    """Nothing is called kept that is not; what was scanned is there again when there is room."""
    proxy.out()
    till.open(customers[0])
    till.scan(GOLD)
    till.page.evaluate(NO_MORE_ROOM)
    till.press_check_out()
    expect(said(till.page)).to_contain_text("Print the receipt")
    is_there(till.page, "Northpaw Gold")
    assert till.kept() == []
    till.kill()
    till.start()
    till.open(customers[0])
    is_there(till.page, "Northpaw Gold")
    till.scan(PATE)
    till.check_out()
    assert len(till.kept()) == 1
    proxy.back()
    till.wait_until_sent()
    with inside(huxley):
        assert (Visit.objects.count(), Punch.objects.count()) == (1, 2)
    assert recount() == []
