"""What an attacker sends, or an unlucky till: each is told what is true, and the ledger adds up afterwards."""

import sqlite3
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from astro.cards.models import Punch, Redemption, Reward
from astro.checkout import finishing
from astro.checkout.models import Purchase, Sealed, Sealing, Visit
from astro.checkout.undoing import remove_units, undo_visit
from astro.credits.models import CreditLine
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7 as new_key
from astro.programs.rules import RuleOfCard
from tests import cast
from tests.cast import inside, signed_in
from tests.checkout.test_actions import a_line
from tests.checkout.test_finish_views import a_choice, finish, page, rewards_of
from tests.checkout.test_finishing import Counter
from tests.checkout.test_history_views import words
from tests.checkout.test_views import now_body, post
from tests.desk.recounted import recounted


@pytest.fixture
def counter(midtown, owner):
    """A customer at a till, buy 3 get 1, who has been there for some minutes."""
    made = Counter(cast.by_day(midtown), owner)
    made.now = utc_now() - timedelta(minutes=30)
    return made


@pytest.fixture
def at_till(client, cashier):
    return signed_in(client, cashier)


@pytest.fixture(autouse=True)
def the_ledger_adds_up(counter):
    yield
    assert recounted(now=utc_now())[0] == []


def take_back(counter, visit, *units):
    with inside(counter.at.retailer):
        purchase = Purchase.objects.select_related("location").get(visit=visit)
        remove_units(purchase, units, at=counter.at, by=counter.by, is_administrator=True, now=counter.now)


# What the till is told


def test_a_card_that_owed_a_punch_brings_no_second_reward(at_till, counter):
    visit = counter.buy(3)
    counter.finish(visit)
    take_back(counter, visit, 2)
    till = reverse("checkout:preview", args=[counter.customer.pk])
    asked = at_till.post(till, {"lines": [a_line(counter.bag)]}, content_type="application/json")
    assert 'data-kind="ok"' in asked.text
    assert "data-earns" not in asked.text
    body = now_body(a_line(counter.bag))
    told = words(post(at_till, "visits", counter.customer, body))
    assert "1 punch added." in told
    assert "kept for next time" not in told
    assert "waits for you" not in told
    with inside(counter.at.retailer):
        assert not Visit.objects.get(key=body["key"]).has_offer
    assert counter.rounds() == [(1, 3, "redeemed")]


def test_of_two_rewards_the_one_that_was_not_given_comes_back(at_till, midtown, owner, counter):
    can = cast.make_product(name="Can")
    program = cast.make_program(title="Two free", products=[can], rule=RuleOfCard(3, 2, "any", "none"))
    cast.make_enrollment(midtown, program=program, by=owner)
    counter.bag = can
    visit = counter.buy(3)
    counter.finish(visit)
    take_back(counter, visit, 2)
    shown = at_till.get(reverse("checkout:till", args=[counter.customer.pk])).text
    assert 'class="badge ready"' not in shown
    told = words(post(at_till, "visits", counter.customer, now_body(a_line(can))))
    assert "1 reward" in told


def test_a_visit_sent_again_tells_nothing_to_be_rung_up_that_was_taken_back(at_till, counter):
    body = now_body(a_line(counter.bag, 3))
    post(at_till, "visits", counter.customer, body)
    (reward,) = rewards_of(counter.customer)
    finish(at_till, counter.customer, a_choice(reward, counter.bag), visit=body["key"])
    assert "Ring Adult" in words(post(at_till, "visits", counter.customer, body))
    with inside(counter.at.retailer):
        redemption = Redemption.objects.get()
    at_till.post(
        reverse("checkout:undo_redemption", args=[counter.customer.pk, redemption.pk]), {"next_step": "remove"}
    )
    again = words(post(at_till, "visits", counter.customer, body))
    assert "Ring" not in again
    assert "Part of this visit was taken back since." in again


def test_a_visit_that_was_undone_is_told_so_when_it_is_sent_again(at_till, counter):
    body = now_body(a_line(counter.bag))
    post(at_till, "visits", counter.customer, body)
    with inside(counter.at.retailer):
        undo_visit(Visit.objects.get(), at=counter.at, by=counter.by, is_administrator=True, now=utc_now())
    assert "taken back since" in words(post(at_till, "visits", counter.customer, body))


def test_taking_a_free_item_back_a_second_time_does_not_say_that_its_reward_is_ready(at_till, counter):
    """Two tills have the question open; between them the reward is given to the customer after all."""
    counter.finish(counter.buy(3))
    with inside(counter.at.retailer):
        address = reverse("checkout:undo_redemption", args=[counter.customer.pk, Redemption.objects.get().pk])
    assert "is ready again." in words(at_till.post(address, {"next_step": "remove"}, follow=True))
    counter.finish()
    told = words(at_till.post(address, {"next_step": "remove"}, follow=True))
    assert "was taken back before" in told
    assert "is ready again." not in told
    with inside(counter.at.retailer):
        assert Redemption.objects.filter(is_live=True).count() == 1


