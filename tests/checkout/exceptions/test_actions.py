"""An item that the program does not list is asked onto a card; approved it punches once, and is taken back whole."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from astro.activity.models import Event
from astro.cards.models import Card, Punch, Redemption
from astro.catalog.errors import code_taken
from astro.catalog.models import Product
from astro.catalog.queries import barcodes_of, product_by_gtin
from astro.checkout.customer_part import erase, tell
from astro.checkout.errors import NotYet
from astro.checkout.exceptions.actions import NewItem, approve, reject, take_back, visit_key, withdraw
from astro.checkout.exceptions.errors import AskedBefore, BadException, DecidedBefore, HandedOut
from astro.checkout.exceptions.queries import last_step, waiting_exceptions
from astro.checkout.jobs import give_exception
from astro.checkout.models import (
    ExceptionReason,
    ExceptionState,
    ExceptionStep,
    ExceptionTicket,
    ExceptionVisit,
    LateEntry,
    Purchase,
    Source,
    Visit,
)
from astro.checkout.undoing import undo_visit
from astro.customers.actions import add_practice_customer, merge_customers, retire_customer
from astro.kit.errors import DomainError
from astro.kit.gtin import to_gtin14
from astro.kit.ids import new_uuid7
from astro.kit.models import OutboxRow
from astro.programs.models import ProgramItem
from astro.programs.queries import cards_filled_by, catalogue_version
from astro.programs.rules import RuleOfCard
from astro.support.models import Ticket, TicketState
from tests.cast import NOW, inside, make_customer, make_enrollment, make_product, make_program, make_support, platform
from tests.checkout.exceptions.asking import an_item, ask_for, card_of, given, state_of
from tests.checkout.test_finishing import Counter
from tests.desk.recounted import recounted

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter(midtown, owner):
    return Counter(midtown, owner)


@pytest.fixture
def sue(db):
    return make_support()


LAMB = NewItem(name="Northpaw Gold Lamb", size="30 lb")


def yes(counter, ticket, sue, item=None, *, is_listed=False, now=NOW, sentence=""):
    with inside(counter.at.retailer):
        item = item or replace(LAMB, code=ticket.gtin)
        return approve(ticket, item, is_listed=is_listed, sentence=sentence, by=sue, now=now)


def no(counter, ticket, sue, sentence="The brand left it out on purpose."):
    with inside(counter.at.retailer):
        return reject(ticket, sentence=sentence, by=sue, now=NOW)


def back(counter, ticket, sue, *, now=NOW, sentence="Approved by mistake."):
    with inside(counter.at.retailer):
        return take_back(ticket, sentence=sentence, by=sue, now=now)


# Asking


def test_it_is_asked_waits_and_counts_for_nothing(counter):
    ticket = ask_for(counter, quantity=2)
    assert state_of(ticket) == ExceptionState.WAITING
    with inside(counter.at.retailer):
        facts = {"program_card_id": ticket.program_card_id, "reason": "new", "units": 2}
        assert Event.objects.get(name="exception asked").facts == facts
        assert not Punch.objects.exists()
        talk = Ticket.objects.get()
        assert (talk.key, talk.opened_by, talk.state) == (ticket.key, counter.by, TicketState.OPEN)
        said = talk.messages.get().text
        assert "Northpaw Gold Lamb 30 lb" in said
        assert counter.customer.last_name not in said
    assert recounted()[0] == []


def test_sent_twice_it_is_asked_once_and_another_under_its_key_is_refused(counter):
    key, asked = new_uuid7(NOW), an_item(counter)
    assert ask_for(counter, asked, key=key) == ask_for(counter, asked, key=key)
    with pytest.raises(AskedBefore):
        ask_for(counter, replace(asked, quantity=3), key=key)
    with inside(counter.at.retailer):
        assert (ExceptionTicket.objects.count(), Ticket.objects.count()) == (1, 1)
        assert Event.objects.filter(name="exception asked").count() == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"description": ""}, BadException),
        ({"quantity": 0}, BadException),
        ({"quantity": 100}, BadException),
        ({"code": ""}, BadException),
        ({"code": "12345"}, BadException),
        ({"reason": ExceptionReason.AUTHORIZED}, BadException),
        ({"bought_at": NOW + timedelta(minutes=1)}, NotYet),
    ],
)
def test_what_is_told_badly_is_refused_and_nothing_is_written(counter, change, error):
    with pytest.raises(error):
        ask_for(counter, **change)
    with inside(counter.at.retailer):
        assert not ExceptionTicket.objects.exists()
        assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    "told",
    [
        {"reason": ExceptionReason.UNREADABLE, "code": ""},
        {"reason": ExceptionReason.CHANGED, "code": ""},
        {"reason": ExceptionReason.AUTHORIZED, "code": "", "note": "Pat of Northpaw, 3 November"},
    ],
)
def test_the_other_three_reasons_need_no_code(counter, told):
    assert state_of(ask_for(counter, **told)) == "waiting"


def test_the_same_item_waits_once_on_a_card(counter):
    asked = an_item(counter)
    ask_for(counter, asked)
    with pytest.raises(BadException, match="waits for approval"):
        ask_for(counter, asked)
    with inside(counter.at.retailer):
        other = make_customer(at=counter.at)
    ask_for(counter, asked, customer=other)


def test_only_onto_cards_of_brands_whose_program_counts_here(counter, midtown, owner):
    with inside(midtown.retailer):
        other = card_of(make_program())
    with pytest.raises(BadException, match="no part"):
        ask_for(counter, program_card_id=other)
    own = make_program(retailer=midtown.retailer)
    make_enrollment(midtown, program=own, by=owner)
    with inside(midtown.retailer):
        own = card_of(own)
    with pytest.raises(BadException, match="own program"):
        ask_for(counter, program_card_id=own)


def test_what_the_card_lists_is_scanned_instead(counter):
    with inside(counter.at.retailer):
        code = barcodes_of([counter.bag.pk])[counter.bag.pk]
    with pytest.raises(BadException, match="already"):
        ask_for(counter, code=code)


def test_a_known_item_needs_no_words(counter):
    known = make_product(name="Lamb")
    with inside(counter.at.retailer):
        code = barcodes_of([known.pk])[known.pk]
    ticket = ask_for(counter, code=code, description="")
    assert (ticket.product_id, ticket.description) == (known.pk, str(known))


def test_the_practice_customer_is_refused(counter):
    with inside(counter.at.retailer):
        sally = add_practice_customer(now=NOW)
    with pytest.raises(BadException, match="practice"):
        ask_for(counter, customer=sally)


def test_cash_back_asks_what_was_paid(counter, midtown, owner):
    program = make_program(products=[counter.bag], rule=RuleOfCard(3, gives="back", back_points=1000))
    make_enrollment(midtown, program=program, by=owner)
    with inside(midtown.retailer):
        card = card_of(program)
    with pytest.raises(BadException, match="cash back"):
        ask_for(counter, program_card_id=card)
    ticket = ask_for(counter, program_card_id=card, paid_cents=4000)
    sue = make_support()
    yes(counter, ticket, sue)
    given(ticket)
    with inside(midtown.retailer):
        assert Card.objects.get(program_card=card).cents == 400
    assert recounted()[0] == []


# Withdrawing, rejecting


def test_the_store_takes_it_back_once(counter, sue):
    ticket = ask_for(counter)
    with inside(counter.at.retailer):
        told = [withdraw(ticket, by=counter.by, at=counter.at, now=NOW) for _ in range(2)]
        assert told == [True, False]
        assert Event.objects.filter(name="exception withdrawn").count() == 1
        assert Ticket.objects.get().state == TicketState.CLOSED
    assert state_of(ticket) == "withdrawn"
    for decide in (yes, no):
        with pytest.raises(DecidedBefore):
            decide(counter, ticket, sue)
    with inside(counter.at.retailer):
        assert not Product.objects.filter(name=LAMB.name).exists()  # what a refused approval had added is gone


def test_a_rejection_lands_nothing_and_tells_the_store_why(counter, sue):
    ticket = ask_for(counter)
    with pytest.raises(BadException, match="why"):
        no(counter, ticket, sue, " ")
    no(counter, ticket, sue)
    assert state_of(ticket) == "rejected"
    with inside(counter.at.retailer):
        assert not OutboxRow.objects.filter(kind="checkout.give_exception").exists()
        assert not Visit.objects.exists()
        talk = Ticket.objects.get()
        assert talk.state == TicketState.CLOSED
        assert "on purpose" in talk.messages.get(is_ours=True).text
        with pytest.raises(DecidedBefore):
            withdraw(ticket, by=counter.by, at=counter.at, now=NOW)


# Approving


def test_an_approval_punches_once_as_of_the_purchase(counter, sue):
    counter.buy()
    ticket = ask_for(counter, quantity=2, bought_at=NOW - timedelta(hours=2))
    step = yes(counter, ticket, sue, sentence="Pat knows of it.")
    with inside(counter.at.retailer):
        payload = OutboxRow.objects.get(kind="checkout.give_exception").payload
        later = NOW + timedelta(days=3)
        give_exception(payload, now=later)
        give_exception(payload, now=later)
        visit = Visit.objects.get(source=Source.LATE)
        assert (visit.key, visit.occurred_at, visit.by) == (visit_key(step), ticket.bought_at, counter.by)
        assert LateEntry.objects.get().why == "exception"
        assert ExceptionVisit.objects.get().visit == visit
        assert Event.objects.get(name="exception given").facts == {"units": 2}
        lamb = Product.objects.get(name="Northpaw Gold Lamb")
        assert (lamb.retailer_id, lamb.brand, step.product_id) == (None, counter.program.brand, lamb.pk)
        assert product_by_gtin(ticket.gtin) == lamb
        assert not ProgramItem.objects.filter(product=lamb).exists()
        assert [punch.product_id for punch in Punch.objects.order_by("position")] == [lamb.pk, lamb.pk, counter.bag.pk]
        assert "Pat knows" in Ticket.objects.get().messages.get(is_ours=True).text
    assert (counter.rounds(), state_of(ticket)) == ([(1, 3, "full")], "once")
    assert recounted(now=later)[0] == []


def test_it_fills_its_own_card_and_no_other(counter, sue, midtown, owner):
    """What the item does on other cards was due when it was checked out."""
    lamb = make_product(name="Lamb")
    make_enrollment(midtown, program=make_program(products=[lamb]), by=owner)
    ticket = ask_for(counter, code="", reason=ExceptionReason.CHANGED)
    yes(counter, ticket, sue, lamb)
    given(ticket)
    with inside(midtown.retailer):
        assert Punch.objects.get().program_card_id == ticket.program_card_id
    assert recounted()[0] == []


def test_listed_it_counts_for_everyone_from_that_day_on(counter, sue, elsewhere, other_owner):
    make_enrollment(elsewhere, program=counter.program, by=other_owner)
    ticket = ask_for(counter)
    today = elsewhere.day(NOW)
    with inside(elsewhere.retailer):
        before = catalogue_version(elsewhere, day=today)
    step = yes(counter, ticket, sue, is_listed=True)
    with inside(elsewhere.retailer):
        assert catalogue_version(elsewhere, day=today) != before
        filled = cards_filled_by([step.product_id], location=elsewhere, day=today)
        assert [card.program_card_id for card in filled[step.product_id]] == [ticket.program_card_id]
        assert not cards_filled_by([step.product_id], location=elsewhere, day=today - timedelta(days=1))
        item = ProgramItem.objects.get(pk=step.item_id)
        assert (item.retailer_id, item.from_on, item.is_reward) == (None, today, True)
    assert state_of(ticket) == "listed"
    given(ticket)
    assert counter.rounds() == [(1, 1, "open")]
    assert recounted()[0] == []


def test_a_reward_that_filled_nothing_fills_from_then_on(counter, sue):
    lamb = make_product(name="Lamb")
    with inside(counter.at.retailer):
        ticket = ask_for(counter, code=barcodes_of([lamb.pk])[lamb.pk])
    with platform("a reward only"):
        ProgramItem.objects.create(program_card_id=ticket.program_card_id, product=lamb, fills=False)
    step = yes(counter, ticket, sue, lamb, is_listed=True)
    with inside(counter.at.retailer):
        rows = ProgramItem.objects.filter(product=lamb).order_by("id")
        today = counter.at.day(NOW)
        told = [(row.fills, row.is_reward, row.from_on, row.until_on) for row in rows]
        assert told == [(False, True, None, today - timedelta(days=1)), (True, True, today, None)]
        assert rows[1].pk == step.item_id


def test_what_only_the_store_knows_counts_for_it_and_is_not_listed(counter, sue, midtown):
    own = make_product(name="Our lamb", retailer=midtown.retailer)
    with inside(midtown.retailer):
        code = barcodes_of([own.pk])[own.pk]
    ticket = ask_for(counter, code=code)
    with pytest.raises(BadException, match="store's own"):
        yes(counter, ticket, sue, own, is_listed=True)
    yes(counter, ticket, sue, own)
    given(ticket)
    assert counter.rounds() == [(1, 1, "open")]
    assert recounted()[0] == []


def test_a_code_that_somebody_elses_item_carries_is_refused_with_its_name(counter, sue):
    other = make_product(name="Salmon")
    with inside(counter.at.retailer):
        code = barcodes_of([other.pk])[other.pk]
    ticket = ask_for(counter)
    with pytest.raises(type(code_taken(code, other)), match="Salmon"):
        yes(counter, ticket, sue, replace(LAMB, code=code))
    assert state_of(ticket) == "waiting"


def test_two_tickets_for_one_item_list_it_once(counter, sue):
    first = ask_for(counter)
    with inside(counter.at.retailer):
        other = make_customer(at=counter.at)
    second = ask_for(counter, an_item(counter, code=first.gtin), customer=other)
    step = yes(counter, first, sue, is_listed=True)
    with inside(counter.at.retailer):
        lamb = Product.objects.get(pk=step.product_id)
    assert yes(counter, second, sue, lamb, is_listed=True).item_id is None
    for ticket in (first, second):
        given(ticket)
    assert recounted()[0] == []


def test_it_follows_a_customer_who_was_merged(counter, sue):
    ticket = ask_for(counter)
    yes(counter, ticket, sue)
    with inside(counter.at.retailer):
        kept = make_customer(at=counter.at)
        merge_customers(kept, counter.customer, at=counter.at, by=counter.by, now=NOW)
    visit = given(ticket)
    assert visit.customer_id == kept.pk
    assert recounted()[0] == []


def test_who_is_gone_gets_no_punch_and_the_store_is_told(counter, sue):
    ticket = ask_for(counter, note="For Mr. Ortiz")
    yes(counter, ticket, sue)
    with inside(counter.at.retailer):
        retire_customer(counter.customer, at=counter.at, by=counter.by, now=NOW)
    assert given(ticket) is None
    with inside(counter.at.retailer):
        assert not Visit.objects.exists()
        said = [message.text for message in Ticket.objects.get().messages.filter(is_ours=True)]
    assert said[-1].startswith("The customer is not on your list any more")


def test_erasing_a_customer_takes_the_note_along(counter):
    ticket = ask_for(counter, note="For Mr. Ortiz")
    with inside(counter.at.retailer):
        told = tell(counter.customer)["exceptions"]
        assert [(one["item"], one["note"], one["state"]) for one in told] == [
            ("Northpaw Gold Lamb 30 lb", "For Mr. Ortiz", "Waiting for approval")
        ]
        erase(counter.customer, now=NOW)
        assert ExceptionTicket.objects.get(pk=ticket.pk).note == ""


# Taking back


def test_the_store_takes_the_punches_back_like_any_late_entry(counter, sue):
    ticket = ask_for(counter)
    yes(counter, ticket, sue)
    visit = given(ticket)
    with inside(counter.at.retailer):
        undo_visit(visit, at=counter.at, by=counter.by, is_administrator=False, now=NOW)
    assert counter.rounds() == [(1, 0, "empty")]
    assert given(ticket) is None
    assert recounted()[0] == []
    assert back(counter, ticket, sue).state == "waiting"


def test_support_takes_a_decision_back_with_what_it_brought(counter, sue):
    ticket = ask_for(counter)
    step = yes(counter, ticket, sue, is_listed=True)
    given(ticket)
    back(counter, ticket, sue)
    assert (counter.rounds(), state_of(ticket)) == ([(1, 0, "empty")], "waiting")
    with inside(counter.at.retailer):
        assert waiting_exceptions(counter.customer).count() == 1
        assert not cards_filled_by([step.product_id], location=counter.at, day=counter.at.day(NOW))
        assert Event.objects.get(name="exception decision taken back").facts == {"was": "listed"}
        lamb = Product.objects.get(pk=step.product_id)
    with pytest.raises(DecidedBefore):
        back(counter, ticket, sue)
    assert yes(counter, ticket, sue, lamb).number == 3  # and decides anew: another visit, since the first was undone
    given(ticket)
    assert counter.rounds() == [(1, 1, "open")]
    assert recounted()[0] == []


def test_taken_back_before_the_punches_came_they_never_come(counter, sue):
    ticket = ask_for(counter)
    yes(counter, ticket, sue)
    back(counter, ticket, sue)
    assert given(ticket, number=1) is None
    with inside(counter.at.retailer):
        assert not Visit.objects.exists()


def test_a_rejection_is_taken_back_and_approved(counter, sue):
    ticket = ask_for(counter)
    no(counter, ticket, sue)
    back(counter, ticket, sue, sentence="The brand changed its mind.")
    yes(counter, ticket, sue)
    given(ticket)
    assert counter.rounds() == [(1, 1, "open")]


def test_what_a_free_item_was_given_for_stays(counter, sue):
    visit = counter.buy(2)
    ticket = ask_for(counter)
    yes(counter, ticket, sue)
    given(ticket)
    counter.finish(counter.buy(0))
    with pytest.raises(HandedOut):
        back(counter, ticket, sue)
    assert state_of(ticket) == "once"
    with inside(counter.at.retailer):
        redemption = Redemption.objects.get()
    counter.undo(redemption)
    back(counter, ticket, sue, now=counter.now)
    assert counter.rounds() == [(1, 2, "open")]
    assert recounted(now=counter.now)[0] == []
    assert visit


def test_only_support_has_a_decision_to_take_back(counter, sue):
    ticket = ask_for(counter)
    with pytest.raises(DecidedBefore):
        back(counter, ticket, sue)
    with inside(counter.at.retailer):
        withdraw(ticket, by=counter.by, at=counter.at, now=NOW)
    with pytest.raises(DecidedBefore):
        back(counter, ticket, sue)


# What a recount says of rows that are wrong


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("update checkout_exceptionstep set product_id = 5", "should be of the item that was approved, and no other"),
        ("delete from checkout_exceptionvisit", "should be false: it did not count there then"),
        ("update checkout_exceptionticket set quantity = 2", "should be of the item that was approved, and no other"),
    ],
)
def test_a_recount_names_what_an_exception_did_not_bring(counter, sue, change, said):
    ticket = ask_for(counter)
    yes(counter, ticket, sue)
    given(ticket)
    assert recounted()[0] == []
    with inside(counter.at.retailer), connection.cursor() as cursor:
        cursor.execute(change)
        assert cursor.rowcount == 1
    assert any(said in one for one in recounted()[0])


# What the tables themselves refuse


def test_a_step_of_one_number_is_there_once(counter, sue):
    ticket = ask_for(counter)
    no(counter, ticket, sue)
    with inside(counter.at.retailer):
        twin = ExceptionStep(ticket=ticket, number=1, state="withdrawn", by=sue, decided_at=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            twin.save(force_insert=True)
        nothing = ExceptionStep(ticket=ticket, number=2, state="once", by=sue, decided_at=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            nothing.save(force_insert=True)
        assert last_step(ticket).state == "rejected"
        assert not Purchase.objects.exists()


def test_a_bad_code_is_told_in_words(counter):
    with pytest.raises(DomainError, match="no whole code"):
        ask_for(counter, code="036000291453")
    assert to_gtin14("036000291452")
