"""Which units of purchases still count: neither taken back nor given as the free item."""

from __future__ import annotations

from collections.abc import Iterable

from astro.cards.models import Redemption
from astro.checkout.models import Purchase, UnitVoid
from astro.programs.engine.terms import Key


def voided_units(purchases: Iterable[Purchase]) -> set[Key]:
    """The units that were taken back: purchase and number."""
    ids = [purchase.pk for purchase in purchases]
    return set(UnitVoid.objects.filter(purchase__in=ids, is_live=True).values_list("purchase_id", "unit"))


def given_units(purchases: Iterable[Purchase]) -> set[Key]:
    """The units that were handed out as the free item."""
    ids = [purchase.pk for purchase in purchases]
    given = Redemption.objects.filter(taken_purchase_id__in=ids, is_live=True)
    return set(given.values_list("taken_purchase_id", "taken_unit"))


def living_units(purchases: Iterable[Purchase]) -> set[Key]:
    """The units that count as bought. Two queries."""
    rows = list(purchases)
    every = {(row.pk, unit) for row in rows for unit in range(1, row.quantity + 1)}
    return every - voided_units(rows) - given_units(rows)
