"""The activity log: what is asked for, which page of it, what each line says, and what an export holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import Device, Masquerade, Membership, User
from astro.accounts.queries import locations_of
from astro.activity.models import OF_EVERY_CHECKOUT, Event
from astro.customers.queries import customers_matching
from astro.desk.activity.about import About, abouts
from astro.desk.activity.words import GROUPS, details_of, names_saying, sentence_of
from astro.kit.clock import midnight_after, midnight_before
from astro.kit.ids import MAX_ID
from astro.kit.paging import Page, page_of
from astro.kit.tables import Row
from astro.kit.typed import one_line
from astro.tenancy.models import Location

SORTS = {"": ("-at",), "oldest": ("at",)}
DAYS = ("from_day", "to_day")
MOST_CUSTOMERS = 25
AT_ONCE = 500
ALL_OF = "all:"


class ActivityFilter(forms.Form):
    """Search, filters and sort, from the address. What an address asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    what = forms.ChoiceField(label=_("What happened"), required=False)
    who = forms.ChoiceField(label=_("Person"), required=False)
    place = forms.ChoiceField(label=_("Location"), required=False)
    from_day = forms.DateField(label=_("From"), required=False)
    to_day = forms.DateField(label=_("To"), required=False)
    acting = forms.BooleanField(label=_("Only while acting as another"), required=False)
    sort = forms.ChoiceField(
        label=_("Sort by"), required=False, choices=[("", _("Newest first")), ("oldest", _("Oldest first"))]
    )
    about = forms.CharField(required=False, widget=forms.HiddenInput)
    masquerade = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any], *, membership: Membership, at: Location) -> None:
        super().__init__(data)
        self.membership, self.zone = membership, at.time_zone
        self.places = {str(place.pk): place for place in locations_of(membership).order_by("name", "id")}
        self.people = {str(user.pk): user for user in people_of(membership)}
        self._offer("what", _("Everything"), _kinds())
        self._offer("who", _("Everyone"), [(key, user.name) for key, user in self.people.items()])
        self._offer("place", _("All locations"), [(key, place.name) for key, place in self.places.items()])
        for name in DAYS:
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        for name in ("what", "who", "place", *DAYS, "acting", "sort"):
            self.fields[name].widget.attrs["class"] = "narrows"
        self.text = one_line(data.get("q"))
        self.names = _names(str(data.get("what", "")))
        self.by = self.people.get(str(data.get("who", "")))
        self.at = self.places.get(str(data.get("place", "")))
        self.days = {name: _day(str(data.get(name, ""))) for name in DAYS}
        self.only_acting = bool(data.get("acting"))
        self.thing = _thing(str(data.get("about", "")))
        self.masquerade_of = _masquerade(str(data.get("masquerade", "")))
        self.order = SORTS.get(str(data.get("sort", "")), SORTS[""])

    def _offer(self, name: str, everything: Any, choices: Sequence[Any]) -> None:
        self.fields[name].choices = [("", everything), *choices]  # type: ignore[attr-defined]

    @property
    def is_asking(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text or self.is_narrowed or self.names or self.thing or self.masquerade_of)

    @property
    def is_narrowed(self) -> bool:
        """Whether one of the filters behind the button is on."""
        return bool(self.by or self.at or any(self.days.values()) or self.only_acting)

    @property
    def narrowing(self) -> list[forms.BoundField]:
        return [self[name] for name in ("who", *(("place",) if len(self.places) > 1 else ()), *DAYS)]


@dataclass(frozen=True, slots=True)
class Line:
    """An event as the page tells it. `who` is empty where Astro acted by itself."""

    event: Event
    sentence: str
    details: str
    who: str
    really: str
    about: About
    place: str
    till: str
    at: datetime

    @property
    def about_key(self) -> str:
        return f"{self.event.about_kind}-{self.event.about_id}"


def people_of(membership: Membership) -> list[User]:
    """Who works or worked within reach, and whoever acted as one of them; by name."""
    mine = Q(memberships__retailer=membership.retailer_id)
    if not membership.is_master:
        mine &= Q(memberships__location=membership.location_id) | Q(memberships__location__isnull=True)
    ids = set(User.objects.filter(mine).values_list("pk", flat=True))
    ids |= set(Masquerade.objects.order_by().values_list("really_by_id", flat=True).distinct())
    return list(User.objects.filter(pk__in=ids).order_by("name", "id"))


def events_asked_for(asked: ActivityFilter) -> QuerySet[Event]:
    """Masters see everything, an administrator of a location what happened there."""
    rows: QuerySet[Event] = Event.objects.select_related("location")
    if asked.at:
        rows = rows.filter(location=asked.at)
    elif not asked.membership.is_master:
        rows = rows.filter(location__in=list(asked.places.values()))
    if asked.names:
        rows = rows.filter(name__in=asked.names)
        if OF_EVERY_CHECKOUT not in asked.names:
            rows = rows.filter(~Q(name=OF_EVERY_CHECKOUT))  # else SQLite does not see that the index serves
    if asked.by:
        rows = rows.filter(Q(by_user_id=asked.by.pk) | Q(really_by_id=asked.by.pk))
    if asked.only_acting:
        rows = rows.filter(really_by_id__isnull=False)
    if asked.thing:
        rows = rows.filter(about_kind=asked.thing[0], about_id__in=_same_as(asked.thing, membership=asked.membership))
    if one := asked.masquerade_of:
        until = one.ended_at or one.until_at
        rows = rows.filter(really_by_id=one.really_by_id, at__gte=one.began_at, at__lte=until)
    if first := asked.days["from_day"]:
        rows = rows.filter(at__gte=midnight_before(first, asked.zone))
    if last := asked.days["to_day"]:
        rows = rows.filter(at__lt=midnight_after(last, asked.zone))
    return rows.filter(_saying(asked)) if asked.text else rows


