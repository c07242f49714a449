"""The report of late entries: what is asked for, which page of it, its totals, and what an export holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import User
from astro.cards.models import Punch, PunchState
from astro.checkout.models import LateEntry, LateWhy, Purchase, UnitVoid
from astro.kit.clock import midnight_after, midnight_before
from astro.kit.folding import fold
from astro.kit.paging import Page, page_of
from astro.kit.tables import Row
from astro.kit.typed import one_line
from astro.tenancy.models import Location

SORTS = {
    "": ("-entered_at",),
    "oldest": ("entered_at",),
    "bought": ("-visit__occurred_at",),
    "bought_oldest": ("visit__occurred_at",),
}
DAYS = ("entered_from", "entered_to", "bought_from", "bought_to")
AT_ONCE = 200
CAUSE = "purchase"


class LateFilter(forms.Form):
    """Search, filters and sort of the report, from its address. What an address asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    place = forms.ChoiceField(label=_("Location"), required=False)
    who = forms.ChoiceField(label=_("Entered by"), required=False)
    why = forms.ChoiceField(label=_("Why"), required=False, choices=[("", _("Every reason")), *LateWhy.choices])
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[
            ("", _("Entered last first")),
            ("oldest", _("Entered first first")),
            ("bought", _("Bought last first")),
            ("bought_oldest", _("Bought first first")),
        ],
    )
    entered_from = forms.DateField(label=_("Entered from"), required=False)
    entered_to = forms.DateField(label=_("Entered to"), required=False)
    bought_from = forms.DateField(label=_("Bought from"), required=False)
    bought_to = forms.DateField(label=_("Bought to"), required=False)

    def __init__(self, data: Mapping[str, Any], *, places: Sequence[Location], people: Sequence[User]) -> None:
        super().__init__(data)
        self.places = {str(place.pk): place for place in places}
        self.people = {str(user.pk): user for user in people}
        shown = [("", _("All locations")), *((key, place.name) for key, place in self.places.items())]
        self.fields["place"].choices = shown  # type: ignore[attr-defined]
        everyone = [("", _("Everyone")), *((key, user.name) for key, user in self.people.items())]
        self.fields["who"].choices = everyone  # type: ignore[attr-defined]
        for name in DAYS:
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        for name in ("place", "sort", "who", "why", *DAYS):
            self.fields[name].widget.attrs["class"] = "narrows"
        self.text = one_line(data.get("q"))
        self.at = self.places.get(str(data.get("place", "")))
        self.by = self.people.get(str(data.get("who", "")))
        why = str(data.get("why", ""))
        self.only = why if why in LateWhy.values else ""
        self.order = SORTS.get(str(data.get("sort", "")), SORTS[""])
        self.days = {name: _day(str(data.get(name, ""))) for name in DAYS}

    @property
    def is_asking(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text or self.at or self.by or self.only or self.has_days)

    @property
    def has_days(self) -> bool:
        return any(self.days.values())

    @property
    def narrowing(self) -> list[forms.BoundField]:
        return [self[name] for name in ("who", "why", *DAYS)]


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry with what of it stands: `items` that were bought, `punches` that count, whether all was taken back."""

    entry: LateEntry
    items: Sequence[Purchase]
    punches: int
    is_undone: bool

    @property
    def days_late(self) -> int:
        return (self.entered_on - self.entry.visit.day).days

    @property
    def entered_on(self) -> date:
        return self.entry.location.day(self.entry.entered_at)


@dataclass(frozen=True, slots=True)
class Totals:
    entries: int
    items: int
    punches: int
    customers: int


def people_of(places: Collection[Location]) -> list[User]:
    """Who entered anything late at these locations, by name."""
    ids = LateEntry.objects.filter(location__in=places).order_by().values("visit__by").distinct()
    return list(User.objects.filter(pk__in=[row["visit__by"] for row in ids if row["visit__by"]]).order_by("name"))


def entries_asked_for(asked: LateFilter) -> QuerySet[LateEntry]:
    """Practice included: it is marked."""
    places = [asked.at] if asked.at else list(asked.places.values())
    rows: QuerySet[LateEntry] = LateEntry.objects.filter(location__in=places)
    if asked.by:
        rows = rows.filter(visit__by=asked.by)
    if asked.only:
        rows = rows.filter(why=asked.only)
    if asked.text:
        found = Q(visit__customer__search__contains=fold(asked.text)) | Q(note__icontains=asked.text)
        rows = rows.filter(found | Q(paper_card__number__icontains=asked.text))
    if places:
        rows = rows.filter(_entered(asked, places))
    if first := asked.days["bought_from"]:
        rows = rows.filter(visit__day__gte=first)
    if last := asked.days["bought_to"]:
        rows = rows.filter(visit__day__lte=last)
    return rows.select_related("visit__customer", "visit__by", "location", "paper_card")


def page_of_entries(asked: LateFilter, *, cursor: str | None) -> Page[LateEntry]:
    return page_of(entries_asked_for(asked), order_by=asked.order, cursor=cursor)


def shown_entries(entries: Sequence[LateEntry]) -> list[ShownEntry]:
    """These entries with their items and punches. Three queries."""
    items: dict[int, list[Purchase]] = {entry.visit_id: [] for entry in entries}
    visit_of: dict[int, int] = {}
    for purchase in Purchase.objects.filter(visit__in=list(items)).order_by("id"):
        items[purchase.visit_id].append(purchase)
        visit_of[purchase.pk] = purchase.visit_id
    living = Punch.objects.filter(cause_kind=CAUSE, cause_id__in=list(visit_of), state=PunchState.LIVE).order_by()
    punches = Counter(visit_of[cause] for cause in living.values_list("cause_id", flat=True))
    voids = UnitVoid.objects.filter(purchase__in=list(visit_of), is_live=True).values_list("purchase_id", flat=True)
    voided = Counter(visit_of[purchase_id] for purchase_id in voids)
    return [
        ShownEntry(
            entry,
            items[entry.visit_id],
            punches[entry.visit_id],
            voided[entry.visit_id] == sum(item.quantity for item in items[entry.visit_id]),
        )
        for entry in entries
    ]


def totals_of(asked: LateFilter) -> Totals:
    """What the whole list comes to, without practice."""
    rows = entries_asked_for(asked).filter(visit__is_practice=False).order_by()
    visits = rows.values("visit")
    sums = rows.aggregate(entries=Count("id"), customers=Count("visit__customer", distinct=True))
    bought = Purchase.objects.filter(visit__in=visits)
    causes = bought.order_by().values("id")
    punches = Punch.objects.filter(cause_kind=CAUSE, cause_id__in=causes, state=PunchState.LIVE).count()
    items = bought.aggregate(items=Sum("quantity"))["items"] or 0
    return Totals(sums["entries"], items, punches, sums["customers"])


def export_heading() -> list[str]:
    return [
        _t("Entered on"), _t("Time"), _t("Entered by"), _t("Location"), _t("Astro ID"), _t("First name"),
        _t("Last name"), _t("Bought on"), _t("Time"), _t("Days late"), _t("Why"), _t("Note"), _t("Paper card"),
        _t("Items"), _t("Quantity"), _t("Punches that count"), _t("Practice"),
    ]  # fmt: skip


def export_rows(asked: LateFilter) -> Iterator[Row]:
    """A line each; a customer who was erased is a number."""
    rows = list(entries_asked_for(asked).order_by(*asked.order, "id"))
    for start in range(0, len(rows), AT_ONCE):
        for shown in shown_entries(rows[start : start + AT_ONCE]):
            entry, visit = shown.entry, shown.entry.visit
            zone = entry.location.time_zone
            who = visit.customer
            yield [
                shown.entered_on, entry.entered_at.astimezone(zone).strftime("%H:%M"), str(visit.by or ""),
                entry.location.name, str(who.pk), who.first_name, who.last_name, visit.day,
                visit.occurred_at.astimezone(zone).strftime("%H:%M"), shown.days_late, entry.get_why_display(),
                entry.note, entry.paper_card.number if entry.paper_card else "",
                ", ".join(f"{item.name} {item.size}".strip() for item in shown.items),
                sum(item.quantity for item in shown.items), shown.punches, visit.is_practice,
            ]  # fmt: skip


def _entered(asked: LateFilter, places: Sequence[Location]) -> Q:
    """By the calendar of each location."""
    found = Q()
    for place in places:
        here = Q(location=place)
        if first := asked.days["entered_from"]:
            here &= Q(entered_at__gte=midnight_before(first, place.time_zone))
        if last := asked.days["entered_to"]:
            here &= Q(entered_at__lt=midnight_after(last, place.time_zone))
        found |= here
    return found


def _day(text: str) -> date | None:
    """A day as an address writes it; years that no calendar of ours reaches are none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
