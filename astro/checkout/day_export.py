"""The checkouts of a day as a list to save: a line for each visit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from astro.checkout.fields.queries import cells_of
from astro.checkout.models import AskedFor, CheckoutField, Visit
from astro.checkout.queries import Result, results_of
from astro.kit.tables import Row

AT_ONCE = 200


def day_heading(columns: Sequence[CheckoutField]) -> list[str]:
    """What every line tells, then the store's own fields, each on the occasions on which it is asked."""
    return [
        _("Customer"), _("Day"), _("Time"), _("Location"), _("Bought"), _("Punches"), _("Free items"),
        _("Several units on one card"), _("Entered by"), _("Source"), _("Practice"), _("Why late"),
        *(_heading(column, occasion) for column, occasion in _own(columns)),
    ]  # fmt: skip


def day_rows(visits: QuerySet[Visit], *, columns: Sequence[CheckoutField]) -> Iterator[Row]:
    """A line for each visit, the earliest first."""
    rows = list(visits.select_related("customer", "by", "location").order_by("occurred_at", "id"))
    for start in range(0, len(rows), AT_ONCE):
        for result in results_of(rows[start : start + AT_ONCE]):
            yield _row(result, columns)


def _row(result: Result, columns: Sequence[CheckoutField]) -> Row:
    visit = result.visit
    reason = ": ".join(text for text in (str(visit.get_reason_display()), visit.reason_text) if visit.reason and text)
    return [
        visit.customer.name, visit.day, visit.occurred_at.astimezone(visit.location.time_zone).strftime("%H:%M"),
        visit.location.name, _bought(visit), result.punches, result.given, reason,
        visit.by.name if visit.by else "", visit.get_source_display(), visit.is_practice,
        result.late.why if result.late else "",
        *(cells_of(result.answers, [column], occasion)[0] for column, occasion in _own(columns)),
    ]  # fmt: skip


def _bought(visit: Visit) -> str:
    return ", ".join(f"{line['quantity']} x {line['name']} {line['size']}".strip() for line in visit.answer["lines"])


def _own(columns: Sequence[CheckoutField]) -> list[tuple[CheckoutField, AskedFor]]:
    occasions = [(AskedFor.VISIT, "for_visits"), (AskedFor.REDEMPTION, "for_redemptions")]
    return [(column, occasion) for column in columns for occasion, name in occasions if getattr(column, name)]


def _heading(column: CheckoutField, occasion: AskedFor) -> str:
    if occasion == AskedFor.REDEMPTION and column.for_visits:
        return _("%(label)s (at redemption)") % {"label": column.label}
    return column.label
