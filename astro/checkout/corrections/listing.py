"""What was put right: the list, what is asked of it, and what an export holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import User
from astro.checkout.corrections.telling import sentences
from astro.checkout.models import Correction, CorrectionKind, CorrectionUndo
from astro.kit.folding import fold
from astro.kit.ids import id_text
from astro.kit.tables import Row
from astro.kit.typed import one_line
from astro.tenancy.models import Location

SORTS = {"": ("-made_at",), "oldest": ("made_at",)}
AT_ONCE = 200


class CorrectionFilter(forms.Form):
    """Search, filters and sort, from the address. What an address asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    place = forms.ChoiceField(label=_("Location"), required=False)
    kind = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("Everything that was put right")), *CorrectionKind.choices]
    )
    who = forms.ChoiceField(label=_("By"), required=False)
    sort = forms.ChoiceField(
        label=_("Sort by"), required=False, choices=[("", _("Newest first")), ("oldest", _("Oldest first"))]
    )

    def __init__(self, data: Mapping[str, Any], *, places: Sequence[Location], people: Sequence[User]) -> None:
        super().__init__(data)
        self.places = {str(place.pk): place for place in places}
        self.people = {str(user.pk): user for user in people}
        shown = [("", _("All locations")), *((key, place.name) for key, place in self.places.items())]
        self.fields["place"].choices = shown  # type: ignore[attr-defined]
        everyone = [("", _("Everyone")), *((key, user.name) for key, user in self.people.items())]
        self.fields["who"].choices = everyone  # type: ignore[attr-defined]
        for name in ("place", "kind", "who", "sort"):
            self.fields[name].widget.attrs["class"] = "narrows"
        self.text = one_line(data.get("q"))
        self.at = self.places.get(str(data.get("place", "")))
        self.by = self.people.get(str(data.get("who", "")))
        kind = str(data.get("kind", ""))
        self.only = kind if kind in CorrectionKind.values else ""
        self.order = SORTS.get(str(data.get("sort", "")), SORTS[""])

    @property
    def is_asking(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text or self.at or self.by or self.only)

    @property
    def narrowing(self) -> list[forms.BoundField]:
        return [self["kind"], self["who"]]


@dataclass(frozen=True, slots=True)
class ShownCorrection:
    """A correction with what it did in sentences, and who took it back."""

    row: Correction
    told: Sequence[str]
    undo: CorrectionUndo | None


def people_of(places: Sequence[Location]) -> list[User]:
    """Who put anything right at these locations, by name."""
    ids = Correction.objects.filter(location__in=places).order_by().values("by").distinct()
    return list(User.objects.filter(pk__in=ids).order_by("name"))


def corrections_asked_for(asked: CorrectionFilter) -> QuerySet[Correction]:
    """Practice included: it is marked."""
    places = [asked.at] if asked.at else list(asked.places.values())
    rows: QuerySet[Correction] = Correction.objects.filter(location__in=places)
    if asked.by:
        rows = rows.filter(by=asked.by)
    if asked.only:
        rows = rows.filter(kind=asked.only)
    if asked.text:
        named = Q(customer__search__contains=fold(asked.text)) | Q(other__search__contains=fold(asked.text))
        rows = rows.filter(named | Q(note__icontains=asked.text) | Q(about__icontains=asked.text))
    return rows.select_related("customer", "other", "location", "by")


def shown_corrections(rows: Sequence[Correction]) -> list[ShownCorrection]:
    """These corrections, told. One query."""
    undone = CorrectionUndo.objects.filter(correction__in=[row.pk for row in rows]).select_related("by", "location")
    undos = {undo.correction_id: undo for undo in undone}
    return [ShownCorrection(row, told_of(row, row.told), undos.get(row.pk)) for row in rows]


def told_of(row: Correction, told: Sequence[Mapping[str, Any]]) -> list[str]:
    """What changed, in sentences; both customers are named where there are two."""
    names = {id_text(one.pk): one.name for one in (row.customer, row.other) if one is not None}
    return sentences(told, names=names)


def export_heading() -> list[str]:
    return [
        _t("Day"), _t("Time"), _t("Location"), _t("By"), _t("What"), _t("About"), _t("Astro ID"), _t("First name"),
        _t("Last name"), _t("Other customer"), _t("Why"), _t("What it did"), _t("Taken back on"), _t("Taken back by"),
        _t("Practice"),
    ]  # fmt: skip


def export_rows(asked: CorrectionFilter) -> Iterator[Row]:
    """A line each; a customer who was erased is a number."""
    rows = list(corrections_asked_for(asked).order_by(*asked.order, "id"))
    for start in range(0, len(rows), AT_ONCE):
        for shown in shown_corrections(rows[start : start + AT_ONCE]):
            row, undo = shown.row, shown.undo
            moment = row.made_at.astimezone(row.location.time_zone)
            yield [
                moment.date(), moment.strftime("%H:%M"), row.location.name, row.by.name, row.get_kind_display(),
                row.about, str(row.customer_id), row.customer.first_name, row.customer.last_name,
                row.other.name if row.other else "", row.note, " ".join(shown.told),
                undo.location.day(undo.undone_at) if undo else None, undo.by.name if undo else "", row.is_practice,
            ]  # fmt: skip
