"""Asking an item onto a card that the program does not list, deciding that, and taking either back.

Each decision is a step with the next number, so that of two people at the same moment one decides. The punches of an
approval come after the commit, by the outbox: `give` writes them under a key that follows from the approval.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.cards.models import Punch, PunchState, Redemption
from astro.catalog.actions import add_product
from astro.catalog.models import Product
from astro.catalog.queries import product_by_gtin, valid_on
from astro.checkout.basket import Line
from astro.checkout.errors import NotYet
from astro.checkout.exceptions import telling
from astro.checkout.exceptions.errors import AskedBefore, BadException, DecidedBefore, HandedOut
from astro.checkout.exceptions.queries import last_step, waiting_exceptions
from astro.checkout.late import enter_late
from astro.checkout.models import (
    MOST_EXCEPTED,
    ExceptionReason,
    ExceptionState,
    ExceptionStep,
    ExceptionTicket,
    ExceptionVisit,
    LateWhy,
    Purchase,
    Visit,
)
from astro.checkout.undoing import undo_visit
from astro.customers.models import Customer
from astro.kit.gtin import GtinError, to_gtin14
from astro.kit.outbox.queue import put
from astro.programs.models import ProgramCard, ProgramItem
from astro.programs.queries import enrolled_on
from astro.tenancy.current import platform
from astro.tenancy.models import Location

GIVE = "checkout.give_exception"
LONGEST_DESCRIPTION, LONGEST_NOTE, LONGEST_SENTENCE = 160, 200, 300
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the store tells of the item: a code in any form that is printed, or "", and what it is called.

    `paid_cents`: what was paid for it, where the card gives cash back.
    """

    program_card_id: int
    quantity: int
    reason: ExceptionReason
    bought_at: datetime
    code: str = ""
    description: str = ""
    paid_cents: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An item that support adds to everyone's catalogue."""

    name: str
    size: str = ""
    code: str = ""


@transaction.atomic
def ask(customer: Customer, asked: Asked, *, key: UUID, at: Location, by: User, now: datetime) -> ExceptionTicket:
    """Ask an item onto a card, exactly once for its key, and tell support. Nothing counts before it is approved.

    Raises BadException, NotYet for a purchase to come, AskedBefore where the key stands with something else, and as
    `open_ticket` does.
    """
    gtin = _gtin(asked.code)
    product = product_by_gtin(gtin) if gtin else None
    told = {field.name: getattr(asked, field.name) for field in fields(asked) if field.name != "code"}
    told["description"] = asked.description or (str(product) if product else "")
    told |= {"gtin": gtin, "customer_id": customer.pk, "location_id": at.pk}
    known = ExceptionTicket.objects.filter(key=key).first()
    if known is None:
        _check(customer, asked, gtin, product, key=key, at=at, now=now)
        ticket = ExceptionTicket(key=key, product_id=product.pk if product else None, asked_by=by, asked_at=now, **told)
        try:
            with transaction.atomic():
                ticket.save(force_insert=True)
        except IntegrityError:
            known = ExceptionTicket.objects.filter(key=key).first()
            if known is None:
                raise
        else:
            telling.open_talk(ticket, at=at, by=by, now=now)
            record(
                "exception asked", ticket, by=by, at=at, now=now,
                program_card_id=asked.program_card_id, reason=str(asked.reason), units=asked.quantity,
            )  # fmt: skip
            return ticket
    del told["bought_at"]  # now, of whichever of the two came
    if any(getattr(known, name) != value for name, value in told.items()):
        raise AskedBefore
    return known


@transaction.atomic
def withdraw(ticket: ExceptionTicket, *, by: User, at: Location, now: datetime) -> bool:
    """The store takes it back while it waits. False where it had done so already. Raises DecidedBefore."""
    last = last_step(ticket)
    if last is not None and last.state == ExceptionState.WITHDRAWN:
        return False
    _step(ticket, last, ExceptionState.WITHDRAWN, by=by, now=now)
    telling.tell_support(ticket, _("The store withdrew this exception."), by=by, now=now)
    record("exception withdrawn", ticket, by=by, at=at, now=now)
    return True


@transaction.atomic
def approve(
    ticket: ExceptionTicket, item: Product | NewItem, *, is_listed: bool, sentence: str = "", by: User, now: datetime
) -> ExceptionStep:
    """In the brand's name: its punches come. `is_listed`: from today on the item counts on that card for everyone.

    Inside the store's wall; what becomes everyone's is written as the platform. Raises BadException for an item that
    only this store knows and is to be listed, DecidedBefore, and as `add_product` does.
    """
    place, day = ticket.location, ticket.location.day(now)
    last = last_step(ticket)
    with platform("support approves an exception into a brand's program"):
        card = ProgramCard.objects.select_related("program__brand").get(pk=ticket.program_card_id)
        product = item if isinstance(item, Product) else _added(item, card, from_on=place.day(ticket.bought_at))
        if is_listed and product.retailer_id is not None:
            raise BadException(
                _("This item is the store's own. Choose one of everybody's, or add it as a new one."), field="item"
            )
        item_id = _listed(card, product, from_on=day) if is_listed else None
    state = ExceptionState.LISTED if is_listed else ExceptionState.ONCE
    step = _step(ticket, last, state, sentence=_tidy(sentence), product_id=product.pk, item_id=item_id, by=by, now=now)
    job = {"ticket": ticket.pk, "number": step.number}
    put(GIVE, job, retailer_id=ticket.retailer_id, dedupe=f"exception {ticket.pk} {step.number}", now=now)
    telling.tell_store(ticket, step, item=str(product), by=by, now=now)
    record("exception approved", ticket, by=by, at=place, now=now, product_id=product.pk, is_listed=is_listed)
    return step


