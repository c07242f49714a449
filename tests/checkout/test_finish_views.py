"""The second screen over HTTP: what it shows, what it takes, and what it answers to everything else."""

import gzip
import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from astro.activity.models import Event
from astro.cards.models import Card, Punch, Redemption, Reward, RewardState
from astro.checkout.finishing import seal_left_open
from astro.checkout.models import Purchase, Sealing, Visit
from astro.checkout.undoing import remove_units
from astro.credits.models import CreditLine
from astro.customers.actions import add_practice_customer
from astro.customers.models import Address, Customer
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7 as new_key
from astro.programs.actions import NewCard, unenroll
from astro.programs.models import Program
from astro.programs.rules import RuleOfCard
from tests import cast
from tests.cast import NOW, inside, signed_in
from tests.checkout.test_actions import a_line
from tests.checkout.test_views import now_body, post

BUY_TWO = RuleOfCard(2, 1, "any", "lesser_or_equal")
HOME = {"postcode": "59901", "street": "1 Main St", "city": "Kalispell", "region": "MT", "country": "US"}


@pytest.fixture
def at_till(client, cashier):
    return signed_in(client, cashier)


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally", last_name="Shopper")


@pytest.fixture
def shelf():
    prices = {"Gold": 6499, "Lamb": 4299, "Senior": 7299}
    return {name: cast.make_product(name=f"Northpaw {name}", prices={"USD": price}) for name, price in prices.items()}


@pytest.fixture
def program(midtown, cashier, shelf):
    return a_program(midtown, cashier, shelf)


def a_program(location, by, shelf, **fields):
    card = NewCard("Dry Dog, large bags", BUY_TWO, list(shelf.values()))
    program = cast.make_program(title="Northpaw club", brand=cast.make_brand(name="Northpaw"), cards=[card], **fields)
    cast.make_enrollment(location, program=program, by=by, distributor=None)
    return program


def check_out(client, customer, *lines):
    """Check out, and tell the visit's key beside the answer."""
    body = now_body(*lines)
    return post(client, "visits", customer, body), body["key"]


def a_choice(reward, product, *, is_scanned=False):
    return {"reward_id": str(reward.pk), "product_id": str(product.pk), "is_scanned": is_scanned}


def finish(client, customer, *chosen, visit=None, key=None, **more):
    body = {"key": str(key or new_key(utc_now())), "visit": visit, "redemptions": list(chosen), **more}
    return post(client, "finish", customer, body)


def rewards_of(customer):
    with inside(customer.retailer):
        return list(Reward.objects.filter(customer=customer).order_by("id"))


def nothing_written(customer):
    with inside(customer.retailer):
        return not (Redemption.objects.exists() or Sealing.objects.exists() or CreditLine.objects.exists())


def page(client, customer, **asked):
    return client.get(reverse("checkout:redeem", args=[customer.pk]), asked)


@pytest.fixture
def visit(at_till, sally, shelf, program):
    """Sally has just filled a card with two bags of Gold. Gives the visit's key."""
    _answer, key = check_out(at_till, sally, a_line(shelf["Gold"], 2))
    return key


@pytest.fixture
def reward(visit, sally):
    (reward,) = rewards_of(sally)
    return reward


# What is shown


def test_a_visit_with_rewards_is_answered_with_the_second_screen_and_alike_again(at_till, sally, shelf, program):
    body = now_body(a_line(shelf["Gold"], 2))
    first = post(at_till, "visits", sally, body)
    assert first.status_code == 200
    assert 'id="redemption"' in first.text
    assert 'id="finished"' not in first.text
    assert "Sally has 1 reward" in first.text
    assert "Any item up to $64.99, the cheapest on the card." in first.text
    assert re.search(r"Northpaw Senior 30 lb</strong> <span[^>]*>[^<]*more \(\$72\.99\) than", first.text)
    assert post(at_till, "visits", sally, body).text == first.text


def test_a_visit_without_rewards_is_finished_and_asks_for_no_second_screen(at_till, sally, shelf, program):
    answer, key = check_out(at_till, sally, a_line(shelf["Gold"]))
    assert 'id="finished"' in answer.text
    assert "Sally Shopper is checked out" in answer.text
    assert 'id="redemption"' not in answer.text
    assert "Sally Shopper is checked out" in page(at_till, sally, visit=key).text


