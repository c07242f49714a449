"""Finding a retailer as an operator names it at the command line."""

from __future__ import annotations

from astro.kit.errors import DomainError
from astro.tenancy.models import Retailer


class NoSuchRetailer(DomainError):
    """None, or several, are called so."""


def retailer_called(told: str) -> Retailer:
    """By number, or by name in any case. Raises `NoSuchRetailer`, which lists some that there are."""
    rows = Retailer.objects.filter(pk=int(told)) if told.isdecimal() else Retailer.objects.filter(name__iexact=told)
    if len(rows) != 1:
        known = ", ".join(f"{row.name} ({row.pk})" for row in Retailer.objects.order_by("name")[:20])
        problem = "There is no retailer" if not rows else "There are several retailers called"
        raise NoSuchRetailer(f"{problem} {told}. Give the number of one of these: {known}.", status=404)
    return rows[0]
