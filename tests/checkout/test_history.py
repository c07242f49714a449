"""Every number on a card is explained by its rows, whatever happened to it."""

import random
import re
from datetime import timedelta

import pytest

from astro.cards.actions import expire_punches
from astro.cards.models import Card, CardNote, NextStep, Punch, Redemption, Reward, RewardState, State
from astro.checkout.history import export_heading, export_rows, rounds_of, shown_rounds, tally_of
from astro.checkout.models import Purchase, Visit
from astro.checkout.one_visit import shown_visit
from astro.checkout.undoing import remove_units, undo_redemption, undo_visit
from astro.checkout.units import living_units
from astro.credits.models import CreditLine, LineState
from astro.kit.errors import DomainError
from astro.programs.rules import RuleOfCard
from tests import cast
from tests.cast import NOW, inside
from tests.checkout.test_finishing import Counter

DAY = timedelta(days=1)


@pytest.fixture
def counter(midtown, owner):
    return Counter(midtown, owner)


def shown(counter, **asked):
    with inside(counter.at.retailer):
        today = counter.at.day(counter.now)
        return shown_rounds(rounds_of(counter.customer, **asked).order_by("number"), today=today)


def told(counter):
    return [list(one.told) for one in shown(counter)]


def remove(counter, purchase, *units):
    with inside(counter.at.retailer):
        remove_units(purchase, units, at=counter.at, by=counter.by, is_administrator=True, now=counter.now)


def purchases(counter):
    with inside(counter.at.retailer):
        return list(Purchase.objects.order_by("occurred_at"))


def test_a_card_in_progress_says_between_which_days_it_was_bought(counter):
    counter.buy(1)
    assert told(counter) == [["1 of 3: 1 bought on November 20."]]
    counter.later(days=3).buy(1)
    assert told(counter) == [["2 of 3: 2 bought between November 20 and November 23."]]
    assert [one.fresh for one in shown(counter)] == [1]


def test_another_years_day_carries_its_year(counter):
    counter.buy(1)
    counter.later(days=60).buy(1)
    assert told(counter) == [["2 of 3: 2 bought between November 20, 2026 and January 19."]]


def test_a_full_card_says_since_when_and_what_waits(counter):
    counter.buy(3)
    assert told(counter) == [["3 of 3: 3 bought on November 20.", "Full on November 20. 1 free item is ready."]]
    assert [one.is_ready for one in shown(counter)] == [True]


def test_a_redeemed_card_says_what_was_given_by_whom_and_where(counter):
    counter.finish(counter.buy(3))
    assert told(counter) == [
        [
            "3 of 3: 3 bought on November 20.",
            "Full on November 20.",
            "Free Adult 30 lb given on November 20 by Olive Owner at Midtown.",
        ]
    ]


def test_what_was_removed_is_told_with_its_day(counter):
    counter.buy(2)
    counter.later(days=1)
    remove(counter, purchases(counter)[0], 2)
    assert told(counter) == [["1 of 3: 2 bought on November 20, 1 removed on November 21."]]
    (unit,) = [one for one in shown(counter)[0].units if one.state == "voided"]
    assert unit.void.by == counter.by


def test_a_card_that_lost_everything_is_still_told(counter):
    counter.buy(1)
    remove(counter, purchases(counter)[0], 1)
    assert told(counter) == [
        ["0 of 3: 1 bought on November 20, 1 removed on November 20.", "Nothing on it counts any more."]
    ]


def test_a_number_that_is_on_another_card_now_is_not_listed(counter):
    """Four bags are two cards; with one of the first three removed, the fourth moves and its card is nothing."""
    counter.buy(3)
    counter.buy(1)
    remove(counter, purchases(counter)[0], 1)
    assert counter.rounds() == [(1, 3, State.FULL), (2, 0, State.EMPTY)]
    assert [one.card.number for one in shown(counter)] == [1]
    assert told(counter)[0][0] == "3 of 3: 4 bought on November 20, 1 removed on November 20."


def test_a_card_whose_free_item_was_given_owes_what_was_removed(counter):
    counter.finish(counter.buy(3))
    remove(counter, purchases(counter)[0], 3)
    (one,) = shown(counter)
    assert one.told[0] == "2 of 3: 3 bought on November 20, 1 removed on November 20."
    assert one.told[-1] == ("Owes 1: an item was removed after the free one was given. The next one bought goes here.")
    counter.buy(1)
    (one,) = shown(counter)
    assert one.told[0] == "3 of 3: 4 bought on November 20, 1 removed on November 20."
    assert not any("Owes" in sentence for sentence in one.told)


def test_the_scanned_free_item_is_told_and_does_not_count(counter):
    counter.buy(3)
    counter.finish(counter.buy(1), is_scanned=True)
    every = [sentence for told_of_one in told(counter) for sentence in told_of_one]
    assert "0 of 3: 1 bought on November 20, 1 given as the free item on November 20." in every