def test_what_was_scanned_is_marked_and_the_first_of_it_is_picked(at_till, sally, shelf, program):
    check_out(at_till, sally, a_line(shelf["Lamb"], 2))
    answer, _key = check_out(at_till, sally, a_line(shelf["Lamb"]))
    radios = {
        match[1]: match[0]
        for match in re.findall(r'(<input type="radio" name="reward-\d+" value="(\d*)"[^>]*>)', answer.text)
    }
    assert radios.keys() == {str(shelf["Lamb"].pk)}
    (lamb,) = radios.values()
    assert "checked" in lamb
    assert 'data-scanned="1"' in lamb
    assert "data-can-be-scanned" in lamb
    assert "in today's basket" in answer.text.replace("&#x27;", "'")


def test_the_unit_that_fills_the_card_cannot_be_the_free_one(at_till, sally, shelf, program):
    answer, _key = check_out(at_till, sally, a_line(shelf["Gold"], 2))
    assert 'data-scanned="2"' in answer.text
    assert "data-can-be-scanned" not in answer.text
    assert re.findall(r'<input type="radio" name="reward-[^>]* checked', answer.text) == []
    assert re.search(r'data-part="needed">', answer.text)


def test_a_unit_is_picked_for_one_reward_only_and_no_more_than_the_card_can_spare(at_till, sally, shelf, program):
    """Two rounds wait, and one Gold lies on a third: it can be the free item of one of them."""
    check_out(at_till, sally, a_line(shelf["Gold"], 4))
    answer, _key = check_out(at_till, sally, a_line(shelf["Gold"]))
    assert "Sally has 2 rewards" in answer.text
    first, _second = rewards_of(sally)
    picked = re.findall(r'<input type="radio" name="reward-(\d+)"[^>]* checked', answer.text)
    assert picked == [str(first.pk)]
    assert 'data-part="needed" hidden' in answer.text


def test_taking_the_scanned_one_must_leave_a_card_that_allows_it(at_till, huxley, sally, shelf, program):
    """Two Gold fill the card; a cheaper Lamb would take the place of the second, and then Gold costs too much."""
    check_out(at_till, sally, a_line(shelf["Gold"]))
    _answer, visit = check_out(at_till, sally, a_line(shelf["Gold"]), a_line(shelf["Lamb"]))
    answer = page(at_till, sally, visit=visit)
    gold, lamb = (
        re.search(rf'<input type="radio" name="reward-\d+" value="{shelf[name].pk}"[^>]*>', answer.text)[0]
        for name in ("Gold", "Lamb")
    )
    assert "data-scanned" in gold
    assert "data-can-be-scanned" not in gold
    assert "data-can-be-scanned" in lamb
    (reward,) = rewards_of(sally)
    refused = finish(at_till, sally, a_choice(reward, shelf["Gold"], is_scanned=True), visit=visit)
    assert refused.status_code == 422
    assert "than the cheapest on the card ($42.99)" in refused.json()["error"]["message"]
    assert finish(at_till, sally, a_choice(reward, shelf["Lamb"], is_scanned=True), visit=visit).status_code == 200


def test_a_reload_shows_the_second_screen_again_and_then_that_it_is_finished(at_till, sally, shelf, visit, reward):
    assert "Redeem and finish" in page(at_till, sally, visit=visit).text
    done = finish(at_till, sally, a_choice(reward, shelf["Lamb"]), visit=visit)
    again = page(at_till, sally, visit=visit)
    assert "Redeem and finish" not in again.text
    assert done.text.strip() in again.text
    assert "Ring <strong>Northpaw Lamb 30 lb</strong> at $0.00 in your POS" in again.text


def test_a_visit_that_the_clock_sealed_is_finished_with_nothing_given(at_till, huxley, sally, visit):
    with inside(huxley):
        seal_left_open(now=utc_now() + timedelta(days=2))
    shown = page(at_till, sally, visit=visit)
    assert "Sally Shopper is checked out" in shown.text
    assert "$0.00" not in shown.text


