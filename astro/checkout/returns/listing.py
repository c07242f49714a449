"""The list of goods brought back: what is asked for, and what an export holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from astro.checkout.returns.forms import ReturnFilter
from astro.credits.models import DeclineReason, ReturnState
from astro.credits.returns.queries import returns_told
from astro.kit.folding import fold
from astro.kit.gtin import display_gtin
from astro.kit.ids import id_text
from astro.kit.tables import Row


def returns_asked_for(asked: ReturnFilter) -> QuerySet[Any]:
    """Practice included: it is marked."""
    rows = returns_told().filter(location__in=[asked.at] if asked.at else list(asked.places.values()))
    if asked.states:
        rows = rows.filter(state__in=asked.states)
    if asked.text:
        found = Q(customer__search__contains=fold(asked.text)) | Q(product_name__icontains=asked.text)
        rows = rows.filter(found | Q(lot_code__icontains=asked.text) | Q(gtin__contains=asked.text))
    return rows.select_related("customer", "location", "brand", "submitted_by")


def export_heading() -> list[str]:
    return [
        _("Astro Return ID"), _("Returned On"), _("Location"), _("Astro ID"), _("First name"), _("Last name"),
        _("Manufacturer"), _("UPC"), _("Description"), _("Quantity"), _("Reason"), _("What was wrong"), _("Lot Code"),
        _("Best By Date"), _("Bought on"), _("Distributor"), _("Account number"), _("State"), _("Declined because"),
        _("Note"), _("Submitted by"), _("Practice"),
    ]  # fmt: skip


def export_rows(asked: ReturnFilter) -> Iterator[Row]:
    for row in returns_asked_for(asked).order_by(*asked.order, "id").iterator(chunk_size=500):
        yield [
            id_text(row.pk), row.day, row.location.name, id_text(row.customer_id), row.customer.first_name,
            row.customer.last_name, row.brand.name, display_gtin(row.gtin) if row.gtin else "",
            f"{row.product_name} {row.size}".strip(), row.quantity, row.get_reason_display(), row.reason_text,
            row.lot_code, row.best_by_on, row.bought_on, row.distributor_name or "", row.account_number,
            ReturnState(row.state).label, DeclineReason(row.decline_reason).label if row.decline_reason else "",
            row.note, row.submitted_by.name, row.is_practice,
        ]  # fmt: skip
