"""At the counter: a customer is met, buys, takes what is free or keeps it, and what went wrong is put right."""

from __future__ import annotations

from collections import Counter as Units
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from astro.accounts.models import User
from astro.cards.models import Card, NextStep, Redemption, State
from astro.cards.notes import set_note
from astro.cards.queries import ready_rewards
from astro.checkout.actions import Recorded, record_visit
from astro.checkout.basket import read_basket
from astro.checkout.choosing import Choice, Group, choosing
from astro.checkout.exceptions.actions import Asked, ask
from astro.checkout.finishing import finish_visit, read_finish
from astro.checkout.models import ExceptionReason, Purchase, Visit
from astro.checkout.undoing import remove_units, undo_redemption
from astro.customers.actions import add_customer, add_practice_customer, fill_in, give_code
from astro.customers.models import CodeKind, Customer
from astro.desk.demo import story
from astro.desk.demo.knowing import get_to_know
from astro.desk.demo.manners import Slip
from astro.desk.demo.people import Person
from astro.desk.demo.script import Counting
from astro.desk.demo.shelf import read_table
from astro.desk.demo.stage import Shop, Store
from astro.tenancy.models import Location

AT_THE_COUNTER = 0.8
"""How often it is a cashier, where a store has one, who rings up."""
FREE_ONE_WAS_SCANNED = 0.7
"""How often a free item that could be one of today's purchases is one: it was scanned before anybody thought of it."""
TAKES_THE_SAME = 0.7
PAPER_CARD = "paper_card"
SECONDS_TO_CHOOSE = (12, 70)
MINUTES_TO_NOTICE = (2, 25)


@dataclass(frozen=True, slots=True)
class Till:
    """Who stands at which till of a location."""

    location: Location
    by: User
    device_id: int

    @property
    def who(self) -> dict[str, Any]:
        return {"at": self.location, "by": self.by, "device_id": self.device_id}


@dataclass(frozen=True, slots=True)
class Scene:
    """A store at work. Nothing happens after `now`. `counting` says by location what each item fills.

    `kept` are rewards that their customers were asked about in vain, so that nobody asks again.
    """

    now: datetime
    store: Store
    counting: Mapping[str, Mapping[str, Sequence[Counting]]]
    rng: Random
    knowing: Random
    known: dict[Person, Customer] = field(default_factory=dict)
    kept: set[int] = field(default_factory=set)


def welcome(shopper: story.Shopper, *, scene: Scene) -> None:
    """A new customer, with the codes that they carry."""
    now, person, shop = shopper.joined_at, shopper.person, scene.store.shops[shopper.home]
    if shopper.is_practice:
        scene.known[person] = add_practice_customer(now=now)
        _get_to_know(shopper, scene=scene)
        return
    customer = add_customer(
        first_name=person.first_name,
        last_name=person.last_name,
        phone=person.phone,
        email=person.email,
        at=shop.location,
        by=shop.people[0],
        now=now,
    )
    for kind in shopper.codes:
        give_code(customer, kind=CodeKind(kind), now=now)
    scene.known[person] = customer
    _get_to_know(shopper, scene=scene)


def _get_to_know(shopper: story.Shopper, *, scene: Scene) -> None:
    shop = scene.store.shops[shopper.home]
    get_to_know(
        shopper,
        scene.known[shopper.person],
        by=shop.people[0],
        at=shop.location,
        now=shopper.joined_at,
        until=scene.now,
        rng=scene.knowing,
    )


def come(shopper: story.Shopper, told: story.Visit, *, scene: Scene) -> None:
    """One visit from the first scan to the door, and back again where something was wrong."""
    rng = scene.rng
    till, now = _till(scene.store.shops[told.place], rng), told.at + timedelta(seconds=rng.randrange(1, 4))
    visit = _ring_up(shopper, told, till=till, now=now, scene=scene)
    if told.note and visit.reason == PAPER_CARD:
        _note(visit, told.note, till=till, now=now + timedelta(seconds=50))
    given: list[Redemption] = []
    if visit.has_offer and told.slip != Slip.LEFT:
        now += timedelta(seconds=rng.randint(*SECONDS_TO_CHOOSE))
        given = _finish(shopper, visit, till=till, now=now, scene=scene)
    now += timedelta(minutes=rng.randint(*MINUTES_TO_NOTICE))
    if told.slip and now < scene.now and till.location.day(now) == visit.day:
        _put_right(shopper, visit, told.slip, given, till=till, now=now, scene=scene)


