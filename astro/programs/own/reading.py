"""The list of items that somebody types for a program of their own: a line each.

A line is a barcode, the name of something that is in the catalogue, or the name of something new, with its price behind
it: `Nail trim 18.00`. A service has no barcode and no brand; that is all it takes to put one on a card.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from astro.catalog.actions import add_product
from astro.catalog.models import Product
from astro.catalog.queries import product_by_gtin
from astro.kit.errors import DomainError
from astro.kit.folding import fold
from astro.kit.gtin import GtinError, to_gtin14
from astro.kit.money import AmountError, parse_cents

MOST_ITEMS = 200
LONGEST = 120
PRICED = re.compile(r"(?P<name>.*?\S)\s+\$?(?P<price>\d+(?:[.,]\d{1,2}))$")


@dataclass(frozen=True, slots=True)
class ReadItem:
    """A line: the product that it names, or what a new one is called and costs."""

    name: str
    product: Product | None = None
    cents: int | None = None

    @property
    def is_new(self) -> bool:
        return self.product is None


def read_items(text: str, *, may_add: bool = True) -> list[ReadItem]:
    """Each line once. Raises DomainError for a barcode that nobody knows, and, where nothing new may be added, for a
    name; it names the line."""
    lines = [line for line in (" ".join(row.split()) for row in text.splitlines()) if line]
    if not lines:
        raise DomainError(_("Type at least one item, a line each."))
    if len(lines) > MOST_ITEMS:
        raise DomainError(_("A card holds up to %(most)s items.") % {"most": MOST_ITEMS})
    found: dict[str, ReadItem] = {}
    for number, line in enumerate(lines, start=1):
        try:
            item = _read(line, may_add=may_add)
        except DomainError as problem:
            told = {"number": number, "why": problem}
            raise DomainError(_("Line %(number)s: %(why)s") % told) from problem
        found.setdefault(fold(str(item.product or item.name)), item)
    return list(found.values())


def products_of(items: Sequence[ReadItem], *, currency: str, from_on: date) -> list[Product]:
    """The products, those that are new added as the store's own."""
    return [
        item.product
        or add_product(item.name, prices={} if item.cents is None else {currency: item.cents}, from_on=from_on)
        for item in items
    ]


def _read(line: str, *, may_add: bool) -> ReadItem:
    code = _code(line)
    if code:
        product = product_by_gtin(code)
        if product is None:
            raise DomainError(_("no item has the barcode %(code)s. Type its name instead.") % {"code": line})
        return ReadItem(str(product), product)
    priced = PRICED.fullmatch(line)
    name, cents = (priced["name"], _cents(priced["price"])) if priced else (line, None)
    product = _named(line) or _named(name)
    if product is None and not may_add:
        raise DomainError(_("we know no item “%(name)s”. Scan one, or type its whole name.") % {"name": name})
    if len(name) > LONGEST:
        raise DomainError(_("a name has up to %(most)s characters.") % {"most": LONGEST})
    return ReadItem(str(product) if product else name, product, None if product else cents)


def _code(line: str) -> str:
    try:
        return to_gtin14(line) if line.replace(" ", "").isdigit() else ""
    except GtinError as problem:
        raise DomainError(str(problem)) from problem


def _cents(text: str) -> int | None:
    try:
        return parse_cents(text)
    except AmountError:
        return None


def _named(line: str) -> Product | None:
    """What is called so, with or without its size; the store's own first."""
    wanted = fold(line)
    for word in sorted(wanted.split(), key=len, reverse=True)[:1]:
        rows = Product.objects.filter(retired_at__isnull=True, name__icontains=word)[:500]
        named = [row for row in rows if wanted in (fold(row.name), fold(f"{row.name} {row.size}".strip()))]
        return min(named, key=lambda row: (row.retailer_id is None, row.pk), default=None)
    return None