@transaction.atomic
def reject(ticket: ExceptionTicket, *, sentence: str, by: User, now: datetime) -> ExceptionStep:
    """In the brand's name: nothing counts, and the store reads why. Raises BadException without words, and
    DecidedBefore."""
    told = _tidy(sentence)
    if not told:
        raise BadException(_("Say why in a few words: the store reads it."), field="reason")
    step = _step(ticket, last_step(ticket), ExceptionState.REJECTED, sentence=told, by=by, now=now)
    telling.tell_store(ticket, step, by=by, now=now)
    record("exception rejected", ticket, by=by, at=ticket.location, now=now)
    return step


@transaction.atomic
def take_back(ticket: ExceptionTicket, *, sentence: str, by: User, now: datetime) -> ExceptionStep:
    """Support's decision did not hold: it waits again. The punches that it brought go, and its line of the product list
    ends yesterday; what others bought meanwhile stays.

    Raises BadException without words, HandedOut where a free item was given for these punches, and DecidedBefore where
    support has decided nothing.
    """
    told = _tidy(sentence)
    if not told:
        raise BadException(_("Say why in a few words: the store reads it."), field="reason")
    _locked(ticket)  # before the step is read: the punches of an approval are given under this lock
    last = last_step(ticket)
    if last is None or not (last.is_approval or last.state == ExceptionState.REJECTED):
        raise DecidedBefore
    step = _step(ticket, last, ExceptionState.WAITING, sentence=told, by=by, now=now)
    given = ExceptionVisit.objects.filter(step=last).select_related("visit__location").first()
    if given:
        if _paid_for_something(given.visit):
            raise HandedOut
        undo_visit(given.visit, at=ticket.location, by=by, is_administrator=True, now=now)
    if last.item_id:
        with platform("support takes an exception off a brand's product list"):
            items = ProgramItem.objects.filter(pk=last.item_id, until_on__isnull=True)
            items.update(until_on=ticket.location.day(now) - ONE_DAY)
    telling.tell_store(ticket, step, by=by, now=now)
    record("exception decision taken back", ticket, by=by, at=ticket.location, now=now, was=last.state)
    return step


@transaction.atomic
def give(ticket: ExceptionTicket, *, number: int, now: datetime) -> Visit | None:
    """The punches of an approval, once, as a late entry of the moment of the purchase. None where the approval was
    taken back before, the punches stand already, or the customer has been erased."""
    customer = _locked(ticket)
    ticket.refresh_from_db()
    step = last_step(ticket)
    if step is None or step.number != number or not step.is_approval or step.product_id is None:
        return None
    if ExceptionVisit.objects.filter(step=step).exists():
        return None
    key = visit_key(step)
    place = ticket.location
    try:
        done = enter_late(
            customer,
            [Line(uuid5(key, "line 1"), step.product_id, ticket.quantity, ticket.paid_cents)],
            key=key,
            occurred_at=ticket.bought_at,
            why=LateWhy.EXCEPTION,
            onto=ticket.program_card_id,
            at=place,
            by=ticket.asked_by,
            now=now,
        )
    except Customer.DoesNotExist:  # removed since, and merged into nobody
        telling.tell_lost(ticket, now=now)
        return None
    given = ExceptionVisit(step=step, visit=done.visit, program_card_id=ticket.program_card_id, given_at=now)
    given.save(force_insert=True)
    record("exception given", ticket, by=ticket.asked_by, at=place, now=now, units=ticket.quantity)
    return done.visit


def visit_key(step: ExceptionStep) -> UUID:
    """Follows from the ticket and the approval: a second try finds the visit there."""
    return uuid5(step.ticket.key, f"visit {step.number}")


def _step(
    ticket: ExceptionTicket,
    last: ExceptionStep | None,
    state: ExceptionState,
    *,
    sentence: str = "",
    product_id: int | None = None,
    item_id: int | None = None,
    by: User,
    now: datetime,
) -> ExceptionStep:
    """The step after `last`. Raises DecidedBefore where that one does not allow it, or another came first."""
    is_over = last is not None and last.state != ExceptionState.WAITING
    if is_over != (state == ExceptionState.WAITING):
        raise DecidedBefore
    step = ExceptionStep(
        ticket=ticket,
        number=last.number + 1 if last else 1,
        state=state,
        sentence=sentence,
        product_id=product_id,
        item_id=item_id,
        by=by,
        decided_at=now,
    )
    try:
        with transaction.atomic():
            step.save(force_insert=True)
    except IntegrityError as problem:
        raise DecidedBefore from problem
    return step