def test_what_was_taken_back_since_is_not_told_to_be_rung_up(at_till, sally, shelf, visit, reward):
    key = new_key(utc_now())
    done = finish(at_till, sally, a_choice(reward, shelf["Gold"]), visit=visit, key=key)
    assert "taken back since" not in done.text
    assert "taken back since" not in page(at_till, sally, visit=visit).text
    at_till.post(reverse("checkout:undo_visit", args=[sally.pk, visit]))
    again = finish(at_till, sally, a_choice(reward, shelf["Gold"]), visit=visit, key=key)
    for shown in (page(at_till, sally, visit=visit), again):
        assert "Part of this visit was taken back since." in shown.text
        assert "$0.00" not in shown.text


def test_a_program_that_is_over_does_not_come_up_again_at_every_visit(at_till, sally, shelf, program, visit):
    rope = cast.make_product(name="Rope toy")
    with cast.platform("the tests' program ends"):
        Program.objects.update(ends_on=utc_now().date() - timedelta(days=3))
    answer, _key = check_out(at_till, sally, a_line(rope))
    assert 'id="finished"' in answer.text
    assert "ended" not in answer.text


def test_a_reward_that_gives_nothing_comes_up_when_it_is_earned_and_not_again(at_till, midtown, cashier, sally):
    rope, dear, cheap = (
        cast.make_product(name=name, prices={"USD": cents})
        for name, cents in [("Rope", 500), ("Rib", 900), ("Bone", 300)]
    )
    card = NewCard("Bones", RuleOfCard(3, 1, "most_bought", "lesser_or_equal"), [dear, cheap])
    cast.make_enrollment(midtown, program=cast.make_program(cards=[card]), by=cashier)
    earned, _key = check_out(at_till, sally, a_line(dear, 2), a_line(cheap))
    assert "No reward can be chosen for Sally now" in earned.text
    later, _key = check_out(at_till, sally, a_line(rope))
    assert 'id="finished"' in later.text
    assert 'id="redemption"' not in later.text


def test_only_rewards_can_be_redeemed_without_a_visit(at_till, huxley, sally, shelf, visit, reward):
    finish(at_till, sally, visit=visit)
    shown = page(at_till, sally)
    assert "Sally has 1 reward" in shown.text
    assert "Back to the basket" not in shown.text
    done = finish(at_till, sally, a_choice(reward, shelf["Gold"]))
    assert done.status_code == 200
    assert "Sally Shopper is finished" in done.text
    key = re.search(r'data-visit="([0-9a-f-]+)"', done.text)[1]
    assert "Sally Shopper is finished" in page(at_till, sally, visit=key).text
    assert "No reward can be chosen for Sally now" in page(at_till, sally).text


def test_one_reward_alone_is_offered_after_remove_and_reselect(at_till, sally, shelf, program):
    check_out(at_till, sally, a_line(shelf["Gold"], 4))
    first, second = rewards_of(sally)
    shown = page(at_till, sally, reward=second.pk)
    assert f'data-reward="{second.pk}"' in shown.text
    assert f'data-reward="{first.pk}"' not in shown.text
    assert page(at_till, sally, reward="rubbish").status_code == 200


@pytest.mark.parametrize("asked", ["rubbish", "00000000-0000-7000-8000-000000000000"])
def test_a_visit_that_is_none_is_not_found(at_till, sally, asked):
    assert page(at_till, sally, visit=asked).status_code == 404


def test_a_visit_that_was_taken_back_leads_to_the_till(at_till, sally, visit):
    at_till.post(reverse("checkout:undo_visit", args=[sally.pk, visit]))
    answer = page(at_till, sally, visit=visit)
    assert answer.headers["Location"] == reverse("checkout:till", args=[sally.pk])


def test_the_screen_takes_as_many_queries_for_one_reward_as_for_four(
    at_till, midtown, cashier, sally, shelf, program, django_assert_num_queries, django_assert_max_num_queries
):
    def visit_with(count):
        lines = []
        for _ in range(count):
            product = cast.make_product()
            card = NewCard("Card", RuleOfCard(1), [product])
            cast.make_enrollment(midtown, program=cast.make_program(cards=[card]), by=cashier)
            lines.append(a_line(product))
        return check_out(at_till, sally, *lines)[1]

    one = visit_with(1)
    with django_assert_max_num_queries(30) as first:
        page(at_till, sally, visit=one)
    count = len(first)
    four = visit_with(3)
    with django_assert_num_queries(count):
        page(at_till, sally, visit=four)


