"""Kept purchases: the list, one of them, and what a person does about it."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from astro.activity.models import Event
from astro.cards.models import Card, Punch
from astro.checkout import settling
from astro.checkout.arrivals import read_sent
from astro.checkout.arriving import arrive
from astro.checkout.errors import SettledBefore
from astro.checkout.models import KeptVisit, LateEntry, LateWhy, Purchase, Source, Visit
from astro.checkout.undoing import undo_visit
from astro.customers.actions import merge_customers, restore_customer, retire_customer, split_customers
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7 as new_key
from tests import cast
from tests.cast import inside, signed_in
from tests.checkout.test_actions import a_line

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PHONE = "+14065550142"


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally", last_name="Shopper", phone=PHONE)


@pytest.fixture
def bag(midtown, cashier):
    product = cast.make_product(name="Northpaw Gold", gtins=["012345678905"])
    program = cast.make_program(title="Northpaw Dry Dog", products=[product])
    cast.make_enrollment(midtown, program=program, by=cashier)
    return product


@pytest.fixture
def at_till(client, cashier):
    return signed_in(client, cashier)


@pytest.fixture
def office(owner):
    return signed_in(Client(), owner)


def bring(place, customer, *lines, at=None, clock=None, till=None, sender=None, **more):
    """A visit that a browser kept three days ago comes in, from an enrolled `till` or by somebody signed in (`sender`);
    its row for a person."""
    now = utc_now()
    at = at or now - 3 * DAY
    body = {"key": str(new_key(now)), "occurred_at": at.isoformat(), "customer": customer, "lines": list(lines), **more}
    sent, data = read_sent(json.dumps(body).encode())
    with inside(place.retailer):
        arrive(sent, data, at=place, device_id=till, sender=sender, till_clock=clock, now=now)
        return KeptVisit.objects.filter(key=UUID(body["key"])).order_by("id").last()


def page_of(client, row, **asked):
    return client.get(reverse("checkout:kept_one", args=[row.pk]), asked)


def settle(client, row, do, **sent):
    return client.post(reverse("checkout:kept_settle", args=[row.pk]), {"do": do, **sent})


def fresh(row):
    with inside(row.retailer):
        return KeptVisit.objects.select_related("settled_by").get(pk=row.pk)


def test_list_says_what_happened_and_what_to_do(at_till, midtown, cashier, sally, bag):
    bring(midtown, {"note": "Red coat, two beagles"}, a_line(bag, 2), by=str(cashier.pk))
    page = at_till.get(reverse("checkout:kept")).text
    for words in ("Red coat, two beagles", "left a note", "Find the customer", "2 × Northpaw Gold", "Cass Cashier"):
        assert words in page


def test_empty_list_says_what_it_is_for(at_till):
    assert "Nothing needs you" in at_till.get(reverse("checkout:kept")).text


def test_list_is_searched_filtered_and_exported(office, midtown, riverside, sally, bag):
    bring(midtown, {"note": "Red coat"}, a_line(bag))
    bring(riverside, {"id": str(sally.pk)}, a_line(bag), at=utc_now() - 90 * DAY)

    def found(**asked):
        page = office.get(reverse("checkout:kept"), asked).text
        return ["Red coat" in page, "Sally Shopper" in page]

    assert found() == [True, True]
    assert [found(q="coat"), found(q="shopper"), found(q="nobody")] == [[True, False], [False, True], [False, False]]
    assert [found(why="clock"), found(why="unnamed"), found(state="settled")] == [
        [False, True],
        [True, False],
        [False, False],
    ]
    assert found(place=str(riverside.pk)) == [False, True]
    told = office.get(reverse("checkout:kept_export"), {"why": "unnamed"}).getvalue().decode("utf-8-sig").splitlines()
    assert len(told) == 2
    assert "Red coat" in told[1]
    assert office.get(reverse("checkout:kept_export"), {"as": "xlsx"}).getvalue().startswith(b"PK")


def test_list_takes_as_many_queries_for_one_as_for_three(
    office, midtown, cashier, sally, bag, django_assert_max_num_queries
):
    def count():
        with django_assert_max_num_queries(60) as captured:
            office.get(reverse("checkout:kept"))
        return len(captured)

    bring(midtown, {"id": str(sally.pk)}, a_line(bag), at=utc_now() - 90 * DAY, by=str(cashier.pk))
    one = count()
    for number in range(2):
        bring(midtown, {"note": f"Coat {number}"}, a_line(bag), by=str(cashier.pk))
    assert count() == one


def test_cashier_names_the_customer_and_it_counts_as_of_its_moment(
    at_till, huxley, midtown, cashier, owner, sally, bag
):
    when = utc_now() - 3 * DAY
    row = bring(midtown, {"note": "Red coat"}, a_line(bag, 2), at=when, by=str(owner.pk))
    assert "Sally Shopper" in page_of(at_till, row, q="shop").text
    answer = settle(at_till, row, "customer", customer=sally.pk)
    assert answer.headers["Location"] == reverse("checkout:visit", args=[row.key])
    with inside(huxley):
        visit = Visit.objects.get()
        assert (visit.key, visit.customer_id, visit.occurred_at, visit.by_id) == (row.key, sally.pk, when, owner.pk)
        assert visit.source == Source.TILL
        assert {punch.day for punch in Punch.objects.all()} == {midtown.day(when)}
    done = fresh(row)
    assert (done.settled_how, done.settled_by, done.customer_id, done.visit_id) == (
        "recorded",
        cashier,
        sally.pk,
        visit.pk,
    )
    assert "Nothing needs you" in at_till.get(reverse("checkout:kept")).text
    assert settle(at_till, row, "customer", customer=sally.pk).status_code == 409
    with inside(huxley):
        assert Visit.objects.count() == 1
        assert Event.objects.get(name="kept visit settled").facts == {"why": "unnamed", "how": "recorded"}


def test_second_one_to_settle_has_done_nothing(monkeypatch, huxley, midtown, owner, sally, bag):
    """Both have read the row before the other one settled it."""
    row = bring(midtown, {"note": "Red coat"}, a_line(bag))
    stale = fresh(row)
    with inside(huxley):
        ben = cast.make_customer(at=midtown, first_name="Ben")
        settling.name_customer(row, sally, by=owner, at=midtown, now=utc_now())
    monkeypatch.setattr(settling, "_open", lambda _kept: stale)
    with pytest.raises(SettledBefore), inside(huxley):
        settling.name_customer(row, ben, by=owner, at=midtown, now=utc_now())
    assert fresh(row).customer_id == sally.pk


def test_settled_visit_is_undone_like_any_other(at_till, huxley, midtown, owner, sally, bag):
    row = bring(midtown, {"note": "Red coat"}, a_line(bag, 2))
    settle(at_till, row, "customer", customer=sally.pk)
    with inside(huxley):
        undo_visit(Visit.objects.get(), by=owner, is_administrator=True, at=midtown, now=utc_now())
        assert [card.punches for card in Card.objects.filter(customer=sally)] in ([], [0])


def test_phone_number_leaves_the_row_when_it_is_settled(at_till, huxley, midtown, sally, bag):
    row = bring(midtown, {"phone": "(406) 555-0199"}, a_line(bag))
    assert "(406) 555-0199" in page_of(at_till, row).text
    settle(at_till, row, "customer", customer=sally.pk)
    assert "0199" not in json.dumps(fresh(row).body)


def test_items_that_nobody_knows_come_after_the_customer(at_till, huxley, midtown, sally, bag):
    row = bring(midtown, {"note": "Red coat"}, unknown=[{"code": "bakery-7", "quantity": 3}])
    assert settle(at_till, row, "customer", customer=sally.pk).headers["Location"] == reverse("checkout:kept")
    with inside(huxley):
        items = KeptVisit.objects.get(why="items")
    assert (items.customer_id, items.key, items.visit_id) == (sally.pk, row.key, None)
    page = at_till.post(
        reverse("checkout:kept_settle", args=[items.pk]), {"do": "find", "find-0": "northpaw", "item-0": ""}
    )
    assert f'value="{bag.pk}"' in page.text
    assert settle(at_till, items, "items", **{"item-0": bag.pk}).status_code == 302
    with inside(huxley):
        visit = Visit.objects.get()
        assert (visit.source, visit.occurred_at) == (Source.LATE, row.occurred_at)
        assert LateEntry.objects.get(visit=visit).why == LateWhy.KEPT
        assert Purchase.objects.get().quantity == 3
    assert settle(at_till, items, "items", **{"item-0": bag.pk}).status_code == 409
    with inside(huxley):
        assert Visit.objects.count() == 1


def test_items_of_a_customer_who_was_removed_since_wait_until_they_are_restored(
    office, huxley, midtown, owner, sally, bag
):
    row = bring(midtown, {"id": str(sally.pk)}, unknown=[{"code": "bakery-7", "quantity": 1}])
    with inside(huxley):
        retire_customer(sally, by=owner, at=midtown, now=utc_now())
    refused = settle(office, row, "items", **{"item-0": bag.pk})
    assert (refused.status_code, "Sally Shopper was removed" in refused.text) == (409, True)
    with inside(huxley):
        assert not Visit.objects.exists()
        restore_customer(sally, by=owner, at=midtown, now=utc_now())
    assert settle(office, row, "items", **{"item-0": bag.pk}).status_code == 302


def test_item_without_an_answer_is_asked_for_and_nothing_is_written(at_till, huxley, midtown, sally, bag):
    codes = [{"code": f"bakery-{number}", "quantity": 1} for number in (1, 2)]
    row = bring(midtown, {"id": str(sally.pk)}, a_line(bag), unknown=codes)
    answer = settle(at_till, row, "items", **{"item-0": bag.pk})
    assert answer.status_code == 422
    assert "Choose which product it is" in answer.text
    with inside(huxley):
        assert Visit.objects.count() == 1


def test_only_an_administrator_leaves_out_and_says_why(at_till, office, huxley, midtown, sally, bag):
    row = bring(midtown, {"id": str(sally.pk)}, a_line(bag), unknown=[{"code": "bakery-7", "quantity": 1}])
    assert settle(at_till, row, "items", **{"item-0": "drop", "note": "Bread"}).status_code == 403
    assert settle(office, row, "items", **{"item-0": "drop"}).status_code == 422
    assert settle(office, row, "items", **{"item-0": "drop", "note": "Bread, ours"}).status_code == 302
    done = fresh(row)
    assert (done.settled_how, done.settled_note, done.body["unknown"]) == (
        "dropped",
        "Bread, ours",
        [{"code": "bakery-7", "quantity": 1}],
    )


def test_purchase_of_nobody_is_left_out_by_an_administrator_and_taken_up_again(at_till, office, huxley, midtown, bag):
    row = bring(midtown, {"note": "Red coat"}, a_line(bag))
    assert settle(at_till, row, "drop", note="x").status_code == 403
    assert settle(office, row, "drop", note="").status_code == 422
    assert settle(office, row, "drop", note="Tried the till out").status_code == 302
    assert "Tried the till out" in page_of(office, row).text
    assert settle(at_till, row, "open_again").status_code == 403
    settle(office, row, "open_again")
    assert (fresh(row).settled_at, fresh(row).settled_how) == (None, "")


def test_what_was_recorded_is_not_taken_up_again(office, midtown, sally, bag):
    row = bring(midtown, {"note": "Red coat"}, a_line(bag))
    settle(office, row, "customer", customer=sally.pk)
    assert settle(office, row, "open_again").status_code == 409


def test_cashier_says_that_the_time_is_right(at_till, huxley, midtown, owner, sally, bag):
    with inside(huxley):
        till, _cookie = cast.make_device(midtown, by=owner)
    row = bring(midtown, {"id": str(sally.pk)}, a_line(bag), at=utc_now() - 400 * DAY, till=till.pk)
    page = page_of(at_till, row).text
    assert "clock was wrong" in page
    assert reverse("checkout:late_new", args=[sally.pk]) in page
    settle(at_till, row, "looked_at")
    assert fresh(row).settled_how == "looked_at"


def test_what_no_till_kept_and_is_older_than_a_cashier_may_enter_is_for_an_administrator(
    at_till, office, midtown, cashier, sally, bag
):
    sender = cashier.memberships.get()
    row = bring(midtown, {"id": str(sally.pk)}, a_line(bag), at=utc_now() - 10 * DAY, sender=sender)
    assert "An administrator takes it off the list." in page_of(at_till, row).text
    assert settle(at_till, row, "looked_at").status_code == 403
    assert settle(office, row, "looked_at").status_code == 302


def test_other_reasons_are_looked_at_by_administrators(at_till, office, midtown, sally, bag):
    row = bring(midtown, {"id": str(sally.pk)}, a_line(bag), {"product_id": "?"})
    assert "could not be read" in page_of(at_till, row).text
    assert settle(at_till, row, "looked_at").status_code == 403
    assert settle(office, row, "looked_at").status_code == 302


@pytest.mark.parametrize("do", ["", "customer", "items", "drop", "find", "everything"])
def test_way_that_does_not_fit_changes_nothing(office, midtown, sally, bag, do):
    row = bring(midtown, {"id": str(sally.pk)}, a_line(bag), at=utc_now() - 400 * DAY)
    answer = settle(office, row, do, customer=sally.pk, note="x", **{"item-0": bag.pk})
    assert answer.status_code == 302
    assert fresh(row).settled_at is None


def test_customer_of_another_retailer_is_not_found(at_till, midtown, otherpaws, elsewhere, bag):
    with inside(otherpaws):
        otto = cast.make_customer(at=elsewhere)
    row = bring(midtown, {"note": "Red coat"}, a_line(bag))
    assert settle(at_till, row, "customer", customer=otto.pk).status_code == 404
    assert settle(at_till, row, "customer", customer="x").status_code == 404


def test_it_moves_with_a_merge_and_back_with_a_split(huxley, midtown, owner, sally, bag):
    row = bring(midtown, {"id": str(sally.pk)}, a_line(bag), unknown=[{"code": "bakery-7", "quantity": 1}])
    with inside(huxley):
        ben = cast.make_customer(at=midtown, first_name="Ben")
        merge = merge_customers(ben, sally, by=owner, at=midtown, now=utc_now())
    assert fresh(row).customer_id == ben.pk
    with inside(huxley):
        split_customers(merge, by=owner, at=midtown, now=utc_now())
    assert fresh(row).customer_id == sally.pk


def test_visit_and_history_say_that_it_was_kept_on_the_till(at_till, huxley, midtown, sally, bag):
    row = bring(midtown, {"note": "Red coat"}, a_line(bag, 2), rung_up_by="Jo")
    settle(at_till, row, "customer", customer=sally.pk)
    pages = [reverse("checkout:visit", args=[row.key]), reverse("checkout:history", args=[sally.pk])]
    for page in pages:
        told = at_till.get(page).text
        assert "Kept on the till, came in" in told
        assert "rung up by Jo" in told


def test_home_counts_what_is_to_be_settled(at_till, office, midtown, riverside, bag):
    assert "kept purchase" not in at_till.get("/").text
    bring(midtown, {"note": "Red coat"}, a_line(bag))
    bring(riverside, {"note": "Blue coat"}, a_line(bag))
    assert "1 kept purchase to settle" in at_till.get("/").text
    assert "2 kept purchases to settle" in office.get("/").text
