"""The list of kept purchases: what is asked for, how each row is told, and what an export holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import Device
from astro.catalog.models import Product
from astro.checkout.kept_words import Story, named_by_till, story_of
from astro.checkout.models import KeptVisit, Why
from astro.checkout.settling import Item, items_of
from astro.kit.folding import fold
from astro.kit.paging import Page, page_of
from astro.kit.tables import Row
from astro.kit.typed import one_line
from astro.tenancy.models import Location

SORTS = {"": "-kept_at", "oldest": "kept_at"}
ROWS = 20
AT_ONCE = 200


class KeptFilter(forms.Form):
    """Search, filters and sort, from the address. What an address asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    why = forms.ChoiceField(label=_("What happened"), required=False, choices=[("", _("Everything")), *Why.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("To be settled")), ("settled", _("Settled")), ("all", _("Settled or not"))],
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
        for name in ("why", "state", "place", "sort"):
            self.fields[name].widget.attrs["class"] = "narrows"
        self.text = one_line(data.get("q"))
        why = str(data.get("why", ""))
        self.only = why if why in Why.values else ""
        self.at = self.places.get(str(data.get("place", "")))
        state = str(data.get("state", ""))
        self.shown = state if state in ("settled", "all") else ""
        self.order = SORTS.get(str(data.get("sort", "")), SORTS[""])

    @property
    def is_asking(self) -> bool:
        """Whether anything is left out that waits, or anything else is shown."""
        return bool(self.text or self.only or self.at or self.shown)


@dataclass(frozen=True, slots=True)
class NamedItem:
    """An item of a kept purchase with the name that it has, or had; a code that was in no catalogue has none."""

    item: Item
    name: str


@dataclass(frozen=True, slots=True)
class ShownKept:
    kept: KeptVisit
    story: Story
    named_by: str
    items: Sequence[NamedItem]
    till: str


def kept_asked_for(asked: KeptFilter) -> QuerySet[KeptVisit]:
    places = [asked.at] if asked.at else list(asked.places.values())
    rows: QuerySet[KeptVisit] = KeptVisit.objects.filter(location__in=places)
    if asked.shown != "all":
        rows = rows.filter(settled_at__isnull=not asked.shown)
    if asked.only:
        rows = rows.filter(why=asked.only)
    if asked.text:
        told = [Q(**{f"body__customer__{way}__icontains": asked.text}) for way in ("note", "code", "phone")]
        found = Q(customer__search__contains=fold(asked.text)) | Q(by__name__icontains=asked.text)
        rows = rows.filter(found | told[0] | told[1] | told[2])
    return rows.select_related("customer", "by", "location", "visit", "settled_by")


def page_of_kept(asked: KeptFilter, *, cursor: str | None) -> Page[KeptVisit]:
    return page_of(kept_asked_for(asked), order_by=[asked.order], cursor=cursor, rows=ROWS)


def shown_kept(rows: Sequence[KeptVisit]) -> list[ShownKept]:
    """These rows in words. Two queries."""
    items = {row.pk: items_of(row) for row in rows}
    ids = {item.product_id for found in items.values() for item in found if item.product_id}
    names = {pk: str(product) for pk, product in Product.objects.in_bulk(ids).items()} if ids else {}
    tills = Device.objects.in_bulk({row.device_id for row in rows if row.device_id})
    return [
        ShownKept(
            row,
            story_of(row, items=len(items[row.pk])),
            named_by_till(row),
            [NamedItem(item, _name(item, names)) for item in items[row.pk]],
            tills[row.device_id].name if row.device_id in tills else "",
        )
        for row in rows
    ]


def _name(item: Item, names: Mapping[int, str]) -> str:
    if item.product_id is None:
        return ""
    return names.get(item.product_id) or _t("an item that is not in the catalogue any more")


def export_heading() -> list[str]:
    return [
        _t("Came in"), _t("Bought"), _t("Location"), _t("Till"), _t("Rung up by"), _t("Astro ID"), _t("First name"),
        _t("Last name"), _t("As the till named them"), _t("What happened"), _t("Items"), _t("Quantity"),
        _t("Settled"), _t("How"), _t("Settled by"), _t("Note"),
    ]  # fmt: skip


def export_rows(asked: KeptFilter) -> Iterator[Row]:
    rows = list(kept_asked_for(asked).order_by(asked.order, "id"))
    for start in range(0, len(rows), AT_ONCE):
        for shown in shown_kept(rows[start : start + AT_ONCE]):
            kept, who, zone = shown.kept, shown.kept.customer, shown.kept.location.time_zone
            yield [
                kept.kept_at.astimezone(zone), kept.occurred_at.astimezone(zone) if kept.occurred_at else "",
                kept.location.name, shown.till, str(kept.by or kept.body.get("rung_up_by", "")),
                str(who.pk) if who else "", who.first_name if who else "", who.last_name if who else "",
                shown.named_by, kept.get_why_display(),
                ", ".join(one.name or one.item.code for one in shown.items),
                sum(one.item.quantity for one in shown.items),
                kept.settled_at.astimezone(zone) if kept.settled_at else "", kept.get_settled_how_display(),
                str(kept.settled_by or ""), kept.settled_note,
            ]  # fmt: skip