def test_the_fragments_are_light(at_till, sally, shelf, program):
    answer, visit = check_out(at_till, sally, *(a_line(product, 2) for product in shelf.values()))
    assert len(gzip.compress(answer.content)) <= 4_000
    done = finish(at_till, sally, a_choice(rewards_of(sally)[0], shelf["Lamb"]), visit=visit)
    assert len(gzip.compress(done.content)) <= 4_000


# Finishing


def test_a_free_item_is_handed_out_once_and_told_in_words(at_till, huxley, sally, shelf, visit, reward):
    key = new_key(utc_now())
    done = finish(at_till, sally, a_choice(reward, shelf["Lamb"]), visit=visit, key=key)
    assert done.status_code == 200
    assert "Ring <strong>Northpaw Lamb 30 lb</strong> at $0.00 in your POS" in done.text
    assert "Huxley House" in done.text  # the receipt
    assert finish(at_till, sally, a_choice(reward, shelf["Lamb"]), visit=visit, key=key).text == done.text
    with inside(huxley):
        assert (Redemption.objects.count(), Sealing.objects.count(), CreditLine.objects.count()) == (1, 1, 1)


def test_rewards_kept_for_next_time_seal_the_visit(at_till, huxley, sally, visit, reward):
    done = finish(at_till, sally, visit=visit)
    assert "1 reward is kept for next time." in done.text
    with inside(huxley):
        assert Reward.objects.get().state == RewardState.READY
        assert Sealing.objects.get().answer["redemptions"] == []


def test_a_scanned_unit_counts_once_and_every_number_says_so(at_till, huxley, sally, shelf, program):
    check_out(at_till, sally, a_line(shelf["Gold"]))
    _answer, visit = check_out(at_till, sally, a_line(shelf["Gold"], 3))
    (reward, later) = rewards_of(sally)
    done = finish(at_till, sally, a_choice(reward, shelf["Gold"], is_scanned=True), visit=visit)
    assert "2 punches added." in done.text
    assert "1 of them counted once, as the free one" in done.text
    with inside(huxley):
        stored = dict(Card.objects.values_list("number", "punches"))
        assert (stored, Punch.objects.filter(state="live").count()) == ({1: 2, 2: 1}, 3)
        assert Reward.objects.get(pk=later.pk).state == RewardState.WITHDRAWN
    assert re.findall(r"(\d) of 2\b", done.text.partition("<template")[0]) == ["2", "1"]


def test_several_rewards_can_be_redeemed_at_once(at_till, huxley, sally, shelf, program):
    _answer, visit = check_out(at_till, sally, a_line(shelf["Gold"], 4))
    first, second = rewards_of(sally)
    done = finish(at_till, sally, a_choice(first, shelf["Gold"]), a_choice(second, shelf["Lamb"]), visit=visit)
    assert done.text.count("at $0.00 in your POS") == 2


def test_a_reward_earned_before_the_location_left_the_program_is_still_good(
    at_till, huxley, midtown, owner, sally, shelf, visit, reward
):
    with inside(huxley):
        unenroll(midtown.enrollments.get(), by=owner, now=utc_now() - timedelta(days=1))
    assert finish(at_till, sally, a_choice(reward, shelf["Gold"]), visit=visit).status_code == 200


def test_what_the_program_asks_for_is_asked_in_place_and_kept_by_the_store(
    at_till, huxley, midtown, cashier, sally, shelf
):
    """Neither e-mail nor address is in anything that a brand or a distributor sees."""
    a_program(midtown, cashier, shelf, requires_email=True, requires_address=True)
    answer, visit = check_out(at_till, sally, a_line(shelf["Gold"], 2))
    assert "Northpaw asks for an e-mail address." in answer.text
    assert "Northpaw asks for a home address." in answer.text
    assert "It stays with your store and is never passed on." in answer.text
    assert answer.text.index('name="postcode"') < answer.text.index('name="street"')
    (reward,) = rewards_of(sally)
    choice = a_choice(reward, shelf["Gold"])

    def refused(**more):
        answer = finish(at_till, sally, choice, visit=visit, **more)
        assert answer.status_code == 422
        assert nothing_written(sally)
        with inside(huxley):
            assert Customer.objects.get(pk=sally.pk).email == ""
            assert not Address.objects.exists()
        return answer.json()["error"]["field"]

    assert refused() == "email"
    assert refused(email="sally@") == "email"
    assert refused(email="sally@example.com") == "address"
    assert refused(email="sally@example.com", address={**HOME, "postcode": "1"}) == "postcode"
    assert refused(email=7, address="Kalispell") == "email"
    for _ in range(2):
        done = finish(at_till, sally, choice, visit=visit, key=visit, email="sally@example.com", address=HOME)
        assert done.status_code == 200
    with inside(huxley):
        assert Customer.objects.get(pk=sally.pk).email == "sally@example.com"
        assert Address.objects.get().street == "1 Main St"
        line = CreditLine.objects.get()
        told = json.dumps([str(value) for value in CreditLine.objects.filter(pk=line.pk).values().get().values()])
        assert line.customer_name == "Sally Shopper"
        recorded = json.dumps([event.facts for event in Event.objects.all()]) + json.dumps(Sealing.objects.get().answer)
    for secret in ("sally@example.com", "1 Main St", "59901", "Kalispell"):
        assert secret not in told
        assert secret not in recorded


