"""The list of texts that came in: what is asked for, which page of it, and what an export holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from astro.kit.folding import digits_of, fold
from astro.kit.paging import Page, page_of
from astro.kit.phones import national
from astro.kit.tables import Row
from astro.kit.typed import one_line
from astro.messaging.models import Meaning, Reply
from astro.messaging.queries import replies_to_read
from astro.tenancy.models import Location

FEWEST_DIGITS = 3
SORTS = {"": ("-received_at",), "oldest": ("received_at",)}


class ReplyFilter(forms.Form):
    """Search, state and sort of the list, from its address. What an address asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    show = forms.ChoiceField(
        label=_("Which texts"), required=False, choices=[("", _("To be read")), ("all", _("All that came in"))]
    )
    sort = forms.ChoiceField(
        label=_("Sort by"), required=False, choices=[("", _("Newest first")), ("oldest", _("Oldest first"))]
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.text = one_line(data.get("q"))
        self.shows_all = data.get("show") == "all"
        self.order = SORTS.get(str(data.get("sort", "")), SORTS[""])


def replies_asked_for(asked: ReplyFilter) -> QuerySet[Reply]:
    """Whose words, name or number hold what was typed."""
    rows: QuerySet[Reply] = Reply.objects.all() if asked.shows_all else replies_to_read()
    rows = rows.select_related("customer", "settled_by")
    if not asked.text:
        return rows
    found = Q(body__icontains=asked.text) | Q(customer__search__contains=fold(asked.text))
    digits = digits_of(asked.text)
    if len(digits) >= FEWEST_DIGITS:
        found |= Q(sender__contains=digits)
    return rows.filter(found)


def page_of_replies(asked: ReplyFilter, *, cursor: str | None) -> Page[Reply]:
    return page_of(replies_asked_for(asked), order_by=asked.order, cursor=cursor)


def export_heading() -> list[str]:
    return [
        _t("Received on"), _t("Mobile phone"), _t("Astro ID"), _t("First name"), _t("Last name"), _t("Text"),
        _t("Understood as"), _t("Looked at by"), _t("Looked at on"),
    ]  # fmt: skip


def export_rows(asked: ReplyFilter, *, at: Location) -> Iterator[Row]:
    for row in replies_asked_for(asked).order_by(*asked.order, "id").iterator():
        who = row.customer
        yield [
            at.day(row.received_at), national(row.sender), str(who.pk) if who else "",
            who.first_name if who else "", who.last_name if who else "", row.body, Meaning(row.meaning).label,
            str(row.settled_by or ""), at.day(row.settled_at) if row.settled_at else None,
        ]  # fmt: skip
