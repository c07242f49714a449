"""Putting right, as the browser asks for it: the form, what it will do, doing it, the list, and undoing."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from astro.cards.models import Card, Punch, Reward, RewardState, State
from astro.checkout.corrections.rules import return_rule, settle_return_rule
from astro.checkout.models import Correction, CorrectionUndo, Purchase, Spent, UnitVoid, Visit
from astro.checkout.presence import version_of
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7
from tests import cast
from tests.cast import inside, signed_in
from tests.checkout.test_finishing import Counter
from tests.desk.recounted import recounted

pytestmark = pytest.mark.django_db

LONG_AGO = utc_now().replace(year=utc_now().year - 1, month=3, day=3, hour=18)


@pytest.fixture
def counter(midtown, owner):
    counter = Counter(midtown, owner)
    counter.now = utc_now() - timedelta(minutes=30)
    return counter


@pytest.fixture
def office(client, owner):
    return signed_in(client, owner)


def ask(client, address, **told):
    """What it will do, then doing it: the page of what was done."""
    told = {"key": str(new_uuid7(utc_now())), "note": "typed wrongly", **told}
    check = client.post(address, {**told, "do": "check"})
    with inside(cast.Retailer.objects.get(name="Huxley House")):
        before = Correction.objects.count()
    assert check.status_code == 200, check.context["form"].errors
    done = client.post(address, {**told, "do": "save"}, follow=True)
    with inside(cast.Retailer.objects.get(name="Huxley House")):
        assert Correction.objects.count() == before + 1, done.context["form"].errors if "form" in done.context else ""
    return check, done


def put_right(counter, **asked):
    with inside(counter.at.retailer):
        purchase = Purchase.objects.earliest("id")
    return reverse("checkout:put_right", args=[counter.customer.pk, purchase.pk], query=asked or None)


def test_an_item_of_an_earlier_day_is_removed_and_put_back(office, counter):
    counter.now = LONG_AGO
    counter.buy(3)
    check, done = ask(office, put_right(counter), what="removed", count="2")
    assert "3 of 3 becomes 1 of 3. The reward that waits on it is cancelled." in check.text
    assert "3 of 3 becomes 1 of 3" in done.text
    assert counter.rounds() == [(1, 1, State.OPEN)]
    with inside(counter.at.retailer):
        purchase, correction = Purchase.objects.get(), Correction.objects.get()
        unit = UnitVoid.objects.filter(is_live=True).earliest("unit").unit
    history = office.get(reverse("checkout:history", args=[counter.customer.pk])).text
    assert "Items removed" in history
    assert "Put back" in history
    ask(office, reverse("checkout:put_back", args=[counter.customer.pk, purchase.pk], query={"unit": unit}))
    assert counter.rounds() == [(1, 2, State.OPEN)]
    asked = office.post(reverse("checkout:correction", args=[correction.pk]), {"do": "ask"})
    assert "2 of 3 becomes 3 of 3. A reward waits on it then." in asked.text
    undone = office.post(reverse("checkout:correction", args=[correction.pk]), {"do": "undo"}, follow=True)
    assert "Undone on" in undone.text
    assert counter.rounds() == [(1, 3, State.FULL)]
    assert recounted()[0] == []


def test_a_cashier_takes_goods_back_on_any_day_and_removes_on_its_own_only(client, cashier, counter):
    counter.now = LONG_AGO
    counter.buy(2)
    signed_in(client, cashier)
    address = put_right(counter)
    assert "the rest is an administrator" in client.get(address).text
    told = {"key": str(new_uuid7(utc_now())), "what": "removed", "count": "1", "do": "check"}
    refused = client.post(address, told)
    assert (refused.status_code, "An administrator can take it back." in refused.text) == (422, True)
    ask(client, address, what="returned", count="1")
    assert counter.rounds() == [(1, 1, State.OPEN)]
    with inside(counter.at.retailer):
        correction = Correction.objects.get()
    assert client.post(reverse("checkout:correction", args=[correction.pk]), {"do": "undo"}).status_code == 302
    assert counter.rounds() == [(1, 2, State.OPEN)]


@pytest.mark.parametrize(("spent", "left"), [("replace", [(1, 3), (2, 1)]), ("owed", [(1, 2), (2, 2)])])
def test_a_spent_punch_follows_what_the_store_chose(office, counter, owner, spent, left):
    visit = counter.buy(3)
    counter.finish(visit)
    counter.buy(2)
    rule = reverse("checkout:return_rule")
    assert office.post(rule, {"spent": "ask"}).status_code == 302
    address = put_right(counter)
    told = {"key": str(new_uuid7(utc_now())), "what": "returned", "count": "1", "do": "check"}
    assert "Choose what becomes of the card." in office.post(address, told).text
    ask(office, address, what="returned", count="1", spent=spent)
    assert [row[:2] for row in counter.rounds()] == left
    counter.now = utc_now()
    counter.buy(1)
    assert next(row[:2] for row in counter.rounds()) == (1, 3)
    assert recounted(now=counter.now)[0] == []
    assert "Ask each time" in office.get(rule).text


def test_the_rule_for_returns_holds_from_then_on(counter, owner):
    with inside(counter.at.retailer):
        assert return_rule() == Spent.REPLACE
        for spent in (Spent.OWED, Spent.OWED, Spent.ASK):
            settle_return_rule(spent, by=owner, at=counter.at, now=utc_now())
            assert return_rule() == spent


def test_another_item_and_quantity_are_counted_in_its_place(office, counter):
    counter.buy(2)
    with inside(counter.at.retailer):
        other = cast.make_product(name="Salmon", size="9 lb", retailer=counter.at.retailer)
    address = put_right(counter)
    nothing = {"key": str(new_uuid7(utc_now())), "what": "changed", "item": "No such thing", "quantity": "1"}
    assert "No item is like" in office.post(address, {**nothing, "do": "check"}).text
    ask(office, address, what="changed", item=str(other), quantity="4")
    with inside(counter.at.retailer):
        assert UnitVoid.objects.filter(is_live=True).count() == 2
        entered = Purchase.objects.latest("id")
        first = Purchase.objects.earliest("id")
        assert (entered.product_id, entered.quantity, entered.occurred_at) == (other.pk, 4, first.occurred_at)
    same = {"key": str(new_uuid7(utc_now())), "what": "changed", "item": "x", "quantity": "4", "do": "save"}
    gone = office.get(address, follow=True)
    assert "nothing to put right" in gone.text
    assert office.post(address, same).status_code == 302


def test_a_visit_moves_to_whom_it_belongs(office, counter, midtown):
    counter.buy(2)
    with inside(midtown.retailer):
        other = cast.make_customer(at=midtown, first_name="Zora", last_name="Quill")
        visit = Visit.objects.get()
    address = reverse("checkout:move_visit", args=[counter.customer.pk, visit.key])
    assert "No other customer is like" in office.post(address, {"who": "Nobody Here", "do": "check"}).text
    check, _done = ask(office, address, who="Zora")
    assert "Zora Quill" in check.text
    with inside(midtown.retailer):
        assert list(Card.objects.filter(customer=other).values_list("punches", flat=True)) == [2]
        moved = Visit.objects.get(customer=other)
        assert (moved.occurred_at, moved.location_id) == (visit.occurred_at, visit.location_id)
        assert Card.objects.get(customer=counter.customer).state == State.EMPTY


def test_a_visit_with_a_free_item_stays_until_that_is_undone(office, counter, midtown):
    visit = counter.buy(3)
    counter.finish(visit)
    with inside(midtown.retailer):
        other = cast.make_customer(at=midtown, first_name="Zora", last_name="Quill")
    address = reverse("checkout:move_visit", args=[counter.customer.pk, visit.key])
    refused = office.post(address, {"key": str(new_uuid7(utc_now())), "to": str(other.pk), "who": "Z", "do": "check"})
    assert (refused.status_code, "Undo the free item first" in refused.text) == (422, True)


def test_a_card_is_given_to_another_customer_by_an_administrator(office, cashier, counter, midtown):
    counter.buy(2)
    with inside(midtown.retailer):
        cast.make_customer(at=midtown, first_name="Zora", last_name="Quill")
        card = Card.objects.get()
    address = reverse("checkout:transfer_card", args=[counter.customer.pk, card.pk])
    assert signed_in(Client(), cashier).get(address).status_code == 403
    assert "Say why in a few words." in office.post(address, {"who": "Zora", "do": "check"}).text
    ask(office, address, who="Zora")
    with inside(midtown.retailer):
        assert list(Punch.objects.values_list("customer__first_name", flat=True).distinct()) == ["Zora"]
        assert Visit.objects.get().customer_id == counter.customer.pk
    counter.buy(1)
    assert recounted(now=counter.now)[0] == []


def test_a_card_is_split_and_later_items_find_their_own(office, counter):
    counter.buy(2)
    with inside(counter.at.retailer):
        card = Card.objects.get()
        punches = list(Punch.objects.order_by("position"))
    address = reverse("checkout:split_card", args=[counter.customer.pk, card.pk])
    both = {"punch": [str(one.pk) for one in punches]}
    told = {"key": str(new_uuid7(utc_now())), "do": "check"}
    for wrong in ({}, both):
        assert "at least one goes, and at least one stays" in office.post(address, {**told, **wrong}).text
    ask(office, address, punch=[str(punches[0].pk)])
    assert sorted(row[1:] for row in counter.rounds()) == [(1, State.OPEN), (1, State.OPEN)]
    counter.buy(1)
    assert sorted(row[1] for row in counter.rounds()) == [1, 2]
    assert "split off another card" in office.get(reverse("checkout:history", args=[counter.customer.pk])).text
    with inside(counter.at.retailer):
        correction = Correction.objects.get()
    office.post(reverse("checkout:correction", args=[correction.pk]), {"do": "undo"})
    assert counter.rounds()[0][:2] == (1, 3)


def test_an_administrator_adds_punches_with_a_reason(office, cashier, counter):
    address = reverse("checkout:add_punches", args=[counter.customer.pk])
    assert signed_in(Client(), cashier).get(address).status_code == 403
    today = counter.at.day(utc_now())
    told = {"item": str(counter.bag), "quantity": "2", "day": today.isoformat()}
    assert "Say why in a few words." in office.post(address, {**told, "do": "check"}).text
    late = {**told, "day": "2019-01-01", "note": "x", "key": str(new_uuid7(utc_now())), "do": "check"}
    assert "You can enter purchases of up to" in office.post(address, late).text
    ask(office, address, **told)
    assert counter.rounds() == [(1, 2, State.OPEN)]


def test_what_was_put_right_is_listed_searched_and_exported(office, cashier, counter, other_owner):
    counter.buy(3)
    ask(office, put_right(counter), what="removed", count="1", note="dropped it")
    listed = reverse("checkout:corrections")
    assert "dropped it" in office.get(listed).text
    assert "dropped it" in office.get(listed, {"q": "dropped", "kind": "removed"}).text
    assert "Nothing is like that." in office.get(listed, {"kind": "split"}).text
    export = office.get(reverse("checkout:corrections_export"), {"as": "csv"})
    rows = list(csv.DictReader(io.StringIO(export.getvalue().decode("utf-8-sig"))))
    assert [(row["What"], row["Why"], row["Taken back by"]) for row in rows] == [("Items removed", "dropped it", "")]
    assert signed_in(Client(), cashier).get(listed).status_code == 403
    with inside(counter.at.retailer):
        correction = Correction.objects.get()
    stranger = signed_in(Client(), other_owner)
    assert stranger.get(reverse("checkout:correction", args=[correction.pk])).status_code == 404
    assert "Nothing was put right yet." in stranger.get(listed).text


def test_the_same_form_twice_is_done_once(office, counter):
    counter.buy(3)
    told = {"key": str(new_uuid7(utc_now())), "what": "removed", "count": "1", "do": "save"}
    for _time in range(2):
        assert office.post(put_right(counter), told).status_code == 302
    with inside(counter.at.retailer):
        assert (Correction.objects.count(), CorrectionUndo.objects.count()) == (1, 0)
        assert Reward.objects.filter(state=RewardState.READY).count() == 0
    other = office.post(put_right(counter), {**told, "what": "returned"})
    assert "This was saved already" in other.text


def test_a_till_that_has_the_customer_open_hears_of_it(office, counter):
    counter.buy(2)
    with inside(counter.at.retailer):
        card, before = Card.objects.get(), version_of(counter.customer)
        punch = Punch.objects.earliest("id")
    ask(office, reverse("checkout:split_card", args=[counter.customer.pk, card.pk]), punch=[str(punch.pk)])
    with inside(counter.at.retailer):
        after, correction = version_of(counter.customer), Correction.objects.get()
    office.post(reverse("checkout:correction", args=[correction.pk]), {"do": "undo"})
    with inside(counter.at.retailer):
        assert len({before, after, version_of(counter.customer)}) == 3
