"""What can be put right: a wish says what should be so, and nothing about how it is done (`acts.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from astro.cards.models import Card
from astro.checkout.late import Moment
from astro.checkout.models import Purchase, Spent, Visit
from astro.customers.models import Customer


@dataclass(frozen=True, slots=True)
class Remove:
    """These units of a purchase (by number, from 1) were not bought."""

    purchase: Purchase
    units: Sequence[int]


@dataclass(frozen=True, slots=True)
class PutBack:
    """These units were bought after all: taking them back was wrong."""

    purchase: Purchase
    units: Sequence[int]


@dataclass(frozen=True, slots=True)
class Change:
    """What was bought was this product, and so many of it. `paid_cents` each, where a cash-back card asks for it."""

    purchase: Purchase
    product_id: int
    quantity: int
    paid_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """The customer brought these units back. `spent`: what becomes of a punch whose reward was handed out already."""

    purchase: Purchase
    units: Sequence[int]
    spent: Spent = Spent.REPLACE


@dataclass(frozen=True, slots=True)
class Move:
    """The visit was another customer's."""

    visit: Visit
    to: Customer


@dataclass(frozen=True, slots=True)
class Transfer:
    """What stands on this card belongs to another customer from now on."""

    card: Card
    to: Customer


@dataclass(frozen=True, slots=True)
class Split:
    """These punches of a card, by id, fill a card of their own."""

    card: Card
    punches: frozenset[int]


@dataclass(frozen=True, slots=True)
class Add:
    """So many units of a product that the customer bought then, and that no till wrote down."""

    customer: Customer
    product_id: int
    quantity: int
    moment: Moment


Wish = Remove | PutBack | Change | Return | Move | Transfer | Split | Add