def ask_exception(row: Mapping[str, Any], *, at: Location, by: str) -> None:
    """An item that waits for approval, asked when its customer was here last. Where nobody has such a card, nothing."""
    known = [row["email"] for rows in read_table("names.toml").values() for row in rows if "does" in row]
    open_cards = Card.objects.filter(
        program_card__title=row["card"], program_card__program__title=row["program"], state=State.OPEN
    )
    strangers = open_cards.filter(customer__is_practice=False, customer__retired_at=None).exclude(
        customer__email__in=known
    )
    card = strangers.order_by("-last_punched_at", "id").first()
    if card is None:
        return
    asked = Asked(
        program_card_id=card.program_card_id,
        quantity=1,
        reason=ExceptionReason(row["reason"]),
        bought_at=card.last_punched_at,
        code=row["code"],
        description=row["item"],
        note=row["note"],
    )
    key, person = uuid5(NAMESPACE_OID, f"{at.name} {row['item']}"), User.objects.get_by_natural_key(by)
    ask(card.customer, asked, key=key, at=at, by=person, now=card.last_punched_at + timedelta(minutes=2))


def _till(shop: Shop, rng: Random) -> Till:
    by = shop.people[0] if rng.random() < AT_THE_COUNTER else rng.choice(shop.people)
    return Till(shop.location, by, rng.choice(shop.tills).pk)


def _ring_up(shopper: story.Shopper, told: story.Visit, *, till: Till, now: datetime, scene: Scene) -> Visit:
    """The basket goes in, with the reason that the till asks for where several units go onto one card."""
    customer, reason = scene.known[shopper.person], {}
    if _is_several(told, scene.counting[told.place], till.location):
        paper = {"reason": PAPER_CARD, "reason_text": ""}
        reason = paper if told.note else {"reason": shopper.manner.reason, "reason_text": shopper.manner.reason_text}
    basket = {
        "key": str(told.key),
        "occurred_at": told.at.isoformat(),
        "lines": [
            {"key": str(line.key), "product_id": str(scene.store.products[line.item.key].pk), "quantity": line.quantity}
            for line in told.lines
        ],
        **reason,
    }
    done = record_visit(customer, read_basket(basket, customer_id=customer.pk), now=now, **till.who)
    if not isinstance(done, Recorded):
        raise RuntimeError("The story tells of one visit twice.")
    return done.visit


def _is_several(told: story.Visit, counting: Mapping[str, Sequence[Counting]], at: Location) -> bool:
    day, units = at.day(told.at), Units[str]()
    for line in told.lines:
        for card in counting.get(line.item.key, ()):
            if card.first_day <= day <= card.last_day:
                units[card.card] += line.quantity
    return any(count > 1 for count in units.values())


def _note(visit: Visit, text: str, *, till: Till, now: datetime) -> None:
    """The note goes onto the card that got most of the visit."""
    most = max(visit.answer["cards"], key=lambda card: card["added"])
    card = Card.objects.get(
        customer=visit.customer_id, program_card=int(most["program_card_id"]), number=most["number"]
    )
    set_note(card, text=text, now=now, **till.who)


def _finish(shopper: story.Shopper, visit: Visit, *, till: Till, now: datetime, scene: Scene) -> list[Redemption]:
    """Choose what has been waited for long enough, keep the rest, press Finished."""
    customer, wanted = scene.known[shopper.person], visit.occurred_at - shopper.manner.patience
    waiting = ready_rewards(customer).filter(earned_at__lte=wanted)
    due, groups = set(waiting.values_list("pk", flat=True)) - scene.kept, []
    if due:
        found = choosing(customer, visit, at=till.location, day=visit.day)
        groups = [group for group in found.groups if group.offer.reward.pk in due and _tells(shopper, group)]
        scene.kept.update(due - {group.offer.reward.pk for group in groups})
    if any(group.needs for group in groups):
        scene.known[shopper.person] = fill_in(
            customer, email=shopper.person.email_if_asked, address=shopper.manner.home,
            at=till.location, by=till.by, now=now,
        )  # fmt: skip
    chosen: list[dict[str, Any]] = []
    for group in groups:
        was_scanned = any(row["is_scanned"] for row in chosen)
        chosen.append(_pick(group, may_be_scanned=not was_scanned, rng=scene.rng))
    return _press_finished(customer, visit, chosen, till=till, now=now, rng=scene.rng)


