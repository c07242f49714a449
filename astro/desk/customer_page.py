"""A customer's page: the whole story, told by the modules that keep its parts, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db.models import QuerySet

from astro.cards.models import Reward
from astro.cards.queries import ShownCard, ready_rewards, shown_cards
from astro.checkout.models import Visit
from astro.checkout.queries import results_of
from astro.customers.models import Customer, Merge
from astro.customers.story import Person, changes_of, consents_of, evidence_of, merges_into, person_of, shown_changes
from astro.kit.money import format_cents
from astro.kit.paging import page_of
from astro.messaging.models import Delivery
from astro.programs.queries import standing_on
from astro.programs.versions.reading import under_which
from astro.tenancy.models import Location

LATEST = 5
"""Rows of each part on the page itself; the rest stands behind *Show all*."""

ROWS = 50


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the story that can be long: its rows as its template shows them."""

    name: str
    rows: list[Any]
    has_more: bool = False
    next: str | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class CardHere:
    """A card as the location sees it. `is_frozen`: it takes no part in the program now. `version`: under which version
    the card runs, where that is not simply the newest."""

    shown: ShownCard
    is_frozen: bool
    version: str


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """All that the page shows."""

    customer: Customer
    person: Person
    cards: list[CardHere]
    rewards: list[Reward]
    visits: Part
    messages: Part
    consent: Part
    changes: Part
    merges: list[Merge]


@dataclass(frozen=True, slots=True)
class _Kind:
    rows: Callable[[Customer], QuerySet[Any]]
    shown: Callable[[list[Any]], list[Any]]
    order: tuple[str, ...] = ("-id",)


def _visits(customer: Customer) -> QuerySet[Visit]:
    rows: QuerySet[Visit] = Visit.objects.filter(customer=customer).select_related("location", "by")
    return rows


def _messages(customer: Customer) -> QuerySet[Delivery]:
    rows: QuerySet[Delivery] = Delivery.objects.filter(customer=customer).select_related("by", "location")
    return rows


KINDS = {
    "visits": _Kind(_visits, results_of, ("-occurred_at",)),
    "messages": _Kind(_messages, list),
    "consent": _Kind(consents_of, lambda rows: [(row, evidence_of(row)) for row in rows]),
    "changes": _Kind(changes_of, shown_changes),
}


def customer_page(customer: Customer, *, at: Location, today: date) -> CustomerPage:
    rewards = ready_rewards(customer).select_related("program_card__program__brand", "location", "card__rule")
    return CustomerPage(
        customer=customer,
        person=person_of(customer, today=today),
        cards=_cards(customer, at=at, today=today),
        rewards=list(rewards.order_by("earned_at", "id")),
        merges=merges_into(customer),
        **{name: _latest(name, customer) for name in KINDS},
    )


def part_of(customer: Customer, name: str, *, cursor: str | None) -> Part:
    """One whole part, page by page."""
    kind = KINDS[name]
    page = page_of(kind.rows(customer), order_by=kind.order, cursor=cursor, rows=ROWS)
    return Part(name, kind.shown(page.rows), next=page.next, previous=page.previous)


def _cards(customer: Customer, *, at: Location, today: date) -> list[CardHere]:
    shown = shown_cards(customer, day=today)
    standing = standing_on({card.program_card_id for card in shown}, location=at, day=today)
    versions = under_which(
        [(card.program_card_id, card.rule_id) for card in shown if not card.is_full],
        standing=standing,
        day=today,
        money=partial(format_cents, currency=at.retailer.currency),
    )
    return [
        CardHere(
            card,
            standing[card.program_card_id].is_frozen,
            "" if card.is_full else versions.get((card.program_card_id, card.rule_id), ""),
        )
        for card in shown
    ]


def _latest(name: str, customer: Customer) -> Part:
    kind = KINDS[name]
    rows = list(kind.rows(customer).order_by(*kind.order, "id")[: LATEST + 1])
    return Part(name, kind.shown(rows[:LATEST]), has_more=len(rows) > LATEST)
