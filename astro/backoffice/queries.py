"""The stores of this installation, as support finds and reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise

from astro.accounts.models import Membership, User
from astro.backoffice.forms import HELD, LAPSED, StoreFilter
from astro.kit.ids import MAX_ID
from astro.tenancy import features
from astro.tenancy.models import AccountState, Feature, Retailer


@dataclass(frozen=True, slots=True)
class Switch:
    """One feature of a store: whether it has it, whether its state gives it, and what was switched last, if anything
    holds. `by` is empty where it was switched at the command line."""

    name: str
    words: Promise
    is_on: bool
    is_given: bool
    row: Feature | None
    by: str


def stores_found(asked: StoreFilter, *, now: datetime) -> QuerySet[Retailer]:
    """By name, number, or the name or e-mail of somebody who runs it. Retailers stand before every wall."""
    stores: QuerySet[Retailer] = Retailer.objects.all()
    if asked.only == HELD:
        stores = stores.filter(held_at__isnull=False)
    elif asked.only == LAPSED:
        stores = stores.filter(state=AccountState.TRIAL, trial_until__lte=now)
    elif asked.only:
        stores = stores.filter(state=asked.only)
    if asked.text:
        people = Membership.objects.filter(
            Q(user__email__icontains=asked.text) | Q(user__name__icontains=asked.text),
            retailer=OuterRef("pk"),
            ended_at__isnull=True,
        ).exclude(role="cashier")
        found = Q(name__icontains=asked.text) | Q(Exists(people))
        if asked.text.isdecimal() and asked.text.isascii() and len(asked.text) < 20 and int(asked.text) <= MAX_ID:
            found |= Q(pk=int(asked.text))
        stores = stores.filter(found)
    return stores


def people_of(retailer: Retailer) -> list[Membership]:
    """Who works there, the widest first; who does not any more is left out."""
    rows = Membership.objects.filter(retailer=retailer.pk, ended_at__isnull=True).select_related("user")
    order = {"master": 0, "administrator": 1, "cashier": 2}
    return sorted(rows, key=lambda row: (order[row.role], row.user.name, row.pk))


def switchboard(retailer: Retailer) -> list[Switch]:
    """Inside the retailer's wall."""
    rows = {row.name: row for row in Feature.objects.filter(until__isnull=True)}
    names = dict(User.objects.filter(pk__in=[row.by_user_id for row in rows.values()]).values_list("pk", "name"))
    given = features.GIVEN[AccountState(retailer.state)]
    held = features.all_of(retailer)
    board = []
    for name, words in features.NAMES.items():
        row = rows.get(name)
        by = names.get(row.by_user_id, "") if row and row.by_user_id else ""
        board.append(Switch(name, words, name in held, name in given, row, by))
    return board
