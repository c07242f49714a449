"""`astro verify`: silent about what tills did, and loud about every kind of row that says something else."""

from __future__ import annotations

import io
import json
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from astro.cards.models import Redemption, Reward, RewardState
from astro.checkout.models import Purchase
from astro.checkout.undoing import remove_units
from astro.customers.actions import add_practice_customer
from astro.kit.ids import new_id
from astro.programs.actions import change_distributor
from astro.programs.models import CardRule, Carrier, Enrollment, Program
from astro.programs.rules import RuleOfCard
from tests.cast import NOW, inside, make_customer, make_distributor, make_program, platform
from tests.checkout.test_finishing import Counter
from tests.desk.recounted import recounted


@pytest.fixture
def counter(midtown, owner):
    """A customer with everything a card can have: given, given from the basket, undone, taken back, in progress."""
    counter = Counter(midtown, owner)
    counter.finish(counter.buy(3))
    counter.buy(3)
    with inside(midtown.retailer):
        second = Reward.objects.get(state=RewardState.READY)
    counter.finish(counter.buy(2), reward=second, is_scanned=True)
    visit = counter.buy(4)
    counter.finish(visit)
    with inside(midtown.retailer):
        undone = Redemption.objects.order_by("id").last()
        purchase = Purchase.objects.get(visit=visit)
        remove_units(purchase, [4], at=midtown, by=owner, is_administrator=False, now=counter.now)
    counter.undo(undone)
    counter.buy(1)
    payer = make_distributor()
    with platform("it agreed"):
        Carrier.objects.create(program=counter.program, distributor=payer)
    with inside(midtown.retailer):
        held = Enrollment.objects.get()
        change_distributor(held, distributor=payer, account_number="48-1123", by=owner, now=counter.now)
    assert counter.rounds() == [(1, 3, "redeemed"), (2, 3, "redeemed"), (3, 3, "full"), (4, 2, "open")]
    return counter


@pytest.mark.django_db
def test_what_a_till_did_adds_up(counter):
    found, checked = recounted()
    assert found == []
    assert checked == {
        "retailers": 1, "customers": 1, "cards": 4, "punches": 13, "rewards": 3, "redemptions": 3, "visits": 5,
        "purchases": 5, "units taken back": 1, "sealings": 3, "late entries": 0, "paper cards": 0, "arrivals": 0,
        "exceptions given": 0, "credit lines": 3,
    }  # fmt: skip


OPEN_CARD = "card_id = (select id from cards_card where state = 'open')"


def wrong_rows():
    """What `wrong_rows.txt` lists: each changes one row, and says what must be said of it."""
    for line in (Path(__file__).parent / "wrong_rows.txt").read_text().splitlines()[1:]:
        name, table, change, where, sentence = line.split(" | ")
        yield name, table, change, where.replace("OPEN", f"position = 2 and {OPEN_CARD}"), sentence


def plant(table, change, where):
    """Change one row behind everybody's back."""
    with connection.cursor() as cursor:
        cursor.execute(f"select min(id) from {table} where {where}")
        (pk,) = cursor.fetchone()
        assert pk is not None
        cursor.execute(f"update {table} set {change} where id = %s", [pk])


