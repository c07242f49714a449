"""Punches that a store's customers bring with them: on paper, or from another program.

Each becomes a visit of the day on which it was bought, with the reason of paper cards and the list's own note, so that
it counts, expires and is taken back like any other. What the location was not enrolled in that day fills no card: such
a row is given back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID, uuid5

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.catalog.queries import prices_on, product_by_gtin
from astro.checkout.actions import Recorded, record_visit
from astro.checkout.basket import Basket, Line, fingerprint_of
from astro.checkout.models import Source
from astro.customers.models import Customer
from astro.importer.models import Upload
from astro.importer.rows import OldCard
from astro.kit.folding import fold
from astro.kit.gtin import GtinError, to_gtin14
from astro.programs.queries import EnrolledCard, cards_filled_by, enrolled_on
from astro.tenancy.models import Location

NAMESPACE = UUID("5f0c8c0e-9d0b-4f3e-9a54-2f2b6a1f7c11")
PAPER_CARD = "paper_card"


@dataclass
class Shelf:
    """What the words of a list stand for at a location, remembered for as many rows as are read at once."""

    at: Location
    enrolled: dict[date, list[EnrolledCard]] = field(default_factory=dict)
    products: dict[tuple[str, date], int | str] = field(default_factory=dict)

    def find(self, item: str, day: date) -> int | str:
        """The product that this means on that day, or a sentence of why there is none."""
        key = (item, day)
        if key not in self.products:
            self.products[key] = self._find(item, day)
        return self.products[key]

    def _find(self, item: str, day: date) -> int | str:
        when = date_format(day, "j F Y")
        card = next((one for one in self._enrolled(day) if fold(one.title) == fold(item)), None)
        if card is not None:
            return _cheapest(card, at=self.at, day=day)
        try:
            product = product_by_gtin(to_gtin14(item))
        except GtinError:
            return _("%(place)s has no card “%(item)s” on %(day)s. Write its name as Astro has it, or a UPC.") % {
                "place": self.at.name,
                "item": item[:60],
                "day": when,
            }
        if product is None:
            return _("We don't know the product %(item)s.") % {"item": item[:60]}
        if not cards_filled_by([product.pk], location=self.at, day=day):
            return _("%(place)s was in no program with %(item)s on %(day)s, so it fills no card.") % {
                "place": self.at.name,
                "item": product.name,
                "day": when,
            }
        return product.pk

    def _enrolled(self, day: date) -> list[EnrolledCard]:
        if day not in self.enrolled:
            self.enrolled[day] = [card for card in enrolled_on(self.at, day=day) if card.product_ids]
        return self.enrolled[day]


def trouble_of(cards: Sequence[OldCard], shelf: Shelf) -> str:
    """Why these cards cannot be taken over; "" where they can."""
    told = (shelf.find(card.item, day) for card in cards for day, _count in card.days)
    return next((one for one in told if isinstance(one, str)), "")


def punch(
    upload: Upload,
    row: int,
    customer: Customer,
    cards: Sequence[OldCard],
    shelf: Shelf,
    *,
    by: User | None,
    now: datetime,
) -> tuple[list[str], int]:
    """Record the visits; their keys and how many punches they hold. The same row again gives the same keys."""
    keys, punches = [], 0
    for number, card in enumerate(cards):
        for day, count in card.days:
            key = uuid5(NAMESPACE, f"{upload.pk}:{row}:{number}:{day.isoformat()}")
            product_id = shelf.find(card.item, day)
            assert isinstance(product_id, int)
            moment = min(datetime.combine(day, time(12), tzinfo=shelf.at.time_zone), now)
            line = Line(uuid5(key, "line"), product_id, count)
            told = [str(key), moment.isoformat(), product_id, count]
            basket = Basket(key, moment, (line,), fingerprint_of(told), PAPER_CARD, card.note)
            done = record_visit(customer, basket, at=shelf.at, by=by, source=Source.IMPORT, is_dated=True, now=now)
            if isinstance(done, Recorded):
                keys.append(str(key))
                punches += count
    return keys, punches


def _cheapest(card: EnrolledCard, *, at: Location, day: date) -> int:
    """A card's name says no product. The cheapest of it promises nothing that was not bought."""
    prices = prices_on(card.product_ids, currency=at.retailer.currency, day=day)
    return min(card.product_ids, key=lambda product_id: (prices.get(product_id, 1 << 31), product_id))