def page_of_events(asked: ActivityFilter, *, cursor: str | None) -> Page[Event]:
    return page_of(events_asked_for(asked), order_by=asked.order, cursor=cursor)


def lines_of(events: Sequence[Event], *, asked: ActivityFilter) -> list[Line]:
    """One query each for people and tills, and one for each kind of thing."""
    things = abouts(events)
    people = User.objects.in_bulk(
        list({one for event in events for one in (event.by_user_id, event.really_by_id) if one})
    )
    tills = Device.objects.in_bulk(list({event.device_id for event in events if event.device_id}))
    return [
        Line(
            event=event,
            sentence=sentence_of(event.name),
            details=details_of(event.facts),
            who=_person(event.by_user_id, people),
            really=_person(event.really_by_id, people),
            about=things[event.about_kind, event.about_id],
            place=event.location.name if event.location else "",
            till=tills[event.device_id].name if event.device_id in tills else "",
            at=event.at.astimezone(event.location.time_zone if event.location else asked.zone),
        )
        for event in events
    ]


def thing_told(asked: ActivityFilter) -> About | None:
    """What the list is narrowed to, by its name, where it is about one thing."""
    if asked.thing is None:
        return None
    kind, thing_id = asked.thing
    return abouts([Event(pk=1, retailer_id=1, about_kind=kind, about_id=thing_id)]).get((kind, thing_id))


def export_heading() -> list[str]:
    return [
        _t("Day"), _t("Time"), _t("What happened"), _t("Details"), _t("Who"), _t("Really by"), _t("About"), _t("Name"),
        _t("Astro ID"), _t("Location"), _t("Till"), _t("From where"), _t("Event"),
    ]  # fmt: skip


def export_rows(asked: ActivityFilter) -> Iterator[Row]:
    """A line each, as the page tells it; read part by part."""
    events = events_asked_for(asked).order_by(*asked.order, "id").iterator(chunk_size=AT_ONCE)
    for some in _parts(events):
        for line in lines_of(some, asked=asked):
            yield [
                line.at.date(), line.at.strftime("%H:%M:%S"), line.sentence, line.details, line.who, line.really,
                line.about.kind, line.about.name, str(line.event.about_id), line.place, line.till,
                line.event.address or "", line.event.name,
            ]  # fmt: skip


def _parts(events: Iterator[Event]) -> Iterator[list[Event]]:
    part: list[Event] = []
    for event in events:
        part.append(event)
        if len(part) == AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _kinds() -> list[tuple[str, Any]]:
    return [
        (str(label), [(f"{ALL_OF}{key}", _t("All of: %(group)s") % {"group": label}), *words.items()])
        for key, (label, words) in GROUPS.items()
    ]


def _names(asked: str) -> list[str]:
    if asked.startswith(ALL_OF):
        group = GROUPS.get(asked.removeprefix(ALL_OF))
        return list(group[1]) if group else []
    return [asked] if any(asked in words for _label, words in GROUPS.values()) else []


def _saying(asked: ActivityFilter) -> Q:
    """Words of the sentence, or the name of a person or of a customer."""
    people = [user.pk for user in asked.people.values() if asked.text.casefold() in user.name.casefold()]
    customers = [one.pk for one in customers_matching(asked.text, limit=MOST_CUSTOMERS)]
    found = Q(name__in=names_saying(asked.text)) | Q(by_user_id__in=people) | Q(really_by_id__in=people)
    return found | Q(about_kind="customers.customer", about_id__in=customers)


def _person(user_id: int | None, people: Mapping[int, User]) -> str:
    known = people.get(user_id or 0)
    return known.name if known else ""


def _thing(text: str) -> tuple[str, int] | None:
    kind, _dash, told = text.rpartition("-")
    if not kind or not told.isascii() or not told.isdecimal() or len(told) > 19 or int(told) > MAX_ID:
        return None
    return kind[:60], int(told)


def _same_as(thing: tuple[str, int], *, membership: Membership) -> list[int]:
    """A person has a membership for each place, and a new one when they come back: all of them are one person."""
    kind, thing_id = thing
    ours = Membership.objects.filter(retailer=membership.retailer_id)
    who = ours.filter(pk=thing_id).values("user") if kind == "accounts.membership" else ours.none().values("user")
    return [thing_id, *ours.filter(user__in=who).exclude(pk=thing_id).values_list("pk", flat=True)]


def _masquerade(text: str) -> Masquerade | None:
    if not text.isascii() or not text.isdecimal() or len(text) > 19 or int(text) > MAX_ID:
        return None
    found: Masquerade | None = (
        Masquerade.objects.select_related("really_by", "membership__user").filter(pk=int(text)).first()
    )
    return found


def _day(text: str) -> date | None:
    """A day as an address writes it; years that no calendar of ours reaches are none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
