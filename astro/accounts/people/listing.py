"""The list *My Users*: what is asked for, which page of it, and what an export holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from astro.accounts.acting.rules import RANKS
from astro.accounts.models import Membership, Role
from astro.accounts.people.inviting import why_over
from astro.accounts.people.queries import invitations_seen_by, last_seen, people_seen_by
from astro.accounts.queries import locations_of
from astro.kit.paging import ROWS
from astro.kit.tables import Row
from astro.kit.typed import one_line

LIVING, INVITED, REMOVED = "living", "invited", "removed"
STATES = {LIVING: _("Active"), INVITED: _("Invited"), REMOVED: _("Removed")}


class UserFilter(forms.Form):
    """Search, filter and sort, from the address. What an address asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    role = forms.ChoiceField(label=_("User type"), required=False)
    place = forms.ChoiceField(label=_("Location"), required=False)
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[("", _("By name")), ("role", _("By user type")), ("seen", _("Last seen first"))],
    )

    def __init__(self, data: Mapping[str, Any], *, own: Membership) -> None:
        super().__init__(data)
        self.places = {str(one.pk): one.name for one in locations_of(own)}
        choices = {
            "state": [("", _("Active and invited")), *STATES.items()],
            "role": [("", _("Every user type")), *((role.value, role.label) for role in Role)],
            "place": [("", _("All locations")), *self.places.items()],
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]
        if len(self.places) < 2:
            del self.fields["place"]
        for name in set(self.fields) - {"q"}:
            self.fields[name].widget.attrs["class"] = "narrows"
        self.text = one_line(data.get("q"))
        self.only_state = data.get("state") if data.get("state") in STATES else ""
        self.only_role = data.get("role") if data.get("role") in Role.values else ""
        asked = str(data.get("place", ""))
        self.place_id = int(asked) if asked in self.places else None
        self.order = str(data.get("sort", ""))

    @property
    def is_asking(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text or self.only_state or self.only_role or self.place_id)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line: somebody who works here, who is invited, or who was removed."""

    name: str
    login: str
    role: Role
    place_ids: frozenset[int]
    places: str
    seen_at: datetime | None
    state: str
    url: str
    is_billing_contact: bool = False
    is_oneself: bool = False
    is_too_old: bool = False

    @property
    def state_words(self) -> str:
        return str(STATES[self.state])


@dataclass(frozen=True, slots=True)
class ShownPage:
    rows: Sequence[Listed]
    first: int
    total: int
    previous: int | None
    next: int | None

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def users_listed(asked: UserFilter, *, own: Membership, now: datetime) -> list[Listed]:
    """Everybody whom the address asks for, sorted. A store has some dozens of people, so all are read at once."""
    rows = [one for one in _everybody(own, now=now) if _is_asked_for(one, asked)]
    if asked.order == "role":
        rows.sort(key=lambda one: -RANKS[one.role])
    elif asked.order == "seen":
        rows.sort(key=lambda one: one.seen_at.timestamp() if one.seen_at else 0.0, reverse=True)
    return rows


def page_of_users(rows: Sequence[Listed], *, asked: str | None) -> ShownPage:
    """The page of this number, counted from 1; the first one where there is no such."""
    number = int(asked) if asked and asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    start = (number - 1) * ROWS
    if not 0 <= start < len(rows):
        number, start = 1, 0
    end = start + ROWS
    before, after = number - 1 or None, number + 1 if end < len(rows) else None
    return ShownPage(rows[start:end], start + 1, len(rows), before, after)


def export_heading() -> list[str]:
    return [_t("Name"), _t("Signs in with"), _t("User type"), _t("Locations"), _t("Last seen"), _t("State")]


def export_rows(rows: Sequence[Listed], *, zone: tzinfo) -> Iterator[Row]:
    for one in rows:
        seen = one.seen_at.astimezone(zone) if one.seen_at else ""
        yield [one.name, one.login, str(one.role.label), one.places, seen, one.state_words]


def _everybody(own: Membership, *, now: datetime) -> list[Listed]:
    names = {one.pk: one.name for one in locations_of(own)}
    people = people_seen_by(own)
    seen = last_seen(people, retailer_id=own.retailer_id)
    rows = [
        Listed(
            name=person.user.name,
            login=person.user.login,
            role=person.role,
            place_ids=person.places,
            places=places_in_words(person.places, names=names),
            seen_at=seen.get(person.user.pk),
            state=REMOVED if person.is_removed else LIVING,
            url=reverse("accounts:user", args=[person.pk]),
            is_billing_contact=person.is_billing_contact and not person.is_removed,
            is_oneself=person.user.pk == own.user_id,
        )
        for person in people
    ]
    rows += [
        Listed(
            name=one.name,
            login=one.email,
            role=Role(one.role),
            place_ids=frozenset(one.places),
            places=places_in_words(one.places, names=names),
            seen_at=None,
            state=INVITED,
            url=reverse("accounts:sent_invitation", args=[one.pk]),
            is_too_old=why_over(one, now=now) == "too_old",
        )
        for one in invitations_seen_by(own)
    ]
    return sorted(rows, key=lambda one: (one.name.casefold(), one.login))


def places_in_words(places: Sequence[int] | frozenset[int], *, names: Mapping[int, str]) -> str:
    """Their names; of a master administrator, that it is all of them."""
    return ", ".join(sorted(names[place] for place in places if place in names)) if places else _t("All locations")


def _is_asked_for(one: Listed, asked: UserFilter) -> bool:
    if one.state != asked.only_state and (asked.only_state or one.state == REMOVED):
        return False
    if asked.only_role and one.role != asked.only_role:
        return False
    if asked.place_id and one.place_ids and asked.place_id not in one.place_ids:
        return False
    text = asked.text.casefold()
    return text in one.name.casefold() or text in one.login.casefold()