def test_a_visit_that_was_undone_in_another_tab_is_not_finished_as_if_it_stood(at_till, counter):
    counter.buy(3)
    (reward,) = rewards_of(counter.customer)
    body = now_body(a_line(counter.bag))
    post(at_till, "visits", counter.customer, body)
    at_till.post(reverse("checkout:undo_visit", args=[counter.customer.pk, body["key"]]))
    told = words(finish(at_till, counter.customer, a_choice(reward, counter.bag), visit=body["key"]))
    assert "Ring Adult" in told
    assert "Part of this visit was taken back since." in told


@pytest.mark.parametrize("chosen", [[(1, False), (0, True)], [(2, True), (0, True)], [(0, True), (1, False)]])
def test_what_a_payer_is_told_was_bought_is_not_what_was_given_free(at_till, midtown, owner, counter, chosen):
    """Whatever the order of the choices, and though another till has bought something dearer meanwhile."""
    can, dear = cast.make_product(name="Can"), cast.make_product(name="Dear")
    program = cast.make_program(products=[can, dear], rule=RuleOfCard(2, 1, "any", "none"))
    cast.make_enrollment(midtown, program=program, by=owner)
    body = now_body(a_line(can, 6))
    post(at_till, "visits", counter.customer, body)
    post(at_till, "visits", counter.customer, now_body(a_line(dear, 3)))
    rewards = rewards_of(counter.customer)
    choices = [a_choice(rewards[number], can, is_scanned=is_scanned) for number, is_scanned in chosen]
    assert finish(at_till, counter.customer, *choices, visit=body["key"]).status_code == 200
    with inside(counter.at.retailer):
        for redemption in Redemption.objects.all():
            proof = [line["name"] for line in CreditLine.objects.get(redemption_id=redemption.pk).proof]
            punches = Punch.objects.filter(card=redemption.card_id, state="live").order_by("position")
            assert proof == [{can.pk: "Can", dear.pk: "Dear"}[punch.product_id] for punch in punches]


# Keys


def test_finishing_under_the_key_of_another_visit_is_refused(at_till, counter):
    visit = counter.buy(3)
    (reward,) = rewards_of(counter.customer)
    answer = finish(at_till, counter.customer, a_choice(reward, counter.bag), key=visit.key)
    assert answer.status_code == 409
    assert "finished already" in answer.json()["error"]["message"]
    with inside(counter.at.retailer):
        assert not Redemption.objects.exists()


def test_the_clock_that_seals_a_visit_while_it_is_finished_wins(at_till, counter, monkeypatch):
    """It locks no customer: here it comes between the choice and its sealing."""
    visit = counter.buy(3)
    (reward,) = rewards_of(counter.customer)

    def midnight(customer):
        Sealing(
            visit=visit, key=new_key(utc_now()), how=Sealed.MIDNIGHT, sealed_at=utc_now(), answer={"redemptions": []}
        ).save(force_insert=True)
        return Reward.objects.none()

    monkeypatch.setattr(finishing, "ready_rewards", midnight)
    answer = finish(at_till, counter.customer, a_choice(reward, counter.bag), visit=str(visit.key))
    assert answer.status_code == 409
    with inside(counter.at.retailer):
        assert not Redemption.objects.exists()
        assert not Sealing.objects.exists()
    assert page(at_till, counter.customer, visit=str(visit.key)).status_code == 200


# Words and numbers


@pytest.fixture
def narrow():
    """A SQLite as its makers ship it, which takes 32,766 values in a statement; Debian's takes more."""
    if connection.vendor != "sqlite":
        yield
        return
    before = connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 32_766)
    yield
    connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, before)


@pytest.mark.usefixtures("narrow")
def test_as_many_units_as_a_visit_holds_fill_every_card_they_count_on(at_till, midtown, owner, counter):
    for _ in range(3):
        program = cast.make_program(products=[counter.bag], rule=RuleOfCard(100, 1, "any", "none"))
        cast.make_enrollment(midtown, program=program, by=owner)
    answer = post(at_till, "visits", counter.customer, now_body(a_line(counter.bag, 999)))
    assert answer.status_code == 200
    with inside(counter.at.retailer):
        assert Punch.objects.count() == 4 * 999
        assert Reward.objects.count() == 333 + 3 * 9


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("\x00", ""), ("two\x00 dogs\ud800", "two dogs"), ("a\r\nb\x1b[2J", "a b[2J"), ("  Žofie 🐕 \u2029", "Žofie 🐕")],
)
def test_a_reason_is_kept_as_far_as_it_can_be(at_till, counter, typed, kept):
    body = now_body(a_line(counter.bag, 2)) | {"reason": "other", "reason_text": typed}
    first = post(at_till, "visits", counter.customer, body)
    assert first.status_code == 200
    assert post(at_till, "visits", counter.customer, body).status_code == 200
    with inside(counter.at.retailer):
        assert Visit.objects.get().reason_text == kept


@pytest.mark.parametrize("number", [0, 2**63 - 1, 2**63, 10**30])
def test_no_customer_has_that_number(at_till, counter, number):
    body = now_body(a_line(counter.bag)) | {"page": str(new_key(utc_now()))}
    for name in ("visits", "finish", "preview", "here"):
        answer = at_till.post(f"/checkout/{number}/{name}/", body, content_type="application/json")
        assert answer.status_code in (404, 422), name
    assert post(at_till, "visits", counter.customer, now_body(a_line(counter.bag))).status_code == 200
