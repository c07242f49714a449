"""What is asked of the list of customers, as it stands in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from astro.customers.figures import counting
from astro.customers.models import Customer, CustomerTag, Kind, Merge, Reach, Tag
from astro.customers.queries import living

ALL = "all"
NONE = "none"
YES = "yes"
NO = "no"
SORTS = {
    "name": ("sort_name",),
    "newest": ("-created_at",),
    "oldest": ("created_at",),
    "last_visit": ("-last_visit",),
}
_REACH = [(state.value, state.label) for state in (Reach.YES, Reach.ASKED, Reach.ON_FILE, Reach.STOPPED, Reach.BOUNCES)]


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is on, in words, and the address of the list without it."""

    words: str
    url: str


class ListFilter(forms.Form):
    """Search, filters and sort of the list. What an address asks wrongly is left out, not complained about."""

    q = forms.CharField(label=_("Search"), required=False)
    place = forms.ChoiceField(label=_("Location"), required=False)
    sort = forms.ChoiceField(label=_("Sort by"), required=False)
    text = forms.ChoiceField(
        label=_("Texts"), required=False, choices=[("", _("Any")), *_REACH, (Reach.NONE, _("No mobile phone"))]
    )
    email = forms.ChoiceField(
        label=_("E-mail"), required=False, choices=[("", _("Any")), *_REACH, (Reach.NONE, _("No e-mail address"))]
    )
    app = forms.ChoiceField(
        label=_("App"), required=False, choices=[("", _("Any")), (YES, _("Uses it")), (NO, _("Does not use it"))]
    )
    reward = forms.ChoiceField(label=_("Reward"), required=False, choices=[("", _("Any")), (YES, _("Has one waiting"))])
    kind = forms.ChoiceField(label=_("Kind of account"), required=False, choices=[("", _("Any")), *Kind.choices])
    tag = forms.ChoiceField(label=_("Tag"), required=False)
    removed = forms.ChoiceField(
        label=_("Removed"), required=False, choices=[("", _("Not shown")), (YES, _("Only those"))]
    )

    NARROWING = ("text", "email", "app", "reward", "kind", "tag", "removed")

    def __init__(self, data: QueryDict, *, here: str, tags: Sequence[Tag] = (), sees_removed: bool = False) -> None:
        """`here` is the name of the location whose list is shown unless all are asked for; "" for none."""
        super().__init__(data)
        self.address = data
        self.typed = " ".join(str(data.get("q", "")).replace("\x00", " ").split())
        places = [("", here), (ALL, _("All locations"))] if here else [(ALL, _("All locations"))]
        first = (("", _("Best match first")), ("name", _("A to Z"))) if self.typed else (("", _("A to Z")),)
        rest = (
            ("newest", _("Most recently added")),
            ("oldest", _("Least recently added")),
            ("last_visit", _("Last visit")),
        )
        self._choose("place", places)
        self._choose("sort", [*first, *rest])
        self._choose("tag", [("", _("Any")), *((str(tag.pk), tag.label) for tag in tags), (NONE, _("No tag"))])
        if not sees_removed:
            del self.fields["removed"]
        if not tags:
            del self.fields["tag"]
        for field in self.fields.values():
            field.widget.attrs["class"] = "narrows"  # a change of it asks anew
        self.only_here = bool(here) and data.get("place") != ALL
        self.sorted_by = str(data.get("sort", "")) if data.get("sort") in SORTS else ""
        self.asked = {name: value for name in self.NARROWING if (value := self._asked(name))}

    @property
    def order(self) -> tuple[str, ...]:
        return SORTS[self.sorted_by or "name"]

    @property
    def narrowing(self) -> list[forms.BoundField]:
        """The filters that stand behind *Filters*."""
        return [self[name] for name in self.NARROWING if name in self.fields]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.asked)

    @property
    def asks_for_removed(self) -> bool:
        return "removed" in self.asked

    @property
    def chips(self) -> list[Chip]:
        """The filters that are on."""
        return [Chip(self._told(name), self._without(name)) for name in self.asked]

    def customers(self) -> QuerySet[Customer]:
        """Everybody whom the filters let through, but for the search and the location."""
        rows = removed() if self.asks_for_removed else living()
        for name, column in (("text", "text_state"), ("email", "email_state")):
            if name in self.asked:
                rows = rows.filter(**{column: self.asked[name]})
        if "app" in self.asked:
            rows = rows.filter(app_since__isnull=self.asked["app"] == NO)
        if "reward" in self.asked:
            rows = rows.filter(pk__in=counting().with_reward())
        if "kind" in self.asked:
            rows = rows.filter(kind=self.asked["kind"])
        tag = self.asked.get("tag")
        if tag == NONE:
            given = CustomerTag.objects.filter(customer=OuterRef("pk"), tag__archived_at__isnull=True)
            rows = rows.filter(~Exists(given))
        elif tag:
            rows = rows.filter(pk__in=CustomerTag.objects.filter(tag=int(tag)).order_by().values("customer"))
        return rows

    def _choose(self, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]

    def _asked(self, name: str) -> str:
        """What is chosen, if it is one of the choices."""
        if name not in self.fields:
            return ""
        value = str(self.data.get(name, ""))
        return value if value in {str(choice) for choice, _words in self._choices(name)} else ""

    def _choices(self, name: str) -> list[tuple[Any, Any]]:
        return list(self.fields[name].choices)  # type: ignore[attr-defined]

    def _told(self, name: str) -> str:
        words = next(words for choice, words in self._choices(name) if str(choice) == self.asked[name])
        return str(format_lazy("{}: {}", self.fields[name].label, words))

    def _without(self, name: str) -> str:
        kept = self.address.copy()
        for gone in (name, "cursor"):
            kept.pop(gone, None)
        return f"?{kept.urlencode()}"


def removed() -> QuerySet[Customer]:
    """Who was taken off the list and can come back: not who was merged into another account, nor who was erased."""
    merged = Merge.objects.filter(gone=OuterRef("pk"), split_at__isnull=True)
    gone: QuerySet[Customer] = Customer.objects.filter(retired_at__isnull=False, erased_at__isnull=True)
    return gone.filter(~Exists(merged) & Q(is_practice=False))