def test_a_free_item_that_was_taken_back_is_told(counter):
    counter.finish(counter.buy(3))
    counter.later(days=1)
    with inside(counter.at.retailer):
        redemption = Redemption.objects.get()
    counter.undo(redemption, is_administrator=True)
    assert told(counter)[0][1:] == [
        "Full on November 20. 1 free item is ready.",
        "Free Adult 30 lb given on November 20, taken back on November 21 by Olive Owner.",
    ]


def test_expired_punches_are_told_with_the_first_day_on_which_they_did_not_count(midtown, owner):
    counter = Counter(midtown, owner)
    counter.bag = cast.make_product(name="Puppy")
    program = cast.make_program(products=[counter.bag], rule=RuleOfCard(3, 1, "any", "none", expiry_months=1))
    cast.make_enrollment(midtown, program=program, by=owner)
    counter.buy(2)
    assert told(counter)[0][-1] == "The first punch counts through December 20."
    counter.later(days=31)
    with inside(midtown.retailer):
        for _ in range(2):
            expire_punches(today=midtown.day(counter.now))
    assert told(counter) == [
        [
            "0 of 3: 2 bought on November 20, 2 expired on December 21.",
            "Everything on it has expired, so this card is closed.",
        ]
    ]


def test_state_and_program_card_narrow_the_list(counter):
    counter.finish(counter.buy(3))
    counter.buy(4)
    program_card = shown(counter)[0].card.program_card_id
    assert [one.card.number for one in shown(counter, state=State.REDEEMED)] == [1]
    assert [one.card.number for one in shown(counter, state=State.FULL)] == [2]
    assert [one.card.number for one in shown(counter, program_card_id=program_card, state=State.OPEN)] == [3]
    assert shown(counter, program_card_id=program_card + 1) == []


def test_another_customers_cards_are_not_there(counter, midtown):
    counter.buy(2)
    with inside(midtown.retailer):
        stranger = cast.make_customer(at=midtown)
        assert list(rounds_of(stranger)) == []


def test_the_export_has_a_line_for_every_unit_and_every_free_item(counter):
    counter.finish(counter.buy(3))
    counter.buy(2)
    remove(counter, purchases(counter)[1], 2)
    with inside(counter.at.retailer):
        rows = list(export_rows(rounds_of(counter.customer), today=counter.at.day(counter.now)))
    assert all(len(row) == len(export_heading()) for row in rows)
    kinds = [(row[1], row[3], row[12]) for row in rows]
    assert sorted(kinds) == [
        (1, "Bought", "Counts"),
        (1, "Bought", "Counts"),
        (1, "Bought", "Counts"),
        (1, "Free item", "Given"),
        (2, "Bought", "Counts"),
        (2, "Bought", "Removed"),
    ]
    assert rows[-1][8] == "10:01"  # as Midtown's clock showed it


def test_the_page_takes_as_many_queries_for_one_round_as_for_many(
    counter, django_assert_max_num_queries, django_assert_num_queries
):
    counter.finish(counter.buy(3))
    with inside(counter.at.retailer):
        CardNote(card=Card.objects.get(), text="Paper", changed_by=counter.by, changed_at=NOW).save()
    with django_assert_max_num_queries(14) as one:
        shown(counter)
    for _ in range(3):
        counter.finish(counter.buy(3))
    remove(counter, purchases(counter)[2], 1)
    with django_assert_num_queries(len(one)):
        assert len(shown(counter)) == 4


# Whatever happens, the sentence adds up to the number on the card.


def happen(counter, chance):
    """Something that may happen to a customer: bought, free item handed out, taken back, expired. A refusal is none."""
    place = counter.at
    what = chance.choice(["buy", "buy", "buy", "give", "give scanned", "remove", "undo", "undo visit", "wait"])
    if what == "buy":
        counter.buy(chance.randint(1, 5))
    elif what.startswith("give"):
        visit = counter.buy(chance.randint(1, 3))
        with inside(place.retailer):
            ready = list(Reward.objects.filter(state=RewardState.READY).order_by("id"))
        if ready:
            counter.finish(visit, reward=chance.choice(ready), is_scanned=what == "give scanned")
    elif what == "wait":
        counter.later(days=chance.randint(1, 40))
        with inside(place.retailer):
            expire_punches(today=place.day(counter.now))
    else:
        counter.later(minutes=1)
        take_back(counter, chance, what)


def take_back(counter, chance, what):
    who = {"at": counter.at, "by": counter.by, "is_administrator": True, "now": counter.now}
    with inside(counter.at.retailer):
        living = sorted(living_units(Purchase.objects.all()))
        if what == "remove" and living:
            purchase_id, unit = chance.choice(living)
            remove_units(Purchase.objects.get(pk=purchase_id), [unit], **who)
        elif what == "undo":
            given = list(Redemption.objects.filter(is_live=True).order_by("id"))
            if given:
                undo_redemption(chance.choice(given), next_step=NextStep.REMOVE, **who)
        elif what == "undo visit":
            visits = list(Visit.objects.order_by("id"))
            if visits:
                undo_visit(chance.choice(visits), **who)


