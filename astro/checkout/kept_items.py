"""Naming the items of a kept purchase: what was typed to find each, what was found, what was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from astro.catalog.models import Product
from astro.catalog.queries import products_matching
from astro.checkout.basket import read_id
from astro.checkout.kept_list import NamedItem
from astro.checkout.taking import product_of
from astro.kit.typed import one_line

HITS = 8
DROP = "drop"


@dataclass(slots=True)
class Naming:
    """One item: `chosen` is the product it is, `is_dropped` that it is left out; else nobody has said."""

    place: int
    shown: NamedItem
    typed: str = ""
    hits: list[Product] = field(default_factory=list)
    chosen: Product | None = None
    is_dropped: bool = False
    is_missing: bool = False

    @property
    def has_looked(self) -> bool:
        return bool(self.typed)


def namings(items: Sequence[NamedItem], data: Mapping[str, str]) -> list[Naming]:
    """What a form says of each item. A code that the catalogue has learned since finds its product by itself."""
    rows = [_naming(place, item, data) for place, item in enumerate(items)]
    ids = {row.place: product_id for row in rows if (product_id := read_id(data.get(f"item-{row.place}", "")))}
    living = Product.objects.filter(retired_at__isnull=True, pk__in=set(ids.values())).select_related("brand")
    known = {product.pk: product for product in living}
    for row in rows:
        row.chosen = known.get(ids.get(row.place, 0))
        if row.chosen and row.chosen not in row.hits:
            row.hits.insert(0, row.chosen)
    return rows


def _naming(place: int, item: NamedItem, data: Mapping[str, str]) -> Naming:
    typed = one_line(data.get(f"find-{place}"))
    row = Naming(place, item, typed, is_dropped=data.get(f"item-{place}") == DROP)
    coded = product_of(typed or item.item.code)
    if coded:
        row.hits = [coded]
    elif len(typed) > 1:
        row.hits = list(products_matching(typed).order_by("name", "size", "id")[:HITS])
    return row
