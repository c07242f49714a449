"""The second half of a visit: rewards are chosen, or kept for next time, and the visit is sealed.

What was bought stands since the first half. A visit that nobody finishes is sealed by the clock, with nothing redeemed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.cards.actions import Item, redeem, take_unit
from astro.cards.errors import AlreadyRedeemed, NotReady
from astro.cards.models import Redemption, Reward, RewardState
from astro.cards.queries import ready_rewards
from astro.catalog.queries import barcodes_of
from astro.checkout.basket import Answer, fingerprint_of, read_answers, read_id, read_uuid, told_answers
from astro.checkout.errors import BadVisit, FinishedBefore, NotFinished
from astro.checkout.fields.answering import answer_rows, judged_answers, told_in_event
from astro.checkout.fields.judging import Asking, Judged
from astro.checkout.models import AskedFor, Purchase, Sealed, Sealing, Visit
from astro.checkout.offers import GIFT, Offer, offers
from astro.checkout.proof import proof_of
from astro.checkout.units import living_units
from astro.credits.actions import owe
from astro.customers.models import Customer
from astro.customers.queries import living_or_kept
from astro.kit import plain
from astro.kit.ids import new_uuid7
from astro.programs.models import Gives
from astro.programs.queries import enrollment_for_redemption
from astro.programs.totals import AllGiven, claim, is_counted
from astro.tenancy.models import Location

MOST_CHOSEN = 50


@dataclass(frozen=True, slots=True)
class Chosen:
    """One reward and the item for it (`offers.GIFT`: no item). `is_scanned`: this visit scanned it as a purchase."""

    reward_id: int
    product_id: int
    is_scanned: bool


@dataclass(frozen=True, slots=True)
class Finish:
    """What the till sent; `fingerprint` is the same for the same body only. Without a visit only rewards are given."""

    key: UUID
    visit_key: UUID | None
    chosen: tuple[Chosen, ...]
    fingerprint: str
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """A visit that is sealed. `is_again`: it was already, and this is the first answer once more."""

    visit: Visit
    sealing: Sealing
    is_again: bool = False


def read_finish(data: Mapping[str, Any], *, customer_id: int) -> Finish:
    """`{key, visit, redemptions: [{reward_id, product_id, is_scanned}], answers?: [{field, value}]}`. Raises BadVisit.

    Where nothing is handed out, nothing is asked about it: answers are left out then.
    """
    rows = data.get("redemptions", [])
    if not isinstance(rows, list) or len(rows) > MOST_CHOSEN:
        raise BadVisit(
            _("Up to %(most)s rewards can be redeemed at once.") % {"most": MOST_CHOSEN}, field="redemptions"
        )
    chosen = tuple(_chosen(row) for row in rows)
    if len({one.reward_id for one in chosen}) != len(chosen):
        raise BadVisit(_("One reward was chosen twice. Pick one item for each."), field="redemptions")
    key = read_uuid(data.get("key"))
    visit_key = read_uuid(data["visit"]) if data.get("visit") else None
    if visit_key is None and not chosen:
        raise BadVisit(_("Pick the free item first, or keep the reward for next time."), field="redemptions")
    told: list[Any] = [
        str(customer_id),
        str(key),
        str(visit_key),
        [[one.reward_id, one.product_id, one.is_scanned] for one in chosen],
    ]
    answers = read_answers(data) if chosen else ()
    told += [told_answers(answers)] if answers else []
    return Finish(key, visit_key, chosen, fingerprint_of(told), answers)


@transaction.atomic
def finish_visit(
    customer: Customer, finish: Finish, *, at: Location, by: User | None, device_id: int | None = None, now: datetime
) -> Finished:
    """Hand out what was chosen, exactly once for the till's key, and seal the visit.

    Raises NotFinished with the reason why an item may not be given, FinishedBefore when the visit was finished with
    other choices, Unfit for an answer that is missing or does not fit, and what `cards.actions.redeem` raises. Then
    nothing is written.
    """
    customer = _locked(customer.pk)
    stood = Sealing.objects.filter(key=finish.key).select_related("visit").first()
    if stood:
        if stood.body_hash != finish.fingerprint:
            raise FinishedBefore
        return Finished(stood.visit, stood, is_again=True)
    judged: list[Judged] = []
    if finish.chosen:
        asking = Asking.AT_THE_TILL
        judged = judged_answers(finish.answers, asked_for=AskedFor.REDEMPTION, at=at, asking=asking)
    visit = _visit(customer, finish, at=at, by=by, device_id=device_id, now=now)
    taken = _take_scanned(customer, finish.chosen, visit=visit, today=at.day(now))
    wanted = [one.reward_id for one in finish.chosen]
    offered = {offer.reward.pk: offer for offer in offers(customer, at=at, day=at.day(now), reward_ids=wanted)}
    given = [
        _give(customer, one, offered, taken.get(one), visit=visit, at=at, by=by, device_id=device_id, now=now)
        for one in finish.chosen
    ]
    kept = ready_rewards(customer).count()
    sealing = Sealing(
        visit=visit,
        key=finish.key,
        body_hash=finish.fingerprint,
        how=Sealed.FINISHED,
        by=by,
        device_id=device_id,
        sealed_at=now,
        answer={"redemptions": given, "kept": kept},
    )
    _save_first(sealing)
    plain.insert(answer_rows(visit, judged, asked_for=AskedFor.REDEMPTION, now=now))
    record(
        "visit finished",
        visit,
        by=by,
        at=at,
        now=now,
        device_id=device_id,
        redemptions=len(given),
        kept=kept,
        is_practice=customer.is_practice,
        **told_in_event(judged),
    )
    return Finished(visit, sealing)


def seal_left_open(*, now: datetime) -> int:
    """Seal what was left open on an earlier day of its location: nothing is redeemed, the rewards wait. Says how many.

    For the current retailer; may run any number of times.
    """
    left = Visit.objects.filter(has_offer=True, sealings__isnull=True)
    visits = [visit for visit in left.select_related("location") if visit.day < visit.location.day(now)]
    sealings = [
        Sealing(visit=visit, key=new_uuid7(now), how=Sealed.MIDNIGHT, sealed_at=now, answer={"redemptions": []})
        for visit in visits
    ]
    Sealing.objects.bulk_create(sealings, ignore_conflicts=True)
    return len(sealings)


def _locked(customer_id: int) -> Customer:
    """The customer, or whom their account was merged into meanwhile."""
    living = Customer.objects.select_for_update().filter(retired_at__isnull=True)
    asked = customer_id
    while (row := living.filter(pk=asked).first()) is None:  # who is retired is not locked, as in `hot_path.look`
        kept = living_or_kept(asked)
        if kept is None:
            return Customer.objects.select_for_update().get(pk=customer_id)
        asked = kept.pk
    return row


def _chosen(row: Any) -> Chosen:
    reward_id, product_id = (read_id(row.get(name)) if isinstance(row, dict) else None for name in _IDS)
    if reward_id is None or product_id is None:
        raise BadVisit(_("A choice names no reward or no item. Reload the page and pick again."), field="redemptions")
    return Chosen(reward_id, product_id, row.get("is_scanned") is True)


_IDS = ("reward_id", "product_id")


def _visit(
    customer: Customer, finish: Finish, *, at: Location, by: User | None, device_id: int | None, now: datetime
) -> Visit:
    """The visit that is to be finished; where none is named, one that only hands rewards out."""
    if finish.visit_key:
        visit = Visit.objects.filter(key=finish.visit_key, customer=customer).first()
        if visit is None:
            raise NotFinished(_("That visit is not on record. Check the basket out first."), status=404)
        if not visit.has_offer or Sealing.objects.filter(visit=visit).exists():
            raise FinishedBefore
        return visit
    visit = Visit(
        key=finish.key,
        body_hash=finish.fingerprint,
        customer=customer,
        location=at,
        by=by,
        device_id=device_id,
        occurred_at=now,
        recorded_at=now,
        day=at.day(now),
        is_practice=customer.is_practice,
        has_offer=True,
        answer={"lines": [], "cards": [], "punches": 0, "rewards": 0},
    )
    _save_first(visit)
    return visit


def _save_first(row: Visit | Sealing) -> None:
    """Insert it. Raises FinishedBefore where its key, or the visit's sealing, stands: under another customer's lock, or
    by the clock, which locks nobody."""
    try:
        row.save(force_insert=True)
    except IntegrityError as problem:
        raise FinishedBefore from problem


def _take_scanned(
    customer: Customer, chosen: Iterable[Chosen], *, visit: Visit, today: date
) -> dict[Chosen, tuple[int, int]]:
    """The units that are free items themselves leave their cards before any reward is judged by what is on its own."""
    taken: dict[Chosen, tuple[int, int]] = {}
    for one in chosen:
        if one.is_scanned:
            reward = _reward(customer, one.reward_id)
            taken[one] = _scanned_unit(visit, one.product_id, besides=taken.values())
            take_unit(reward, taken[one], today=today)
    return taken


def _give(
    customer: Customer,
    chosen: Chosen,
    offered: Mapping[int, Offer],
    taken: tuple[int, int] | None,
    *,
    visit: Visit,
    at: Location,
    by: User | None,
    device_id: int | None,
    now: datetime,
) -> dict[str, Any]:
    """One reward handed out, and its credit line; what the till is told of it."""
    offer = offered.get(chosen.reward_id)
    if offer is None:
        _reward(customer, chosen.reward_id)  # says why not
        raise NotReady
    program_card = offer.reward.program_card
    item = _allowed(offer, chosen.product_id, currency=at.retailer.currency)
    if is_counted(program_card.program, is_practice=customer.is_practice):
        claim(program_card.program, cents=item.gift_cents or 0)
    redemption = redeem(
        offer.reward,
        item,
        visit_id=visit.pk,
        taken=taken,
        at=at,
        by=by,
        device_id=device_id,
        now=now,
        is_practice=customer.is_practice,
    )
    enrollment = enrollment_for_redemption(at, program_id=program_card.program_id, day=redemption.day)
    owe(
        redemption,
        customer=customer,
        program_card=program_card,
        enrollment=enrollment,
        proof=proof_of(offer.reward.card_id),
        now=now,
    )
    return _told(redemption, offer)


def _reward(customer: Customer, reward_id: int) -> Reward:
    reward = Reward.objects.filter(pk=reward_id, customer=customer).first()
    if reward is None:
        raise NotFinished(_("This reward is not %(name)s's. Open the customer again.") % {"name": customer.name}, 404)
    if reward.state == RewardState.REDEEMED:
        raise AlreadyRedeemed
    if reward.state == RewardState.WITHDRAWN:
        raise NotReady
    return reward


def _scanned_unit(visit: Visit, product_id: int, *, besides: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """The last unit of that product that this visit scanned and that still counts."""
    purchases = Purchase.objects.filter(visit=visit, product_id=product_id)
    units = sorted(living_units(purchases) - set(besides))
    if not units:
        raise NotFinished(
            _("This item is not among what was just scanned. Pick it as another one, or scan it."), field="is_scanned"
        )
    return units[-1]


def _allowed(offer: Offer, product_id: int, *, currency: str) -> Item:
    """The item, if the rule lets it be given and the customer left what the program asks for."""
    if offer.ended_on:
        sentence = _("%(program)s ended on %(day)s, and its rewards with it.")
        raise NotFinished(
            sentence % {"program": offer.reward.program_card.program.title, "day": offer.ended_on}, field="reward_id"
        )
    if offer.is_spent:
        raise AllGiven
    if offer.needs_email:
        raise NotFinished(
            _("%(brand)s asks for an e-mail address. Type it in.") % {"brand": offer.brand}, field="email"
        )
    if offer.needs_address:
        raise NotFinished(_("%(brand)s asks for a home address. Type it in.") % {"brand": offer.brand}, field="address")
    if offer.is_gift and product_id == GIFT:
        (given,) = offer.items
        is_sum = offer.gives in (Gives.MONEY, Gives.BACK)
        cents = given.value_cents if is_sum else None
        return Item(None, given.item.name, "", "", None, currency, gives=offer.gives, gift_cents=cents)
    judged = next((one for one in offer.items if one.item.product_id == product_id), None)
    if judged is None:
        raise NotFinished(_("It is not on the reward list of this card."), field="product_id")
    if not judged.is_allowed:
        raise NotFinished(judged.why_not, field="product_id")
    gtin = barcodes_of([product_id]).get(product_id, "")
    return Item(product_id, judged.item.name, judged.item.size, gtin, judged.value_cents, currency)


def _told(redemption: Redemption, offer: Offer) -> dict[str, Any]:
    return {
        "redemption_id": str(redemption.pk),
        "reward_id": str(redemption.reward_id),
        "name": redemption.name,
        "size": redemption.size,
        "gtin": redemption.gtin,
        "msrp_cents": redemption.msrp_cents,
        "currency": redemption.currency,
        "title": offer.title,
        "brand": offer.brand,
        "is_scanned": redemption.taken_purchase_id is not None,
        "gives": str(redemption.gives),
        "gift_cents": redemption.gift_cents,
    }
