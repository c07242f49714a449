"""Whether support may act, and who may be acted as."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from astro.accounts.models import Masquerade, Membership, SupportConsent


def consent_for_support(*, now: datetime) -> SupportConsent | None:
    """What the current retailer has allowed and not taken back: the one that lasts longest."""
    return living_consents(now=now).order_by("-until_at", "-id").first()


def living_consents(*, now: datetime) -> QuerySet[SupportConsent]:
    rows: QuerySet[SupportConsent] = SupportConsent.objects.filter(withdrawn_at__isnull=True, until_at__gt=now)
    return rows


def running_of_support(*, now: datetime) -> QuerySet[Masquerade]:
    """Support acts as somebody of the current retailer at this moment."""
    rows: QuerySet[Masquerade] = Masquerade.objects.filter(is_by_support=True, ended_at__isnull=True, until_at__gt=now)
    return rows.select_related("really_by", "membership__user")


def masquerades_seen_by(membership: Membership) -> QuerySet[Masquerade]:
    """Those that an administrator may read of: as people of their location, or of all."""
    rows: QuerySet[Masquerade] = Masquerade.objects.select_related("really_by", "membership__user")
    if membership.location_id is not None:
        rows = rows.filter(membership__location=membership.location_id)
    return rows
