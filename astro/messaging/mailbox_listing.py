"""The list of the local mailbox: what is asked for, and which page of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import Role
from astro.customers.models import Channel
from astro.kit.folding import digits_of, fold
from astro.kit.paging import Page, page_of
from astro.kit.typed import one_line
from astro.messaging.actions import REQUESTS
from astro.messaging.models import KeptMessage

FEWEST_DIGITS = 3
SORTS = {"": ("-kept_at",), "oldest": ("kept_at",)}


class MailboxFilter(forms.Form):
    """Search, channel and sort of the list, from its address. What an address asks wrongly is left out."""

    q = forms.CharField(label=_("Search"), required=False)
    channel = forms.ChoiceField(
        label=_("Which messages"), required=False, choices=[("", _("E-mails and texts")), *Channel.choices]
    )
    sort = forms.ChoiceField(
        label=_("Sort by"), required=False, choices=[("", _("Newest first")), ("oldest", _("Oldest first"))]
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.text = one_line(data.get("q"))
        channel = str(data.get("channel", ""))
        self.only = channel if channel in Channel.values else ""
        self.order = SORTS.get(str(data.get("sort", "")), SORTS[""])


def kept_for(role: str) -> QuerySet[KeptMessage]:
    """What somebody with this role may read: a cashier the two requests that cashiers send, others all."""
    rows: QuerySet[KeptMessage] = KeptMessage.objects.select_related("delivery__customer")
    return rows.filter(delivery__kind__in=REQUESTS.values()) if role == Role.CASHIER else rows


def page_of_mailbox(asked: MailboxFilter, *, role: str, cursor: str | None) -> Page[KeptMessage]:
    """Whose subject, text, reader or address hold what was typed."""
    rows = kept_for(role)
    if asked.only:
        rows = rows.filter(delivery__channel=asked.only)
    if asked.text:
        found = Q(subject__icontains=asked.text) | Q(delivery__address__icontains=asked.text)
        found |= Q(delivery__customer__search__contains=fold(asked.text))
        if len(digits := digits_of(asked.text)) >= FEWEST_DIGITS:
            found |= Q(delivery__address__contains=digits)
        rows = rows.filter(found)
    return page_of(rows, order_by=asked.order, cursor=cursor)
