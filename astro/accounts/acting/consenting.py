"""A store lets the platform's support act as its people, or wants to be asked first."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from astro.accounts.acting.actions import end_masquerade
from astro.accounts.acting.queries import living_consents, running_of_support
from astro.accounts.models import EndOfActing, SupportConsent, User
from astro.activity.actions import record
from astro.tenancy.models import Location, Retailer


@transaction.atomic
def give_consent(*, by: User, at: Location, lasts: timedelta, now: datetime) -> SupportConsent:
    """Support may act as the people of the current retailer until then."""
    consent = SupportConsent(given_by=by, given_at=now, until_at=now + lasts)
    consent.save(force_insert=True)
    record("support let in", consent, by=by, at=at, now=now, minutes=int(lasts.total_seconds() // 60))
    return consent


@transaction.atomic
def withdraw_consents(*, by: User, at: Location, now: datetime) -> int:
    """Nothing is allowed any more, and whoever of support acts as anybody is themselves again at their next click.
    Says how many were."""
    for consent in living_consents(now=now):
        if SupportConsent.objects.filter(pk=consent.pk, withdrawn_at__isnull=True).update(withdrawn_at=now):
            record("support shut out", consent, by=by, at=at, now=now)
    running = list(running_of_support(now=now))
    return sum(end_masquerade(one.pk, why=EndOfActing.CONSENT_OVER, now=now, by=by) for one in running)


@transaction.atomic
def have_support_ask(retailer: Retailer, *, asks: bool, by: User, at: Location, now: datetime) -> bool:
    """Whether support must have a yes before it acts as anybody. From then on it holds, also for who does so already.
    False where it stood so."""
    if not Retailer.objects.filter(pk=retailer.pk).exclude(needs_consent=asks).update(needs_consent=asks):
        return False
    retailer.needs_consent = asks
    record("support rule changed", retailer, by=by, at=at, now=now, must_ask=asks)
    return True