def _tells(shopper: story.Shopper, group: Group) -> bool:
    """Whether what the program asks for is known, or told when asked."""
    told = {"email": shopper.person.email_if_asked, "address": shopper.manner.home}
    return all(told[name] for name in group.needs.split())


def _pick(group: Group, *, may_be_scanned: bool = True, but: int | None = None, rng: Random) -> dict[str, Any]:
    """The item for one reward, mostly what was bought; one that was scanned today, where it can be that."""
    choices = [choice for choice in group.choices if choice.judged.item.product_id != but] or list(group.choices)
    scanned = [choice for choice in choices if choice.can_be_scanned]
    if scanned and may_be_scanned and rng.random() < FREE_ONE_WAS_SCANNED:
        return _chosen(group, scanned[0], is_scanned=True)
    choice = choices[0] if rng.random() < TAKES_THE_SAME else rng.choice(choices)
    return _chosen(group, choice, is_scanned=False)


def _chosen(group: Group, choice: Choice, *, is_scanned: bool) -> dict[str, Any]:
    return {
        "reward_id": str(group.offer.reward.pk),
        "product_id": str(choice.judged.item.product_id),
        "is_scanned": is_scanned,
    }


def _press_finished(
    customer: Customer,
    visit: Visit | None,
    chosen: Sequence[Mapping[str, Any]],
    *,
    till: Till,
    now: datetime,
    rng: Random,
) -> list[Redemption]:
    told = {
        "key": str(UUID(int=rng.getrandbits(128), version=4)),
        "visit": str(visit.key) if visit else None,
        "redemptions": chosen,
    }
    done = finish_visit(customer, read_finish(told, customer_id=customer.pk), now=now, **till.who)
    ids = [int(row["redemption_id"]) for row in done.sealing.answer["redemptions"]]
    return list(Redemption.objects.filter(pk__in=ids).order_by("redeemed_at", "id"))


def _put_right(
    shopper: story.Shopper,
    visit: Visit,
    slip: Slip,
    given: Sequence[Redemption],
    *,
    till: Till,
    now: datetime,
    scene: Scene,
) -> None:
    """Minutes later, at the same till. Where nothing came of the slip, there is nothing to be done."""
    if slip == Slip.UNIT_TOO_MANY and not given:
        _take_one_back(visit, till=till, now=now)
    elif slip in (Slip.WRONG_ITEM, Slip.NOT_WANTED) and given:
        wrong = given[0]
        step = NextStep.RESELECT if slip == Slip.WRONG_ITEM else NextStep.REMOVE
        undo_redemption(wrong, next_step=step, is_administrator=False, now=now, **till.who)
        if step == NextStep.RESELECT:
            customer = scene.known[shopper.person]
            again = choosing(customer, None, at=till.location, day=visit.day, reward_id=wrong.reward_id)
            chosen = [_pick(group, but=wrong.product_id, rng=scene.rng) for group in again.groups]
            later = now + timedelta(seconds=scene.rng.randint(*SECONDS_TO_CHOOSE))
            _press_finished(customer, None, chosen, till=till, now=later, rng=scene.rng)


def _take_one_back(visit: Visit, *, till: Till, now: datetime) -> None:
    """One unit of the line that has most of them; not the only one of the visit."""
    purchases = list(Purchase.objects.filter(visit=visit).select_related("location").order_by("id"))
    if sum(row.quantity for row in purchases) > 1:
        most = max(purchases, key=lambda row: row.quantity)
        remove_units(most, [most.quantity], is_administrator=False, now=now, **till.who)
