"""The list of answers that came flagged: what is asked for, which page of it, and what an export holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from astro.checkout.fields.correcting import asked_in
from astro.checkout.fields.queries import with_corrections
from astro.checkout.models import AnswerCorrection, AnswerFlag, FieldAnswer
from astro.kit.folding import fold
from astro.kit.paging import Page, page_of
from astro.kit.tables import Row
from astro.kit.typed import one_line
from astro.tenancy.models import Location

SORTS = {"": ("-recorded_at",), "oldest": ("recorded_at",)}
OPEN, RIGHT, ALL = "", "right", "all"


class FlaggedFilter(forms.Form):
    """Search, filters and sort, from the address. What an address asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    place = forms.ChoiceField(label=_("Location"), required=False)
    state = forms.ChoiceField(
        label=_("Which ones"),
        required=False,
        choices=[(OPEN, _("To look at")), (RIGHT, _("Put right")), (ALL, _("All of them"))],
    )
    why = forms.ChoiceField(label=_("Why"), required=False, choices=[("", _("Every reason")), *AnswerFlag.choices])
    sort = forms.ChoiceField(
        label=_("Sort by"), required=False, choices=[("", _("Last one first")), ("oldest", _("First one first"))]
    )

    def __init__(self, data: Mapping[str, Any], *, places: Sequence[Location]) -> None:
        super().__init__(data)
        self.places = {str(place.pk): place for place in places}
        shown = [("", _("All locations")), *((key, place.name) for key, place in self.places.items())]
        self.fields["place"].choices = shown  # type: ignore[attr-defined]
        for name in ("place", "state", "why", "sort"):
            self.fields[name].widget.attrs["class"] = "narrows"
        self.text = one_line(data.get("q"))
        self.at = self.places.get(str(data.get("place", "")))
        told = {name: str(data.get(name, "")) for name in ("state", "why", "sort")}
        self.which = told["state"] if told["state"] in (RIGHT, ALL) else OPEN
        self.only = told["why"] if told["why"] in AnswerFlag.values else ""
        self.order = SORTS.get(told["sort"], SORTS[""])

    @property
    def is_asking(self) -> bool:
        """Whether anything is left out, besides what was put right."""
        return bool(self.text or self.at or self.only or self.which == RIGHT)


def flagged_answers(places: Sequence[Location]) -> QuerySet[FieldAnswer]:
    """All that came flagged at these locations; not those of customers who were erased."""
    rows: QuerySet[FieldAnswer] = FieldAnswer.objects.exclude(flag="").filter(
        visit__location__in=places, visit__customer__erased_at=None
    )
    rows = rows.select_related("field", "visit__customer", "visit__location", "visit__by")
    return with_corrections(rows)


def answers_asked_for(asked: FlaggedFilter) -> QuerySet[FieldAnswer]:
    rows = flagged_answers([asked.at] if asked.at else list(asked.places.values()))
    corrections = AnswerCorrection.objects.filter(answer=OuterRef("pk"))
    if asked.which != ALL:
        rows = rows.filter(Exists(corrections) if asked.which == RIGHT else ~Exists(corrections))
    if asked.only:
        rows = rows.filter(flag=asked.only)
    if asked.text:
        found = Q(visit__customer__search__contains=fold(asked.text)) | Q(label__icontains=asked.text)
        rows = rows.filter(found | Q(value__icontains=asked.text))
    return rows


def page_of_answers(asked: FlaggedFilter, *, cursor: str | None) -> Page[FieldAnswer]:
    return page_of(answers_asked_for(asked), order_by=asked.order, cursor=cursor)


def export_heading() -> list[str]:
    return [
        _t("Day"), _t("Location"), _t("Entered by"), _t("Astro ID"), _t("First name"), _t("Last name"), _t("Question"),
        _t("Asked"), _t("It came as"), _t("Why"), _t("Put right to"), _t("Asked as now"),
    ]  # fmt: skip


def export_rows(asked: FlaggedFilter) -> Iterator[Row]:
    for row in answers_asked_for(asked).order_by(*asked.order, "id").iterator(chunk_size=500):
        visit = row.visit
        yield [
            visit.day, visit.location.name, str(visit.by or ""), str(visit.customer_id), visit.customer.first_name,
            visit.customer.last_name, row.label, row.get_asked_for_display(), row.value, row.get_flag_display(),
            row.corrected, asked_in(row).label,
        ]  # fmt: skip
