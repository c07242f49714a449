"""The store's list of exceptions: what is asked for, how each row is told, and what an export holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from astro.checkout.exceptions.queries import exceptions_told, last_steps
from astro.checkout.models import ExceptionReason, ExceptionState, ExceptionStep
from astro.kit.folding import fold
from astro.kit.gtin import display_gtin
from astro.kit.paging import Page, page_of
from astro.kit.tables import Row
from astro.kit.typed import one_line
from astro.tenancy.models import Location

SORTS = {"": "-asked_at", "oldest": "asked_at"}
ROWS = 20
AT_ONCE = 200


class ExceptionFilter(forms.Form):
    """Search, filters and sort, from the address. What an address asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Every state")), *ExceptionState.choices]
    )
    why = forms.ChoiceField(
        label=_("Reason"), required=False, choices=[("", _("Every reason")), *ExceptionReason.choices]
    )
    place = forms.ChoiceField(label=_("Location"), required=False)
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[("", _("Newest first")), ("oldest", _("Oldest first"))],
    )

    def __init__(self, data: Mapping[str, Any], *, places: Sequence[Location]) -> None:
        super().__init__(data)
        self.places = {str(place.pk): place for place in places}
        shown = [("", _("All locations")), *((key, place.name) for key, place in self.places.items())]
        self.fields["place"].choices = shown  # type: ignore[attr-defined]
        for name in ("state", "why", "place", "sort"):
            self.fields[name].widget.attrs["class"] = "narrows"
        self.text = one_line(data.get("q"))
        state, why = str(data.get("state", "")), str(data.get("why", ""))
        self.only = state if state in ExceptionState.values else ""
        self.reason = why if why in ExceptionReason.values else ""
        self.at = self.places.get(str(data.get("place", "")))
        self.order = SORTS.get(str(data.get("sort", "")), SORTS[""])

    @property
    def is_asking(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text or self.only or self.reason or self.at)


@dataclass(frozen=True, slots=True)
class ShownException:
    """An exception with the step that it stands at; None while nobody has decided anything."""

    ticket: Any
    step: ExceptionStep | None

    @property
    def state(self) -> ExceptionState:
        return ExceptionState(self.ticket.state)


def exceptions_asked_for(asked: ExceptionFilter) -> QuerySet[Any]:
    rows = exceptions_told().filter(location__in=[asked.at] if asked.at else list(asked.places.values()))
    if asked.only:
        rows = rows.filter(state=asked.only)
    if asked.reason:
        rows = rows.filter(reason=asked.reason)
    if asked.text:
        rows = rows.filter(
            Q(customer__search__contains=fold(asked.text))
            | Q(description__icontains=asked.text)
            | Q(gtin__contains=asked.text)
            | Q(program_card__title__icontains=asked.text)
        )
    return rows.select_related("customer", "location", "asked_by", "program_card__program__brand")


def page_of_exceptions(asked: ExceptionFilter, *, cursor: str | None) -> Page[Any]:
    return page_of(exceptions_asked_for(asked), order_by=[asked.order], cursor=cursor, rows=ROWS)


def shown_exceptions(rows: Sequence[Any]) -> list[ShownException]:
    """These rows with their last steps. One query."""
    steps = last_steps([row.pk for row in rows])
    return [ShownException(row, steps.get(row.pk)) for row in rows]


def export_heading() -> list[str]:
    return [
        _t("Asked on"), _t("Time"), _t("Asked by"), _t("Location"), _t("Astro ID"), _t("First name"), _t("Last name"),
        _t("Brand"), _t("Card"), _t("Item"), _t("Code"), _t("Quantity"), _t("Reason"), _t("Note"), _t("State"),
        _t("Decided on"), _t("Answer"),
    ]  # fmt: skip


def export_rows(asked: ExceptionFilter) -> Iterator[Row]:
    """A line each; a customer who was erased is a number."""
    rows = list(exceptions_asked_for(asked).order_by(asked.order, "id"))
    for start in range(0, len(rows), AT_ONCE):
        for shown in shown_exceptions(rows[start : start + AT_ONCE]):
            row, step, zone = shown.ticket, shown.step, shown.ticket.location.time_zone
            who, card = row.customer, row.program_card
            yield [
                row.location.day(row.asked_at), row.asked_at.astimezone(zone).strftime("%H:%M"), row.asked_by.name,
                row.location.name, str(who.pk), who.first_name, who.last_name, str(card.program.brand or ""),
                card.title, row.description, display_gtin(row.gtin) if row.gtin else "", row.quantity,
                row.get_reason_display(), row.note, str(shown.state.label),
                row.location.day(step.decided_at) if step else "", step.sentence if step else "",
            ]  # fmt: skip