def test_an_email_that_another_customer_has_is_kept_at_its_field(at_till, huxley, midtown, cashier, sally, shelf):
    a_program(midtown, cashier, shelf, requires_email=True)
    with inside(huxley):
        cast.make_customer(at=midtown, first_name="Ben", email="ben@example.com")
    _answer, visit = check_out(at_till, sally, a_line(shelf["Gold"], 2))
    choice = a_choice(rewards_of(sally)[0], shelf["Gold"])
    refused = finish(at_till, sally, choice, visit=visit, email="Ben@example.com")
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "email")
    assert nothing_written(sally)


def test_practice_pays_for_nothing(at_till, huxley, sally, shelf, program):
    with inside(huxley):
        practice = add_practice_customer(now=NOW)
    _answer, visit = check_out(at_till, practice, a_line(shelf["Gold"], 2))
    done = finish(at_till, practice, a_choice(rewards_of(practice)[0], shelf["Gold"]), visit=visit)
    assert done.status_code == 200
    with inside(huxley):
        assert Redemption.objects.get().is_practice
        assert not CreditLine.objects.exists()


# Bad input


def test_bad_choices_get_a_sentence_and_leave_nothing(
    at_till, huxley, midtown, otherpaws, elsewhere, other_owner, sally, shelf, program, visit, reward
):
    with inside(huxley):
        ben = cast.make_customer(at=midtown, first_name="Ben")
    check_out(at_till, ben, a_line(shelf["Gold"], 2))
    (bens,) = rewards_of(ben)
    cast.make_enrollment(elsewhere, program=program, by=other_owner)
    with inside(otherpaws):
        stranger = cast.make_customer(at=elsewhere)
    check_out(signed_in(Client(), other_owner), stranger, a_line(shelf["Gold"], 2))
    (strangers,) = rewards_of(stranger)

    def refused(*chosen, **more):
        answer = finish(at_till, sally, *chosen, **{"visit": visit, **more})
        assert nothing_written(sally)
        return answer.status_code, answer.json()["error"]["message"]

    gold = shelf["Gold"]
    assert refused(a_choice(bens, gold)) == (404, "This reward is not Sally Shopper's. Open the customer again.")
    assert refused(a_choice(strangers, gold)) == (404, "This reward is not Sally Shopper's. Open the customer again.")
    status, sentence = refused(a_choice(reward, shelf["Senior"]))
    assert status == 422
    assert "more ($72.99) than the cheapest on the card ($64.99)" in sentence
    rope = cast.make_product(name="Rope toy")
    assert refused(a_choice(reward, rope)) == (422, "It is not on the reward list of this card.")
    status, sentence = refused(a_choice(reward, gold, is_scanned=True))
    assert status == 422
    assert "full only with this item" in sentence
    status, sentence = refused(a_choice(reward, shelf["Lamb"], is_scanned=True))
    assert status == 422
    assert "not among what was just scanned" in sentence
    assert refused(a_choice(reward, gold), visit=str(new_key(NOW)))[0] == 404
    assert refused(a_choice(reward, gold), visit="rubbish")[0] == 422
    assert refused(a_choice(reward, gold), key="rubbish")[0] == 422
    assert refused(a_choice(reward, gold), a_choice(reward, gold))[0] == 422
    assert refused(*[{"reward_id": "1", "product_id": "1"}] * 51)[0] == 422
    for rubbish in (None, 7, "x", [], {}, {"reward_id": "-1", "product_id": "1"}, {"reward_id": 1.5, "product_id": 2}):
        assert refused(rubbish)[0] == 422
    assert refused(visit=None)[0] == 422


