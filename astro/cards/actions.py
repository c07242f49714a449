"""What happens to a customer's cards. Every action here expects the customer's lock, and says in whose name it acts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Max, Q, Sum

from astro.accounts.models import User
from astro.cards.errors import AlreadyRedeemed, FullOnlyWithIt, NotReady
from astro.cards.models import (
    Card,
    NextStep,
    Punch,
    PunchState,
    Redemption,
    RedemptionUndo,
    Reward,
    RewardState,
    State,
)
from astro.cards.standing import COUNTING, Plan, hand_of, histories_of
from astro.cards.writing import STATES, write_dealt, write_stamped
from astro.customers.models import Customer
from astro.kit import plain
from astro.programs.engine.dealing import deal
from astro.programs.engine.terms import Key, Placement
from astro.programs.models import Gives
from astro.tenancy.models import Location


@dataclass(frozen=True, slots=True)
class Item:
    """The free item, with a copy of what it is called and costs that day; or what is given in its place (`gives`)."""

    product_id: int | None
    name: str
    size: str
    gtin: str
    msrp_cents: int | None
    currency: str
    gives: str = Gives.ITEM
    gift_cents: int | None = None


def punch_cards(
    customer: Customer,
    plans: Mapping[int, Plan],
    *,
    cause_kind: str,
    at: Location,
    by: User | None,
    device_id: int | None,
) -> None:
    """Write what was planned (`queries.plan`), by program card.

    Raises CardMoved when a round changed since it was read: then the customer was not locked.
    """

    def new_punch(place: Placement, card_id: int, program_card_id: int) -> Punch:
        unit = place.unit
        return Punch(
            card_id=card_id,
            customer_id=customer.pk,
            program_card_id=program_card_id,
            rule_id=unit.rule.rule_id,
            location_id=at.pk,
            position=place.position,
            state=STATES[place.how],
            pile=unit.pile,
            cents=unit.cents,
            opens=unit.opens,
            cause_kind=cause_kind,
            cause_id=unit.cause_id,
            unit=unit.unit,
            product_id=unit.product_id,
            day=unit.day,
            occurred_at=unit.occurred_at,
            by_id=by.pk if by else None,
            device_id=device_id,
        )

    write_stamped(customer, {pk: plan for pk, plan in plans.items() if plan.history is None}, new_punch)
    for pk, plan in plans.items():
        if plan.history is not None:
            write_dealt(
                customer,
                pk,
                cards=plan.holding.cards,
                history=plan.history,
                rounds=plan.dealing.rounds,
                placements=plan.dealing.placements,
                new_punch=new_punch,
            )


def deal_again(
    customer: Customer,
    program_card_ids: Iterable[int],
    *,
    today: date,
    back: Mapping[Key, int | None] | None = None,
    released: Collection[Key] = (),
) -> None:
    """Deal these program cards anew from their living units, and write what differs. Again changes nothing.

    `back` are units that count again, each with the position that it had, where that is known; `released` are those
    that stood in for them.
    """
    wanted = set(program_card_ids)
    held = hand_of(customer, wanted).holdings
    histories = histories_of(customer, wanted, back=back or {}, released=released)
    for pk, history in histories.items():
        dealing = deal(history.units, pinned=history.pinned, today=today)
        write_dealt(
            customer,
            pk,
            cards=held[pk].cards,
            history=history,
            rounds=dealing.rounds,
            placements=dealing.placements,
        )


def void_units(customer: Customer, units: Collection[Key], *, cause_kind: str, today: date) -> None:
    """These units were not bought: their punches count no longer, and what is left is dealt again.

    Where a punch lay on a card whose reward was handed out, the next unit takes its place; where there is none, the
    card owes it.
    """
    _turn(customer, units, cause_kind, COUNTING, PunchState.VOIDED, today=today)


def put_back_units(
    customer: Customer,
    units: Mapping[Key, int | None],
    *,
    cause_kind: str,
    today: date,
    released: Collection[Key] = (),
) -> None:
    """These units were bought after all: each takes the position that it had, and those that stood in for them are
    `released` from the card whose reward was handed out."""
    _turn(
        *(customer, units, cause_kind, [PunchState.VOIDED], PunchState.EXPIRED),
        today=today,
        seats=units,
        released=released,
    )


def repile(customer: Customer, piles: Mapping[int, int], *, today: date) -> None:
    """Punches, by id, belong to another pile from now on, so that they fill a card of their own. Those on a card whose
    reward was handed out stay as they are."""
    pinned = Reward.objects.filter(customer=customer, state=RewardState.REDEEMED).values("card")
    loose = ~Q(card__in=pinned) | Q(state=PunchState.OVER)
    punches = list(Punch.objects.filter(loose, customer=customer, pk__in=list(piles)))
    for punch in punches:
        punch.pile = piles[punch.pk]
    Punch.objects.bulk_update(punches, ["pile"], batch_size=200)
    deal_again(customer, {punch.program_card_id for punch in punches}, today=today)


def hand_over(
    giver: Customer, taker: Customer, punches: Collection[int], *, today: date, released: Collection[Key] = ()
) -> None:
    """These punches are `taker`'s from now on, as if they had bought the items. Both are locked by the caller.

    Those on a card whose reward was handed out stay where they are, but for the `released`, which only stood in there;
    and so does what was given as a free item.
    """
    given = Reward.objects.filter(customer=giver, state=RewardState.REDEEMED)
    pinned = set(given.values_list("card_id", flat=True))
    named = Punch.objects.filter(customer=giver, pk__in=list(punches)).exclude(state=PunchState.FREE)
    moved: dict[int, list[Punch]] = defaultdict(list)
    for punch in named.select_related("card__rule").order_by("occurred_at"):
        is_loose = punch.card_id not in pinned or punch.state == PunchState.OVER
        if is_loose or (punch.cause_id, punch.unit) in released:
            moved[punch.program_card_id].append(punch)
    for program_card_id, mine in moved.items():
        home = Card.objects.filter(customer=taker, program_card=program_card_id).order_by("number").first()
        home = home or empty_card(taker, mine[0])
        rows = Punch.objects.filter(pk__in=[punch.pk for punch in mine])
        rows.filter(state__in=COUNTING).update(position=None, state=PunchState.EXPIRED)
        rows.update(customer=taker, card=home)
        keys = {(punch.cause_id, punch.unit) for punch in mine}
        deal_again(giver, [program_card_id], today=today)
        deal_again(taker, [program_card_id], today=today, released=keys)


@dataclass(frozen=True, slots=True)
class Moments:
    """When a card that owes a punch was opened, punched last and filled; and how many punches it had then."""

    punches: int
    opened_at: datetime
    last_punched_at: datetime
    filled_at: datetime | None
    filled_on: date | None


def filled_then(moments: Mapping[int, Moments]) -> None:
    """Cards, by id, that owe as they did then say again when they were filled: what paid for them, and was taken back,
    had told another moment."""
    for pk, then in moments.items():
        told = {name: getattr(then, name) for name in ("opened_at", "last_punched_at", "filled_at", "filled_on")}
        Card.objects.filter(pk=pk, punches=then.punches, punches__lt=F("need")).update(**told)


def owe_from(cards: Mapping[int, datetime | None]) -> None:
    """From when on what is bought pays for what these cards owe, by card; None: whatever is there does at once."""
    for pk, moment in cards.items():
        Card.objects.filter(pk=pk).update(owed_from=moment)


def empty_card(customer: Customer, punch: Punch) -> Card:
    """For the first punch of a program card that this customer gets from another."""
    card = Card(
        customer=customer,
        program_card_id=punch.program_card_id,
        rule_id=punch.card.rule_id,
        number=1,
        need=punch.card.rule.buy,
        state=State.EMPTY,
        opened_at=punch.occurred_at,
        last_punched_at=punch.occurred_at,
    )
    card.save(force_insert=True)
    return card


def redeem(
    reward: Reward,
    item: Item,
    *,
    visit_id: int,
    taken: Key | None,
    at: Location,
    by: User | None,
    device_id: int | None,
    now: datetime,
    is_practice: bool,
) -> Redemption:
    """Hand a reward out. `taken` names the unit that turned out to be the free item (see `take_unit`).

    Raises AlreadyRedeemed, and NotReady when the card is not full any more.
    """
    if Reward.objects.filter(pk=reward.pk, state=RewardState.READY).update(state=RewardState.REDEEMED) != 1:
        state = Reward.objects.values_list("state", flat=True).get(pk=reward.pk)
        raise AlreadyRedeemed if state == RewardState.REDEEMED else NotReady
    redemption = Redemption(
        reward=reward,
        card_id=reward.card_id,
        customer_id=reward.customer_id,
        program_card_id=reward.program_card_id,
        location=at,
        product_id=item.product_id,
        gives=item.gives,
        gift_cents=item.gift_cents,
        gtin=item.gtin,
        name=item.name,
        size=item.size,
        msrp_cents=item.msrp_cents,
        currency=item.currency,
        day=at.day(now),
        redeemed_at=now,
        visit_id=visit_id,
        taken_purchase_id=taken[0] if taken else None,
        taken_unit=taken[1] if taken else None,
        by=by,
        device_id=device_id,
        is_practice=is_practice,
    )
    if not plain.insert([redemption], unless_there=True):  # the schema says no even where the lock was forgotten
        raise AlreadyRedeemed
    if not Reward.objects.filter(card=reward.card_id, state=RewardState.READY).exists():
        Card.objects.filter(pk=reward.card_id).update(state=State.REDEEMED)
    if reward.card.rule.most:  # what was handed out uses the limit before everything else, whenever it was bought
        deal_again(reward.customer, [reward.program_card_id], today=at.day(now))
    return redemption


def take_unit(reward: Reward, unit: Key, *, today: date) -> None:
    """This unit of a purchase is the free item itself, so it counts no longer: as the redemption only.

    Raises FullOnlyWithIt when the reward's card is not full without it, or another one whose reward was handed out.
    """
    owed = _owed(reward.customer_id)
    # on another program's card it may have expired
    _turn(reward.customer, [unit], "purchase", COUNTING, PunchState.FREE, today=today)
    if not Reward.objects.filter(pk=reward.pk, state=RewardState.READY).exists() or _owed(reward.customer_id) > owed:
        raise FullOnlyWithIt


def undo_redemption(
    redemption: Redemption,
    *,
    next_step: NextStep,
    at: Location,
    by: User | None,
    device_id: int | None,
    now: datetime,
) -> bool:
    """The reward is ready again, and a unit that was taken counts as bought again. False where it was undone before."""
    if Redemption.objects.filter(pk=redemption.pk, is_live=True).update(is_live=False) != 1:
        return False
    undone = RedemptionUndo(
        redemption=redemption, location=at, by=by, device_id=device_id, undone_at=now, next_step=next_step
    )
    undone.save(force_insert=True)
    Reward.objects.filter(pk=redemption.reward_id).update(state=RewardState.READY)
    customer, today = redemption.customer, at.day(now)
    if redemption.taken_purchase_id and redemption.taken_unit:
        taken = (redemption.taken_purchase_id, redemption.taken_unit)
        _turn(customer, [taken], "purchase", [PunchState.FREE], PunchState.EXPIRED, today=today)
    deal_again(customer, [redemption.program_card_id], today=today)
    return True


def expire_punches(*, today: date) -> int:
    """Take punches past their last day off the open rounds of the current retailer. Returns how many customers had any.

    `today` is the earliest day that it is at any of the retailer's locations. May run any number of times.
    """
    due = Card.objects.filter(state=State.OPEN).filter(
        Q(next_expiry_on__lt=today) | Q(next_expiry_on__isnull=True, rule__expiry_months__isnull=False)
    )
    customers = set(due.values_list("customer_id", flat=True))
    for customer_id in sorted(customers):
        with transaction.atomic():
            customer = Customer.objects.select_for_update().get(pk=customer_id)
            cards = due.filter(customer=customer)
            deal_again(customer, cards.values_list("program_card_id", flat=True), today=today)
    return len(customers)


def merge_cards(kept: Customer, gone: Customer, *, today: date) -> None:
    """All cards of `gone` become cards of `kept`, and what they have in common is dealt as if one person had bought it.

    Both are locked by the caller, in the order of their ids.
    """
    program_cards = set(Card.objects.filter(customer=gone).values_list("program_card_id", flat=True))
    last = dict(
        Card.objects.filter(customer=kept, program_card__in=program_cards)
        .order_by()
        .values_list("program_card_id")
        .annotate(Max("number"))
    )
    Card.objects.filter(customer=gone, state=State.OPEN).update(state=State.EMPTY)
    for program_card_id in program_cards:
        mine = Card.objects.filter(customer=gone, program_card=program_card_id)
        mine.update(number=F("number") + last.get(program_card_id, 0), customer=kept)
    for rows in (Punch, Reward, Redemption):
        rows.objects.filter(customer=gone).update(customer=kept)
    deal_again(kept, program_cards, today=today)


def _owed(customer_id: int) -> int:
    """Punches that are missing under rewards that were handed out."""
    given = Card.objects.filter(customer=customer_id, state__in=[State.FULL, State.REDEEMED])
    return given.aggregate(owed=Sum(F("need") - F("punches")))["owed"] or 0


def _turn(
    customer: Customer,
    units: Collection[Key],
    cause_kind: str,
    from_states: Collection[PunchState],
    to: PunchState,
    *,
    today: date,
    seats: Mapping[Key, int | None] | None = None,
    released: Collection[Key] = (),
) -> None:
    """Punches of these units change their state, and the cards they belong to are dealt again."""
    named = Punch.objects.filter(customer=customer, cause_kind=cause_kind, state__in=from_states)
    named = named.filter(cause_id__in={cause_id for cause_id, _unit in units})
    wanted = set(units)
    turned = [punch for punch in named if (punch.cause_id, punch.unit) in wanted]
    if turned:
        Punch.objects.filter(pk__in=[punch.pk for punch in turned]).update(state=to, position=None)
        back = {key: (seats or {}).get(key) for key in wanted} if to == PunchState.EXPIRED else None
        program_cards = {punch.program_card_id for punch in turned}
        deal_again(customer, program_cards, today=today, back=back, released=released)
