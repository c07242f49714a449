"""A store with two customers on the database, and paper cards (`model.py`) kept beside it, compared after every step.

Everything goes through the actions that the pages use. What the paper cards know of a program is written down here
once more: which rule is in force on which day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from astro.accounts.models import User
from astro.cards import actions as cards
from astro.cards.errors import FullOnlyWithIt, NotReady
from astro.cards.models import Card, NextStep, Punch, PunchState, Redemption, Reward, RewardState
from astro.cards.queries import plan
from astro.catalog.models import Product
from astro.checkout.actions import record_visit
from astro.checkout.basket import read_basket
from astro.checkout.dealing import units_for_cards
from astro.checkout.errors import GivenFree, NotFinished
from astro.checkout.finishing import finish_visit, read_finish
from astro.checkout.models import Purchase, Sealing, Source, Visit
from astro.checkout.undoing import remove_units, undo_redemption, undo_visit
from astro.credits.models import CreditLine, LineState
from astro.customers.models import Customer
from astro.kit.ids import new_uuid7
from astro.programs import actions as programs
from astro.programs.models import Program, ProgramCard
from astro.programs.queries import cards_filled_by
from astro.programs.rules import RuleOfCard
from astro.tenancy.models import Location
from tests.cards.model import Box, Key, Slip, last_day
from tests.cards.rows import Rows, on_paper, read
from tests.cast import LONG_AGO, NOW, inside, make_customer, make_enrollment, make_product, make_program, platform

CHANGE = NOW.date() + timedelta(days=30)
"""From this day on both programs have other rules."""


@dataclass(frozen=True)
class Shop:
    """What stays as it is while customers come and go. A bag counts on both cards, a can on the first only."""

    at: Location
    by: User
    bag: Product
    can: Product
    rules: dict[int, list[tuple[date, RuleOfCard]]]

    def rule(self, program_card: int, day: date) -> RuleOfCard:
        return [rule for from_on, rule in self.rules[program_card] if from_on <= day][-1]

    def cards_of(self, product_id: int) -> list[int]:
        return list(self.rules) if product_id == self.bag.pk else list(self.rules)[:1]


def open_shop(at: Location, by: User) -> Shop:
    bag, can = make_product(name="Adult"), make_product(name="Puppy")
    rules = {}
    for products, first, second in (
        ([bag, can], RuleOfCard(3, 1, expiry_months=1), RuleOfCard(4, 2, expiry_months=2)),
        ([bag], RuleOfCard(2, 2), RuleOfCard(3, 1, expiry_months=1)),
    ):
        program: Program = make_program(products=products, rule=first)
        make_enrollment(at, program=program, by=by)
        with platform("new rules"):
            program_card = ProgramCard.objects.get(program=program)
            programs.add_version(program, from_on=CHANGE, rules={program_card: second})
        rules[program_card.pk] = [(LONG_AGO, first), (CHANGE, second)]
    return Shop(at, by, bag, can, rules)


@dataclass
class Life:
    """Two customers of a shop until they become one."""

    shop: Shop
    happened: Counter[str] = field(default_factory=Counter)
    now: datetime = NOW
    customers: list[Customer] = field(default_factory=list)
    boxes: list[dict[int, Box]] = field(default_factory=list)
    dealt_on: list[dict[int, date]] = field(default_factory=list)
    voided: set[Key] = field(default_factory=set)
    visits: list[tuple[int, int]] = field(default_factory=list)
    """Whose, and the visit's id."""
    is_merged: bool = False
    has_ready: bool = False

    def __post_init__(self) -> None:
        with self.inside():
            self.customers = [make_customer(at=self.shop.at) for _ in range(2)]
        self.boxes = [{pk: Box() for pk in self.shop.rules} for _ in range(2)]
        self.dealt_on = [dict.fromkeys(self.shop.rules, self.today) for _ in range(2)]

    @property
    def today(self) -> date:
        return self.shop.at.day(self.now)

    @contextmanager
    def inside(self) -> Iterator[None]:
        with inside(self.shop.at.retailer):
            yield

    @property
    def has_handed(self) -> bool:
        return any(box.handed for boxes in self.boxes for box in boxes.values())

    @property
    def has_free(self) -> bool:
        return bool(self._free())

    def who(self, whose: int) -> int:
        return 0 if self.is_merged else whose

    def buy(self, whose: int, bags: int, cans: int, ago: timedelta) -> None:
        whose = self.who(whose)
        body = {
            "key": str(new_uuid7(self.now)),
            "occurred_at": (self.now - ago).isoformat(),
            "lines": [
                {"key": str(new_uuid7(self.now)), "product_id": str(product.pk), "quantity": quantity}
                for product, quantity in ((self.shop.bag, bags), (self.shop.can, cans))
                if quantity
            ],
        }
        with self.inside():
            basket = read_basket(body, customer_id=self.customers[whose].pk)
            done = record_visit(self.customers[whose], basket, at=self.shop.at, by=self.shop.by, now=self.now)
            self._bought(whose, done.visit)
        self.happened["bought"] += 1

    def enter_late(self, whose: int, bags: int, days: int) -> None:
        """As a late entry will: with its own date, long before any till would be believed."""
        whose = self.who(whose)
        at, by, when = self.shop.at, self.shop.by, self.now - timedelta(days=days)
        with self.inside():
            customer = Customer.objects.select_for_update().get(pk=self.customers[whose].pk)
            visit = Visit.objects.create(
                key=new_uuid7(self.now), body_hash="", source=Source.LATE, customer=customer, location=at, by=by,
                occurred_at=when, recorded_at=self.now, day=at.day(when), answer={},
            )  # fmt: skip
            purchase = Purchase.objects.create(
                visit=visit, customer=customer, location=at, key=new_uuid7(self.now), product_id=self.shop.bag.pk,
                gtin="", name="Adult", size="30 lb", msrp_cents=6499, currency="USD", quantity=bags,
                day=visit.day, occurred_at=when,
            )  # fmt: skip
            filling = cards_filled_by({self.shop.bag.pk}, location=at, day=visit.day)
            units = units_for_cards(
                [(purchase.pk, purchase)], filling, visit_id=visit.pk, occurred_at=when, day=visit.day
            )
            plans = plan(customer, units, today=self.today)
            cards.punch_cards(customer, plans, cause_kind="purchase", at=at, by=by, device_id=None)
            self._bought(whose, visit)
        self.happened["entered late"] += 1

    def remove(self, pick: int, first: int, count: int, *, is_redeemed: bool = False) -> None:
        """Some units of some purchase, the same ones twice. Nothing happens to one that was given as the free item.

        `is_redeemed`: of one that stands on a card whose reward was handed out.
        """
        with self.inside():
            wanted = Purchase.objects.filter(visit__in=[pk for _whose, pk in self.visits]).order_by("id")
            if is_redeemed:
                given = Punch.objects.filter(card__rewards__state=RewardState.REDEEMED, state=PunchState.LIVE)
                wanted = wanted.filter(pk__in=set(given.values_list("cause_id", flat=True)))
            purchases = list(wanted)
            if not purchases:
                return
            purchase = purchases[pick % len(purchases)]
            units = {(first + more) % purchase.quantity + 1 for more in range(count)}
            keys = {(purchase.pk, unit) for unit in units}
            if keys & self._free():
                with pytest.raises(GivenFree):
                    self._remove(purchase, units)
                self.happened["removal refused"] += 1
                return
            self._remove(purchase, units)
            assert writes(lambda: self._remove(purchase, units)) == []
        self._took_back(self._owner(purchase.visit_id), keys)
        self.happened["removed"] += 1

    def remove_free(self, pick: int) -> None:
        """The free item itself is not taken back: its redemption is undone instead."""
        free = sorted(self._free())
        purchase_id, unit = free[pick % len(free)]
        with self.inside(), pytest.raises(GivenFree):
            self._remove(Purchase.objects.get(pk=purchase_id), {unit})
        self.happened["removal refused"] += 1

    def finish(self, whose: int, picks: list[tuple[int, int]], visit_pick: int) -> None:
        """Up to two rewards at once; the item is any other one, or one that this visit scanned as a purchase."""
        whose = self.who(whose)
        customer = self.customers[whose]
        with self.inside():
            rewards = list(
                Reward.objects.filter(customer=customer, state=RewardState.READY).select_related("card").order_by("id")
            )
            if not rewards:
                return
            named = {pick % len(rewards): is_scanned for pick, is_scanned in picks}
            chosen = [(rewards[place], bool(is_scanned)) for place, is_scanned in named.items()]
            visit = self._open_visit(whose, visit_pick)
            may, boxes, dealt_on = self._would_finish(whose, chosen, visit)
            body = {
                "key": str(new_uuid7(self.now)),
                "visit": str(visit.key) if visit else None,
                "redemptions": [
                    {"reward_id": str(one.pk), "product_id": str(self.shop.bag.pk), "is_scanned": is_scanned}
                    for one, is_scanned in chosen
                ],
            }
            finish = read_finish(body, customer_id=customer.pk)
            if may:
                done = finish_visit(customer, finish, at=self.shop.at, by=self.shop.by, now=self.now)
                again = finish_visit(customer, finish, at=self.shop.at, by=self.shop.by, now=self.now)
                assert (again.is_again, again.sealing) == (True, done.sealing)
                self.boxes[whose], self.dealt_on[whose] = boxes, dealt_on
                self.happened["redeemed"] += 1
                self.happened["redeemed as scanned"] += any(is_scanned for _one, is_scanned in chosen)
                if visit is None:
                    self.visits.append((whose, done.visit.pk))
            else:
                with pytest.raises((FullOnlyWithIt, NotReady, NotFinished)):
                    finish_visit(customer, finish, at=self.shop.at, by=self.shop.by, now=self.now)
                self.happened["redemption refused"] += 1

    def undo(self, pick: int) -> None:
        with self.inside():
            live = Redemption.objects.filter(customer__in=self.customers, is_live=True).order_by("id")
            if not live:
                return
            redemption = live[pick % len(live)]
            self._undone(redemption)
            self._undo(redemption)
            assert writes(lambda: self._undo(redemption)) == []
        self.happened["redemption undone"] += 1

    def undo_visit(self, pick: int) -> None:
        """Twice. Also one of a customer who has become another one."""
        if not self.visits:
            return
        whose, pk = self.visits[pick % len(self.visits)]
        with self.inside():
            visit = Visit.objects.get(pk=pk)
            for redemption in Redemption.objects.filter(visit_id=pk, is_live=True).order_by("-redeemed_at", "-id"):
                self._undone(redemption)
            units = Purchase.objects.filter(visit=visit).values_list("pk", "quantity")
            self._took_back(self.who(whose), {(pk, unit) for pk, quantity in units for unit in range(1, quantity + 1)})
            self._undo_visit(visit)
            assert writes(lambda: self._undo_visit(visit)) == []
        self.happened["visit undone"] += 1

    def wait(self, days: int, hours: int) -> None:
        self.now += timedelta(days=days, hours=hours, minutes=1)

    def expire(self) -> None:
        with self.inside():
            self.happened["expired"] += bool(writes(lambda: cards.expire_punches(today=self.today)))
            assert writes(lambda: cards.expire_punches(today=self.today)) == []
        for whose in (0, 1):
            self.dealt_on[whose] = dict.fromkeys(self.shop.rules, self.today)

    def deal_again(self) -> None:
        """Nothing is written: everything lies where it belongs, whenever it was put there."""
        with self.inside():
            for whose, customer in enumerate(self.customers):
                for pk, day in self.dealt_on[whose].items():
                    assert writes(partial(cards.deal_again, customer, [pk], today=day)) == []

    def merge(self) -> None:
        if self.is_merged:
            return
        self.is_merged = True
        kept, gone = self.customers
        touched = {pk for pk in self.shop.rules if self.boxes[1][pk].slips}
        with self.inside():
            list(Customer.objects.select_for_update().filter(pk__in=[kept.pk, gone.pk]).order_by("id"))
            cards.merge_cards(kept, gone, today=self.today)
        for pk in touched:
            self.boxes[0][pk].merge(self.boxes[1][pk], self.today)
            self.boxes[1][pk] = Box()
            self.dealt_on[0][pk] = self.today
        self.happened["merged"] += bool(touched)

    def check(self) -> None:
        """The database says what the paper cards say, and owes what was handed out."""
        self.happened["steps"] += 1
        self.happened["owed"] += any(box.owed() for boxes in self.boxes for box in boxes.values())
        with self.inside():
            rows = read(self.customers)
            self.has_ready = any(one.ready for one in rows.values())
            for customer, boxes, days in zip(self.customers, self.boxes, self.dealt_on, strict=True):
                for pk, box in boxes.items():
                    assert rows.pop((customer.pk, pk), Rows()) == on_paper(box, days[pk], self.voided)
            assert not rows
            live = Redemption.objects.filter(customer__in=self.customers, is_live=True)
            lines = CreditLine.objects.filter(customer__in=self.customers, state=LineState.UNBATCHED)
            assert sorted(live.values_list("pk", flat=True)) == sorted(lines.values_list("redemption_id", flat=True))

    def _bought(self, whose: int, visit: Visit) -> None:
        self.visits.append((whose, visit.pk))
        slips: dict[int, list[Slip]] = {}
        for purchase in Purchase.objects.filter(visit=visit):
            for pk in self.shop.cards_of(purchase.product_id):
                rule = self.shop.rule(pk, purchase.day)
                last = last_day(purchase.day, rule.expiry_months)
                slips.setdefault(pk, []).extend(
                    Slip(purchase.occurred_at, (purchase.pk, unit), purchase.day, last, rule.buy, rule.get)
                    for unit in range(1, purchase.quantity + 1)
                )
        for pk, bought in slips.items():
            self.boxes[whose][pk].add(bought, self.today)
            self.dealt_on[whose][pk] = self.today

    def _took_back(self, whose: int, keys: Collection[Key]) -> None:
        keys = set(keys) - self.voided
        for pk, box in self.boxes[whose].items():
            if mine := keys & set(box.slips):
                box.take_back(mine, self.today)
                self.dealt_on[whose][pk] = self.today
        self.voided |= keys

    def _remove(self, purchase: Purchase, units: Collection[int]) -> None:
        remove_units(purchase, units, at=self.shop.at, by=self.shop.by, is_administrator=True, now=self.now)

    def _would_finish(
        self, whose: int, chosen: list[tuple[Reward, bool]], visit: Visit | None
    ) -> tuple[bool, dict[int, Box], dict[int, date]]:
        """Whether paper cards allow it, and how they would lie afterwards. What was scanned leaves them first."""
        boxes, days = deepcopy(self.boxes[whose]), dict(self.dealt_on[whose])
        taken: dict[int, Key] = {}
        for reward, is_scanned in chosen:
            if not is_scanned:
                continue
            bag = self._last_bag(visit, boxes)
            if bag is None:
                return False, boxes, days
            taken[reward.pk] = bag
            for pk, box in boxes.items():
                if bag in box.slips:
                    days[pk], owed = self.today, box.owed()
                    box.take_back([bag], self.today)
                    if box.owed() > owed:
                        return False, boxes, days
            if not self._is_ready(reward, boxes, days):
                return False, boxes, days
        for reward, _is_scanned in chosen:
            if not self._is_ready(reward, boxes, days):
                return False, boxes, days
            day, bag = days[reward.program_card_id], taken.get(reward.pk)
            boxes[reward.program_card_id].hand_out(reward.card.number, reward.unit, bag, day)
        return True, boxes, days

    def _is_ready(self, reward: Reward, boxes: dict[int, Box], days: dict[int, date]) -> bool:
        box = boxes[reward.program_card_id]
        return (reward.card.number, reward.unit) in box.ready(box.lay_out(days[reward.program_card_id]))

    def _last_bag(self, visit: Visit | None, boxes: dict[int, Box]) -> Key | None:
        purchases = Purchase.objects.filter(visit=visit, product_id=self.shop.bag.pk) if visit else []
        away = set().union(*(box.away for box in boxes.values()))
        keys = {(one.pk, unit) for one in purchases for unit in range(1, one.quantity + 1)}
        return max(keys - away, default=None)

    def _open_visit(self, whose: int, pick: int) -> Visit | None:
        """One that is not finished yet, or none: then only rewards are handed out."""
        sealed = Sealing.objects.values_list("visit_id", flat=True)
        left = [*Visit.objects.filter(customer=self.customers[whose], has_offer=True).order_by("-id")]
        left = [visit for visit in left if visit.pk not in set(sealed)]
        return left[pick % (len(left) + 1)] if pick % (len(left) + 1) < len(left) else None

    def _undone(self, redemption: Redemption) -> None:
        whose = [customer.pk for customer in self.customers].index(redemption.customer_id)
        card, reward = Card.objects.get(pk=redemption.card_id), Reward.objects.get(pk=redemption.reward_id)
        taken = self.boxes[whose][card.program_card_id].handed[card.number, reward.unit]
        for pk, box in self.boxes[whose].items():
            if pk == card.program_card_id:
                box.undo(card.number, reward.unit, self.today)
            elif taken in box.away:
                box.away.discard(taken)
                box.lay_out(self.today)
            else:
                continue
            self.dealt_on[whose][pk] = self.today

    def _undo(self, redemption: Redemption) -> None:
        undo_redemption(
            redemption,
            next_step=NextStep.REMOVE,
            at=self.shop.at,
            by=self.shop.by,
            is_administrator=True,
            now=self.now,
        )

    def _undo_visit(self, visit: Visit) -> None:
        undo_visit(visit, at=self.shop.at, by=self.shop.by, is_administrator=True, now=self.now)

    def _owner(self, visit_id: int) -> int:
        return self.who(next(whose for whose, pk in self.visits if pk == visit_id))

    def _free(self) -> set[Key]:
        return {taken for boxes in self.boxes for box in boxes.values() for taken in box.handed.values() if taken}


def writes(act: Callable[[], object]) -> list[str]:
    """The statements with which an act changed something."""
    changed: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            changed.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        act()
    return changed