def test_a_reward_is_not_handed_out_twice_nor_after_its_card_lost_a_punch(
    at_till, huxley, midtown, cashier, sally, shelf, program
):
    _answer, visit = check_out(at_till, sally, a_line(shelf["Gold"], 2))
    (reward,) = rewards_of(sally)
    with inside(huxley):
        purchase = Purchase.objects.get()
        remove_units(purchase, [2], at=midtown, by=cashier, is_administrator=False, now=utc_now())
    answer = finish(at_till, sally, a_choice(reward, shelf["Gold"]), visit=visit)
    assert answer.status_code == 409
    assert "not full any more" in answer.json()["error"]["message"]
    assert nothing_written(sally)
    check_out(at_till, sally, a_line(shelf["Gold"]))
    (ready,) = (one for one in rewards_of(sally) if one.state == RewardState.READY)
    assert finish(at_till, sally, a_choice(ready, shelf["Gold"])).status_code == 200
    again = finish(at_till, sally, a_choice(ready, shelf["Gold"]))
    assert again.status_code == 409
    assert "already redeemed" in again.json()["error"]["message"]


def test_a_program_that_is_over_gives_nothing_more_and_says_so(at_till, huxley, sally, shelf, visit, reward):
    yesterday = utc_now().date() - timedelta(days=3)
    with cast.platform("the tests' program ends"):
        Program.objects.update(ends_on=yesterday)
    shown = page(at_till, sally, visit=visit)
    assert "The program ended on" in shown.text
    assert 'type="radio"' not in shown.text
    answer = finish(at_till, sally, a_choice(reward, shelf["Gold"]), visit=visit)
    assert answer.status_code == 422
    assert "ended on" in answer.json()["error"]["message"]
    assert nothing_written(sally)
    assert finish(at_till, sally, visit=visit).status_code == 200


def test_the_same_key_with_other_choices_and_a_second_tab_are_told_that_it_is_finished(
    at_till, huxley, sally, shelf, visit, reward
):
    key = new_key(utc_now())
    finish(at_till, sally, a_choice(reward, shelf["Gold"]), visit=visit, key=key)
    for answer in (
        finish(at_till, sally, a_choice(reward, shelf["Lamb"]), visit=visit, key=key),
        finish(at_till, sally, a_choice(reward, shelf["Gold"]), visit=visit),
        finish(at_till, sally, visit=visit),
    ):
        assert answer.status_code == 409
        assert "finished already" in answer.json()["error"]["message"]
    with inside(huxley):
        assert (Redemption.objects.count(), Sealing.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b"7", 422),
        (b"\xff", 422),
        (b"[" * 100_000, 422),
        (b"x" * 5_000_000, 413),
    ],
    ids=["nothing", "half", "list", "number", "no text", "deep", "huge"],
)
def test_rubbish_gets_a_sentence(at_till, sally, visit, body, status):
    address = reverse("checkout:finish", args=[sally.pk])
    answer = at_till.post(address, body, content_type="application/json")
    assert answer.status_code == status
    assert "too large" in answer.text if status == 413 else "cannot be read" in answer.text
    assert nothing_written(sally)


def test_finishing_needs_the_token_and_the_customers_own_retailer(cashier, other_owner, sally, visit, reward, shelf):
    choice = a_choice(reward, shelf["Gold"])
    strict = signed_in(Client(enforce_csrf_checks=True), cashier)
    assert finish(strict, sally, choice, visit=visit).status_code == 403
    stranger = signed_in(Client(), other_owner)
    assert finish(stranger, sally, choice, visit=visit).status_code == 404
    assert page(stranger, sally, visit=visit).status_code == 404
    assert nothing_written(sally)


def test_a_visit_belongs_to_its_customer(at_till, huxley, midtown, sally, shelf, visit, reward):
    with inside(huxley):
        ben = cast.make_customer(at=midtown, first_name="Ben")
    assert page(at_till, ben, visit=visit).status_code == 404
    assert finish(at_till, ben, visit=visit).status_code == 404
    with inside(huxley):
        assert Visit.objects.get().customer_id == sally.pk