@pytest.mark.django_db
def test_each_wrong_row_is_named(counter):
    """One after the other, each undone again: what they all begin with costs more than to look at it."""
    unnamed = {}
    for name, table, change, where, sentence in wrong_rows():
        mark = transaction.savepoint()
        with inside(counter.at.retailer):
            plant(table, change, where)
        found, _checked = recounted()
        transaction.savepoint_rollback(mark)
        if not any(sentence in one for one in found):
            unnamed[name] = found
    assert unnamed == {}
    assert recounted()[0] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "where", "sentence"),
    [
        ("cards_punch", OPEN_CARD, "checkout_purchase: punched units on program card"),
        ("cards_redemptionundo", "true", "cards_redemption: is_live is false, should be true."),
        ("checkout_unitvoid", "true", "cards_punch: state is voided, should be another: its unit was not taken back."),
        ("checkout_sealing", "true", "cards_redemption: sealing is silent about it, should be telling of it."),
        ("credits_creditline", "state = 'unbatched'", "cards_redemption: credit line is missing, should be there."),
        ("cards_reward", "state = 'ready'", "cards_card: reward 1 is missing, should be there."),
    ],
)
def test_a_missing_row_is_named(counter, table, where, sentence):
    with inside(counter.at.retailer), connection.cursor() as cursor:
        if table == "cards_reward":  # the redemption that was undone points at it
            cursor.execute("delete from cards_redemptionundo")
            cursor.execute("delete from cards_redemption where not is_live")
        if table == "credits_creditline":  # what is known of who pays points at it
            cursor.execute("delete from credits_assignment")
        cursor.execute(f"delete from {table} where {where}")
    found, _checked = recounted()
    assert [one for one in found if one.startswith(sentence)], found


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["reward_redeemed_once", "unit_given_free_once"])
def test_a_reward_or_a_unit_given_twice_is_named(counter, name):
    """The schema refuses it; so its refusal is taken away first."""
    with inside(counter.at.retailer):
        with (
            connection.as_owner() if connection.vendor == "postgresql" else nullcontext(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"drop index {name}")
        again = Redemption.objects.get(is_live=True, taken_unit=2)
        again.pk = new_id()
        if name == "reward_redeemed_once":
            again.taken_purchase_id = again.taken_unit = None
        else:
            again.reward = Reward.objects.get(state=RewardState.READY)
        again.save(force_insert=True)
    found, _checked = recounted()
    assert [one for one in found if one.endswith(" too, should be given once.")], found


@pytest.mark.django_db
def test_a_row_of_another_customer_is_named(counter):
    with inside(counter.at.retailer):
        stranger = make_customer(at=counter.at)
        plant("cards_punch", f"customer_id = {stranger.pk}", "state = 'live'")
    found, _checked = recounted()
    assert [one for one in found if "should be a card of its customer and program card" in one], found


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "where"), [("cards_punch", OPEN_CARD), ("cards_card", "state = 'open'")])
def test_a_rule_of_another_program_is_named(counter, table, where):
    """One that asks for as much: nothing else would tell."""
    make_program(rule=RuleOfCard(3, 1))
    with inside(counter.at.retailer):
        stranger = CardRule.objects.exclude(program_card__program=counter.program).get()
        plant(table, f"rule_id = {stranger.pk}", where)
    found, _checked = recounted()
    assert [one for one in found if one.startswith(f"{table}: rule_id is") and "of its program card" in one], found


@pytest.mark.django_db
def test_practice_owes_nobody_and_adds_up(midtown, owner):
    counter = Counter(midtown, owner)
    with inside(midtown.retailer):
        counter.customer = add_practice_customer(now=NOW)
    counter.finish(counter.buy(3))
    assert recounted()[0] == []


@pytest.mark.django_db
def test_a_line_that_nobody_pays_is_named(counter):
    with platform("the brand changed its mind"):
        Program.objects.update(fulfilment="none")
    found, _checked = recounted()
    assert set(found) == {"credits_creditline: line is there, should be none: nobody pays it back."}


@pytest.mark.django_db
def test_what_expired_last_midnight_is_not_yet_wrong(midtown, owner):
    counter = Counter(midtown, owner)
    counter.buy(1)
    with platform("the brand's cards last a month"), connection.cursor() as cursor:
        cursor.execute("update programs_cardrule set expiry_months = 1")
    with inside(midtown.retailer):
        plant("cards_card", "next_expiry_on = '2026-12-20'", "true")
    for days, wrong in ((0, False), (30, False), (31, False), (32, True)):
        found, _checked = recounted(now=counter.now + timedelta(days=days))
        assert bool(found) is wrong, days
    assert "cards_card: state is open, should be expired." in found


def run(*words):
    out, err = io.StringIO(), io.StringIO()
    status = 0
    try:
        call_command("verify", *words, stdout=out, stderr=err)
    except SystemExit as ended:
        status = ended.code
    return status, out.getvalue(), err.getvalue()


@pytest.mark.django_db
def test_the_command_says_what_it_looked_at_and_that_it_adds_up(counter):
    status, out, err = run()
    assert status == 0
    assert out.startswith("Everything adds up. Looked at 1 retailers, 1 customers, 4 cards, 13 punches,")
    assert err == "  Huxley House ...\n"


@pytest.mark.django_db
def test_the_command_names_the_row_and_ends_with_1(counter, elsewhere):
    with inside(counter.at.retailer):
        plant("cards_card", "punches = 1", "state = 'open'")
    status, out, _err = run()
    assert status == 1
    first, last = out.splitlines()
    assert first.startswith("- Huxley House: cards_card ")
    assert first.endswith(": punches is 1, should be 2.")
    assert last.startswith("1 disagreements. Looked at 2 retailers,")
    status, out, _err = run("--json", "--retailer", str(counter.at.retailer_id))
    told = json.loads(out)
    assert status == 1
    assert told["checked"]["retailers"] == 1
    (finding,) = told["findings"]
    assert finding.pop("id") == first.split()[4].rstrip(":")
    assert finding == {
        "retailer_id": str(counter.at.retailer_id), "customer_id": str(counter.customer.pk), "table": "cards_card",
        "what": "punches", "stands": "1", "should": "2",
    }  # fmt: skip
    assert run("--retailer", str(elsewhere.retailer_id))[0] == 0


@pytest.mark.django_db
def test_a_retailer_that_is_not_there_is_told(midtown):
    with pytest.raises(CommandError, match=r"There is no retailer 5\."):
        call_command("verify", retailer=5)