def _check(
    customer: Customer, asked: Asked, gtin: str, product: Product | None, *, key: UUID, at: Location, now: datetime
) -> None:
    if customer.is_practice:
        raise BadException(
            _("%(name)s is there to practice with, so nothing can be asked onto this card.") % {"name": customer.name}
        )
    if not asked.description and product is None:
        raise BadException(_("Say what the item is: brand, name and size, as it stands on it."), field="description")
    if not 1 <= asked.quantity <= MOST_EXCEPTED:
        raise BadException(_("Type a quantity from 1 to %(most)s.") % {"most": MOST_EXCEPTED}, field="quantity")
    if asked.reason == ExceptionReason.NEW and not gtin:
        raise BadException(_("Scan or type the code of the new item: the product list goes by it."), field="code")
    if asked.reason == ExceptionReason.AUTHORIZED and not asked.note:
        raise BadException(_("Say who authorized it, and on which day."), field="note")
    if asked.bought_at > now:
        raise NotYet
    _check_card(asked, product, at=at, day=at.day(asked.bought_at))
    same = Q(gtin=gtin) if gtin else Q(description__iexact=asked.description)
    others = waiting_exceptions(customer).exclude(key=key)  # its own twin may have come a moment ago
    if others.filter(same, program_card=asked.program_card_id).exists():
        raise BadException(
            _("This item waits for approval on this card already. Withdraw that exception first, or wait for it."),
            status=409,
        )


def _check_card(asked: Asked, product: Product | None, *, at: Location, day: date) -> None:
    card = next((one for one in enrolled_on(at, day=day) if one.program_card_id == asked.program_card_id), None)
    if card is None:
        raise BadException(_("%(place)s takes no part in this program now. Choose another card.") % {"place": at.name})
    if not ProgramCard.objects.filter(pk=card.program_card_id, program__retailer__isnull=True).exists():
        raise BadException(
            _("This is your store's own program. An administrator can add the item to it under Frequent Buyer.")
        )
    if product is not None and product.pk in card.product_ids:
        raise BadException(
            _("%(item)s is on the list of this card already. Add it to the basket.") % {"item": product}, field="code"
        )
    if card.rule.gives == "back" and (asked.paid_cents is None or asked.quantity != 1):
        raise BadException(_("This card gives cash back: ask for one item, and say what was paid."), field="paid")


def _added(item: NewItem, card: ProgramCard, *, from_on: date) -> Product:
    """A new product of the program's brand, for everyone, known from the day on which it was bought."""
    return add_product(
        item.name,
        brand=card.program.brand,
        size=item.size,
        species=card.species,
        category=card.program.category,
        gtins=[item.code] if item.code else [],
        from_on=from_on,
    )


def _listed(card: ProgramCard, product: Product, *, from_on: date) -> int | None:
    """The product fills the card from that day on, and may be its reward where everything that fills it may. None where
    it stands on the list already."""
    rows = ProgramItem.objects.filter(program_card=card, product=product)
    if rows.filter(valid_on(from_on), fills=True, until_on__isnull=True).exists():
        return None
    is_reward = not ProgramItem.objects.filter(
        valid_on(from_on), program_card=card, fills=True, is_reward=False, opens=False
    ).exists()
    was_reward = rows.filter(valid_on(from_on), is_reward=True).exists()
    rows.filter(until_on__isnull=True).update(until_on=from_on - ONE_DAY)
    item = ProgramItem(program_card=card, product=product, is_reward=is_reward or was_reward, from_on=from_on)
    try:
        with transaction.atomic():
            item.save(force_insert=True)
    except IntegrityError:  # another approval of the same item, at the same moment
        return None
    return item.pk


def _paid_for_something(visit: Visit) -> bool:
    """Whether a free item was given for a card with punches of this visit."""
    causes = Purchase.objects.filter(visit=visit).values("id")
    punches = Punch.objects.filter(cause_kind="purchase", cause_id__in=causes).exclude(state=PunchState.VOIDED)
    return bool(Redemption.objects.filter(card__in=punches.values("card_id"), is_live=True).exists())


def _locked(ticket: ExceptionTicket) -> Customer:
    """The customer whose it is, who may be another one since two accounts were merged."""
    while True:
        customer: Customer = Customer.objects.select_for_update().get(pk=ticket.customer_id)
        now_of = ExceptionTicket.objects.values_list("customer_id", flat=True).get(pk=ticket.pk)
        if now_of == customer.pk:
            return customer
        ticket.customer_id = now_of


def _gtin(code: str) -> str:
    if not code:
        return ""
    try:
        return to_gtin14(code)
    except GtinError as problem:
        raise BadException(
            _("“%(code)s” is no whole code. Scan it, or leave it out and choose that it cannot be read.")
            % {"code": code[:40]},
            field="code",
        ) from problem


def _tidy(sentence: str) -> str:
    return " ".join(sentence.split())[:LONGEST_SENTENCE]