@pytest.mark.parametrize("seed", [pytest.param(one, marks=[pytest.mark.long] if one % 2 else []) for one in range(12)])
def test_the_sentence_always_adds_up_to_the_number_on_the_card(midtown, owner, seed):
    chance = random.Random(seed)  # noqa: S311 - a history, not a secret
    counter = Counter(midtown, owner)
    counter.bag = cast.make_product(name="Puppy")
    months = chance.choice([None, 1, 3])
    rule = RuleOfCard(chance.randint(2, 6), chance.choice([1, 1, 2]), "any", "none", expiry_months=months)
    cast.make_enrollment(midtown, program=cast.make_program(products=[counter.bag], rule=rule), by=owner)
    happened = 0
    for _ in range(40):
        try:
            happen(counter, chance)
            happened += 1
        except DomainError:
            continue
        rounds = shown(counter)
        with inside(midtown.retailer):
            stored = {card.pk: card for card in Card.objects.all()}
        for one in rounds:
            assert one.tally.live == stored[one.card.pk].punches
            assert adds_up(one.told[0]), one.told[0]
        left_out = stored.keys() - {one.card.pk for one in rounds}
        assert all(stored[pk].punches == 0 and stored[pk].state == State.EMPTY for pk in left_out)
        with inside(midtown.retailer):
            listed = sum(len(one.units) for one in rounds)
            assert listed == Punch.objects.count() == sum(row.quantity for row in Purchase.objects.all())
    assert happened > 20


def adds_up(sentence):
    """Whether the number at the front is what was bought, minus the rest."""
    number, parts = sentence.split(": ", 1)
    live = int(number.split()[0])
    counts = {word: int(count) for count, word in re.findall(r"(\d+) (bought|removed|given|expired)", parts)}
    return live == counts.get("bought", 0) - sum(count for word, count in counts.items() if word != "bought")


def test_a_sentence_that_does_not_add_up_is_noticed():
    assert adds_up("9 of 12: 11 bought between March 3 and November 20, 1 removed on April 4, 1 expired on June 2.")
    assert adds_up("0 of 12: nothing is on this card now.")
    assert not adds_up("9 of 12: 11 bought on November 20, 1 removed on April 4.")


def test_the_tally_goes_by_the_rows_and_not_by_the_stored_count(counter):
    counter.buy(2)
    with inside(counter.at.retailer):
        Card.objects.update(punches=1)
        card = Card.objects.select_related("rule", "program_card__program__brand").get()
        (one,) = shown_rounds([card], today=counter.at.day(counter.now))
    assert (one.card.punches, one.tally.live, tally_of(card, one.units).live) == (1, 2, 2)


# One visit


def visit_of(counter, visit):
    with inside(counter.at.retailer):
        return shown_visit(Visit.objects.get(pk=visit.pk))


def test_a_visit_says_what_each_line_did_and_what_was_taken_back(counter):
    visit = counter.buy(4)
    (line,) = visit_of(counter, visit).lines
    assert [(one.number, one.count) for one in line.punched] == [(1, 3), (2, 1)]
    assert (line.counting, line.last_unit, line.fills) == (4, 4, True)
    remove(counter, line.purchase, 4)
    (line,) = visit_of(counter, visit).lines
    assert (line.counting, line.last_unit, [void.by for void in line.voids]) == (3, 3, [counter.by])


def test_a_visit_says_how_it_was_finished_and_what_was_given(counter):
    counter.buy(3)
    visit = counter.buy(1)
    assert visit_of(counter, visit).is_open
    counter.finish(visit, is_scanned=True)
    one = visit_of(counter, visit)
    assert (one.is_open, one.sealing.how, [str(gift.row) for gift in one.gifts]) == (
        False,
        "finished",
        ["Adult 30 lb"],
    )
    (line,) = one.lines
    assert (line.counting, [row.taken_unit for row in line.given], line.last_unit) == (0, [1], 0)
    assert not one.is_undone


def test_a_visit_that_was_taken_back_says_so(counter):
    counter.buy(3)
    visit = counter.buy(1)
    counter.finish(visit)
    with inside(counter.at.retailer):
        undo_visit(visit, at=counter.at, by=counter.by, is_administrator=False, now=counter.now)
    one = visit_of(counter, visit)
    assert one.is_undone
    assert [gift.undo.by for gift in one.gifts] == [counter.by]


def test_a_credit_in_a_batch_is_seen(counter):
    visit = counter.buy(3)
    counter.finish(visit)
    assert [gift.is_batched for gift in visit_of(counter, visit).gifts] == [False]
    with inside(counter.at.retailer):
        CreditLine.objects.update(state=LineState.BATCHED)
    assert [gift.is_batched for gift in visit_of(counter, visit).gifts] == [True]
