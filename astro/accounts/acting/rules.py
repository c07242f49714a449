"""Who may act as whom. Pure: asked before it begins, and again on every request while it lasts."""

from __future__ import annotations

from astro.accounts.models import Membership, Role

RANKS = {Role.CASHIER: 0, Role.ADMINISTRATOR: 1, Role.MASTER: 2}


def is_within_reach(other: Membership, *, of: Membership) -> bool:
    """Whether the other one works where this person administers: of a location alone its own people."""
    if not of.is_administrator or of.retailer_id != other.retailer_id:
        return False
    return of.location_id is None or of.location_id == other.location_id


def is_above(other: Membership, *, than: Membership) -> bool:
    """Whether the other one may do more: by rank, or with the store's bills."""
    if RANKS[Role(other.role)] > RANKS[Role(than.role)]:
        return True
    return other.is_billing_contact and not than.is_billing_contact
