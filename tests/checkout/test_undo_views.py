"""Taking back after the fact, as the browser and the till ask for it."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from astro.cards.models import NextStep, Redemption, RedemptionUndo, Reward, RewardState
from astro.checkout.models import Purchase, UnitVoid
from astro.credits.models import CreditLine, LineState
from astro.kit.clock import utc_now
from tests import cast
from tests.cast import inside, signed_in
from tests.checkout.test_finishing import Counter
from tests.checkout.test_history_views import words
from tests.desk.recounted import recounted


@pytest.fixture
def counter(midtown, owner):
    made = Counter(cast.by_day(midtown), owner)
    made.now = utc_now().replace(microsecond=0) - timedelta(minutes=20)
    return made


@pytest.fixture
def at_till(client, cashier):
    return signed_in(client, cashier)


def long_ago(counter):
    counter.now -= timedelta(days=90)
    return counter


def given(counter):
    """A free bag, handed out."""
    counter.finish(counter.buy(3))
    with inside(counter.at.retailer):
        return Redemption.objects.get()


def address(name, counter, thing):
    return reverse(f"checkout:{name}", args=[counter.customer.pk, thing])


def history_of(counter):
    return reverse("checkout:history", args=[counter.customer.pk])


# A free item


def test_the_question_has_three_answers(at_till, counter):
    page = at_till.get(address("undo_redemption", counter, given(counter).pk))
    for answer in ("Remove and reselect", "Remove only", "Cancel"):
        assert answer in words(page)
    assert "by Olive Owner at Midtown" in words(page)


def test_asking_changes_nothing_and_htmx_gets_a_pop_up(at_till, counter):
    row = given(counter)
    pop_up = at_till.get(
        address("undo_redemption", counter, row.pk), headers={"hx-request": "true", "hx-target": "dialogs"}
    )
    assert "<dialog" in pop_up.text
    assert "<html" not in pop_up.text
    with inside(counter.at.retailer):
        assert RedemptionUndo.objects.count() == 0


def test_remove_only_makes_the_reward_ready_and_keeps_the_row(at_till, cashier, counter):
    row = given(counter)
    answer = at_till.post(address("undo_redemption", counter, row.pk), {"next_step": "remove"})
    assert answer.headers["Location"] == f"{history_of(counter)}#card-{row.card_id}"
    with inside(counter.at.retailer):
        undo = RedemptionUndo.objects.get()
        assert (undo.redemption_id, undo.by, undo.next_step) == (row.pk, cashier, NextStep.REMOVE)
        assert Reward.objects.get().state == RewardState.READY
        assert CreditLine.objects.get().state == LineState.WITHDRAWN
    page = at_till.get(history_of(counter))
    assert "Taken back: the free Adult 30 lb. Its reward is ready again." in words(page)
    assert "by Cass Cashier" in words(page)


def test_remove_and_reselect_leads_to_the_choice(at_till, counter):
    row = given(counter)
    answer = at_till.post(address("undo_redemption", counter, row.pk), {"next_step": "reselect"}, follow=True)
    assert answer.redirect_chain == [
        (f"{reverse('checkout:redeem', args=[counter.customer.pk])}?reward={row.reward_id}", 302)
    ]
    assert answer.status_code == 200
    assert "Adult" in words(answer)
    with inside(counter.at.retailer):
        assert RedemptionUndo.objects.get().next_step == NextStep.RESELECT


def test_twice_is_once_and_is_told(at_till, counter):
    row = given(counter)
    for _ in range(2):
        assert at_till.post(address("undo_redemption", counter, row.pk), {"next_step": "remove"}).status_code == 302
    with inside(counter.at.retailer):
        assert RedemptionUndo.objects.count() == 1
    again = at_till.get(address("undo_redemption", counter, row.pk))
    assert "Taken back on" in words(again)
    assert "Remove only" not in words(again)


def test_an_earlier_day_is_an_administrators(at_till, owner, counter):
    row = given(long_ago(counter))
    asked = words(at_till.get(address("undo_redemption", counter, row.pk)))
    assert "Ask an administrator of your store to undo it." in asked
    assert "Cancel" not in asked  # there is nothing to be cancelled: the way back, or Close, is one of its own
    refused = at_till.post(address("undo_redemption", counter, row.pk), {"next_step": "remove"}, follow=True)
    assert "An administrator can take it back." in words(refused)
    with inside(counter.at.retailer):
        assert RedemptionUndo.objects.count() == 0
    signed_in(at_till, owner).post(address("undo_redemption", counter, row.pk), {"next_step": "remove"})
    with inside(counter.at.retailer):
        assert RedemptionUndo.objects.get().by == owner


def test_once_its_credit_is_in_a_batch_a_counter_line_goes_into_the_next(client, cashier, owner, counter):
    row = given(counter)
    with inside(counter.at.retailer):
        CreditLine.objects.update(state=LineState.BATCHED)
    here = address("undo_redemption", counter, row.pk)
    asked = words(signed_in(client, cashier).get(here))
    assert "Ask an administrator of your store to undo it." in asked
    assert "Remove only" not in asked
    refused = client.post(here, {"next_step": "remove", "settle": "later"}, follow=True)
    assert "in the distributor's batch" in words(refused).replace("&#x27;", "'")
    signed_in(client, owner)
    assert "A counter-line takes it off your next one." in words(client.get(here))
    refused = client.post(here, {"next_step": "remove"}, follow=True)  # a page from before it was pulled
    assert "in the distributor's batch" in words(refused).replace("&#x27;", "'")
    with inside(counter.at.retailer):
        assert Redemption.objects.get().is_live
    for _time in range(2):
        client.post(here, {"next_step": "remove", "settle": "later"}, follow=True)
    with inside(counter.at.retailer):
        lines = list(CreditLine.objects.order_by("id").values_list("cause_kind", "state", "units", "is_countered"))
        assert lines == [("reward", LineState.BATCHED, 1, True), ("counter", LineState.UNBATCHED, -1, False)]
        assert not Redemption.objects.get().is_live
    assert recounted(now=counter.now)[0] == []


def test_a_reward_that_came_back_from_a_batch_is_owed_again_when_it_is_given_again(client, owner, counter):
    row = given(counter)
    with inside(counter.at.retailer):
        CreditLine.objects.update(state=LineState.BATCHED)
    told = {"next_step": "remove", "settle": "later"}
    signed_in(client, owner).post(address("undo_redemption", counter, row.pk), told)
    counter.finish()
    with inside(counter.at.retailer):
        lines = CreditLine.objects.order_by("id").values_list("cause_kind", "state", "units")
        assert list(lines)[2:] == [("reward", LineState.UNBATCHED, 1)]
        CreditLine.objects.filter(cause_kind="counter").update(units=-2)
    assert recounted(now=counter.now)[0] == ["credits_creditline: units is -2, should be -1."]


def test_another_customers_or_retailers_free_item_is_not_found(client, cashier, other_owner, midtown, counter):
    row = given(counter)
    with inside(midtown.retailer):
        stranger = cast.make_customer(at=midtown)
    wrong = reverse("checkout:undo_redemption", args=[stranger.pk, row.pk])
    signed_in(client, cashier)
    assert (client.get(wrong).status_code, client.post(wrong).status_code) == (404, 404)
    right = address("undo_redemption", counter, row.pk)
    signed_in(client, other_owner)
    assert (client.get(right).status_code, client.post(right).status_code) == (404, 404)


# A purchase


def test_a_purchase_is_removed_and_stays_as_removed(at_till, cashier, counter):
    counter.buy(2)
    with inside(counter.at.retailer):
        purchase = Purchase.objects.get()
    asked = at_till.get(address("removal", counter, purchase.pk), {"unit": 2})
    assert "This takes back one of 2." in words(asked)
    at_till.post(address("removal", counter, purchase.pk), {"unit": 2, "next": history_of(counter)})
    with inside(counter.at.retailer):
        void = UnitVoid.objects.get()
        assert (void.purchase_id, void.unit, void.by) == (purchase.pk, 2, cashier)
    page = at_till.get(history_of(counter))
    assert "1 of 3: 2 bought on" in words(page)
    assert "by Cass Cashier" in words(page)
    assert "It was removed already." in words(at_till.get(address("removal", counter, purchase.pk), {"unit": 2}))


def test_a_purchase_of_an_earlier_day_is_an_administrators_to_remove(at_till, owner, counter):
    long_ago(counter).buy(1)
    with inside(counter.at.retailer):
        purchase = Purchase.objects.get()
    there = address("removal", counter, purchase.pk)
    assert "Ask an administrator of your store to remove it." in words(at_till.get(there))
    assert "An administrator can take it back." in words(at_till.post(there, {"unit": 1}, follow=True))
    with inside(counter.at.retailer):
        assert UnitVoid.objects.count() == 0
    signed_in(at_till, owner).post(there, {"unit": 1})
    with inside(counter.at.retailer):
        assert UnitVoid.objects.get().by == owner


@pytest.mark.parametrize("unit", ["", "0", "4", "-1", "x", "9" * 40, "²"])
def test_a_unit_that_the_purchase_does_not_have_is_refused(at_till, counter, unit):
    counter.buy(3)
    with inside(counter.at.retailer):
        purchase = Purchase.objects.get()
    assert at_till.post(address("removal", counter, purchase.pk), {"unit": unit}).status_code == 422
    with inside(counter.at.retailer):
        assert UnitVoid.objects.count() == 0


def test_what_was_given_free_is_not_removed_as_a_purchase(at_till, counter):
    counter.buy(3)
    visit = counter.buy(1)
    counter.finish(visit, is_scanned=True)
    with inside(counter.at.retailer):
        purchase = Purchase.objects.get(visit=visit)
    refused = at_till.post(address("removal", counter, purchase.pk), {"unit": 1}, follow=True)
    assert "Undo the free item first" in words(refused)


# A visit


def test_a_visit_is_taken_back_whole(at_till, cashier, counter):
    visit = counter.buy(3)
    counter.finish(visit)
    there = address("undo_visit", counter, visit.key)
    asked = at_till.get(there)
    assert "3 × Adult 30 lb" in words(asked)
    assert "its reward is ready again" in words(asked)
    answer = at_till.post(there)
    assert answer.headers["Location"] == reverse("checkout:visit", args=[visit.key])
    with inside(counter.at.retailer):
        assert UnitVoid.objects.filter(by=cashier).count() == 3
        assert RedemptionUndo.objects.count() == 1
    assert "Everything of this visit was taken back." in words(at_till.get(answer.headers["Location"]))
    assert "taken back already" in words(at_till.get(there))


def take_back(client, counter, visit):
    return client.post(address("undo_visit", counter, visit.key), json.dumps({}), content_type="application/json")


def test_the_till_is_told_what_was_taken_back_and_told_again(at_till, counter):
    visit = counter.buy(3)
    counter.finish(visit)
    first = take_back(at_till, counter, visit)
    assert first.json() == {"undone": True, "lines": [{"product_id": str(counter.bag.pk), "quantity": 3}]}
    assert take_back(at_till, counter, visit).json() == first.json()


def test_what_was_removed_before_does_not_come_back_into_the_basket(at_till, owner, counter):
    visit = counter.buy(3)
    with inside(counter.at.retailer):
        purchase = Purchase.objects.get()
    at_till.post(address("removal", counter, purchase.pk), {"unit": 3})
    assert take_back(at_till, counter, visit).json()["lines"] == [{"product_id": str(counter.bag.pk), "quantity": 2}]


def test_the_till_is_told_why_not(at_till, counter):
    visit = long_ago(counter).buy(1)
    refused = take_back(at_till, counter, visit)
    assert refused.status_code == 403
    assert "administrator" in refused.json()["error"]["message"]


def test_a_visit_of_another_retailer_or_customer_is_not_found(client, cashier, other_owner, midtown, counter):
    visit = counter.buy(1)
    signed_in(client, other_owner)
    assert take_back(client, counter, visit).status_code == 404
    with inside(midtown.retailer):
        stranger = cast.make_customer(at=midtown)
    signed_in(client, cashier)
    assert client.post(reverse("checkout:undo_visit", args=[stranger.pk, visit.key])).status_code == 404


@pytest.mark.parametrize("name", ["undo_redemption", "removal", "undo_visit"])
def test_taking_back_needs_the_token(cashier, counter, name):
    row = given(counter)
    with inside(counter.at.retailer):
        purchase = Purchase.objects.select_related("visit").get()
    thing = {"undo_redemption": row.pk, "removal": purchase.pk, "undo_visit": purchase.visit.key}[name]
    strict = signed_in(Client(enforce_csrf_checks=True), cashier)
    assert strict.post(address(name, counter, thing), {"unit": 1, "next_step": "remove"}).status_code == 403
