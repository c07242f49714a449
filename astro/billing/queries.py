"""How a store's account stands, how it came to be so, and who gets its bills."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from astro.accounts.models import Membership
from astro.billing.models import BillingContact, ContactMove, Hold, SecondStepRemoval, StateChange
from astro.tenancy import features
from astro.tenancy.models import AccountState, Retailer


@dataclass(frozen=True, slots=True)
class Standing:
    """The current retailer's account now. `has`: what can be had, each with whether this account has it."""

    state: str
    is_lapsed: bool
    days_left: int
    trial_until: datetime | None
    hold: Hold | None
    held_at: datetime | None
    has: list[tuple[str | Promise, bool]]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of an account's history. `by` is empty where nobody of the platform did it."""

    at: datetime
    what: str
    reason: str
    by: str


def standing_of(retailer: Retailer, *, now: datetime) -> Standing:
    """Inside the retailer's wall."""
    held = features.all_of(retailer)
    return Standing(
        state=retailer.state,
        is_lapsed=retailer.has_lapsed(now),
        days_left=trial_days_left(retailer, now=now),
        trial_until=retailer.trial_until,
        hold=Hold.objects.filter(lifted_at__isnull=True).first(),
        held_at=retailer.held_at,
        has=[(words, name in held) for name, words in features.NAMES.items()],
    )


def trial_days_left(retailer: Retailer, *, now: datetime) -> int:
    """Days that the trial still runs, a day that has begun counted whole; 0 where none runs."""
    if not retailer.is_on_trial(now) or retailer.trial_until is None:
        return 0
    return math.ceil((retailer.trial_until - now) / timedelta(days=1))


def history_of_account() -> list[Change]:
    """Of the current retailer, the latest first: kinds of account, holds, and who got the bills."""
    names = dict(AccountState.choices)
    changes = [
        Change(
            row.at,
            _("%(was)s became %(became)s") % {"was": names[row.was], "became": names[row.became]},
            row.reason,
            str(row.by or ""),
        )
        for row in StateChange.objects.select_related("by")
    ]
    for hold in Hold.objects.select_related("placed_by", "lifted_by"):
        changes.append(Change(hold.placed_at, _("Put on hold"), hold.reason, str(hold.placed_by or "")))
        if hold.lifted_at is not None:
            changes.append(Change(hold.lifted_at, _("Hold lifted"), hold.lifted_reason, str(hold.lifted_by or "")))
    for move in ContactMove.objects.select_related("became__user", "by"):
        words = _("%(person)s became the primary billing contact") % {"person": move.became.user.name}
        changes.append(Change(move.at, words, move.reason, str(move.by or "")))
    for removal in SecondStepRemoval.objects.select_related("membership__user", "by"):
        words = _("The second step of %(person)s was taken off") % {"person": removal.membership.user.name}
        changes.append(Change(removal.at, words, removal.reason, str(removal.by)))
    return sorted(changes, key=lambda change: change.at, reverse=True)


def primary_contact(retailer: Retailer) -> Membership | None:
    """The one person of the store who settles its bills."""
    living = Membership.objects.filter(retailer=retailer.pk, is_billing_contact=True, ended_at__isnull=True)
    contact: Membership | None = living.select_related("user").order_by("id").first()
    return contact


def billing_details() -> BillingContact | None:
    """Where the current retailer wants its bills; None: to the primary contact."""
    details: BillingContact | None = BillingContact.objects.first()
    return details
