"""The list of who acted as whom: what is asked for, which page of it, and what an export holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from astro.accounts.acting.queries import masquerades_seen_by
from astro.accounts.models import Masquerade, Membership, User
from astro.kit.paging import Page, page_of
from astro.kit.tables import Row
from astro.kit.typed import one_line

SORTS = {"": ("-began_at",), "oldest": ("began_at",), "who": ("really_by__name", "-began_at")}
SUPPORT = "support"


class ActingFilter(forms.Form):
    """Search, filter and sort, from the address. What an address asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    who = forms.ChoiceField(label=_("Who acted"), required=False)
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[("", _("Newest first")), ("oldest", _("Oldest first")), ("who", _("By who acted"))],
    )

    def __init__(self, data: Mapping[str, Any], *, people: Sequence[User]) -> None:
        super().__init__(data)
        self.people = {str(user.pk): user for user in people}
        everyone = [
            ("", _("Everyone")),
            (SUPPORT, _("Support")),
            *((key, one.name) for key, one in self.people.items()),
        ]
        self.fields["who"].choices = everyone  # type: ignore[attr-defined]
        for name in ("who", "sort"):
            self.fields[name].widget.attrs["class"] = "narrows"
        self.text = one_line(data.get("q"))
        who = str(data.get("who", ""))
        self.by_support = who == SUPPORT
        self.by = self.people.get(who)
        self.order = SORTS.get(str(data.get("sort", "")), SORTS[""])

    @property
    def is_asking(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text or self.by or self.by_support)


@dataclass(frozen=True, slots=True)
class Shown:
    """One of the list. `over_at` is None while it lasts."""

    masquerade: Masquerade
    over_at: datetime | None

    @property
    def why(self) -> str:
        told = self.masquerade.get_why_ended_display()
        return str(told) if told or self.over_at is None else _t("The time was over")


def people_who_acted(membership: Membership) -> list[User]:
    """Of the store, by name; support is asked for as one."""
    rows = masquerades_seen_by(membership).filter(is_by_support=False).order_by()
    return list(User.objects.filter(pk__in=list(rows.values_list("really_by", flat=True).distinct())).order_by("name"))


def asked_for(asked: ActingFilter, *, by: Membership) -> QuerySet[Masquerade]:
    """Whose names or reason hold what was typed."""
    rows = masquerades_seen_by(by)
    if asked.by_support:
        rows = rows.filter(is_by_support=True)
    if asked.by:
        rows = rows.filter(really_by=asked.by, is_by_support=False)
    if asked.text:
        found = Q(really_by__name__icontains=asked.text) | Q(membership__user__name__icontains=asked.text)
        rows = rows.filter(found | Q(reason__icontains=asked.text))
    return rows


def page_of_actings(asked: ActingFilter, *, by: Membership, cursor: str | None) -> Page[Masquerade]:
    return page_of(asked_for(asked, by=by), order_by=asked.order, cursor=cursor)


def shown(rows: Sequence[Masquerade], *, now: datetime) -> list[Shown]:
    return [Shown(row, _over_at(row, now=now)) for row in rows]


def export_heading() -> list[str]:
    return [
        _t("Who acted"), _t("Support"), _t("As whom"), _t("Role"), _t("Why"), _t("From"), _t("Until"),
        _t("How it ended"), _t("From which address"),
    ]  # fmt: skip


def export_rows(asked: ActingFilter, *, by: Membership, zone: tzinfo, now: datetime) -> Iterator[Row]:
    for row in shown(list(asked_for(asked, by=by).order_by(*asked.order, "id")), now=now):
        one = row.masquerade
        yield [
            one.really_by.name, one.is_by_support, one.membership.user.name, one.membership.get_role_display(),
            one.reason, one.began_at.astimezone(zone), row.over_at.astimezone(zone) if row.over_at else "",
            row.why if row.over_at else _t("Still acting"), one.address or "",
        ]  # fmt: skip


def _over_at(row: Masquerade, *, now: datetime) -> datetime | None:
    """Nobody need come back to end it: then it was over when its time was."""
    return row.ended_at or (row.until_at if row.until_at <= now else None)
