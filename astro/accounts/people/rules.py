"""Who may settle what of whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from astro.accounts.acting.rules import RANKS
from astro.accounts.models import Membership, Role


def widest(memberships: Iterable[Membership]) -> Role:
    """The role that may do most; a cashier's where there is none."""
    return max((Role(one.role) for one in memberships), key=lambda role: RANKS[role], default=Role.CASHIER)


def roles_given_by(own: Membership) -> list[Role]:
    """Those that this administrator may give: none above their own."""
    return [role for role in Role if own.is_administrator and RANKS[role] <= RANKS[Role(own.role)]]


def may_give(own: Membership, role: str, places: frozenset[int]) -> bool:
    """Whether this administrator may give that role in those places: none above theirs, nowhere out of their reach."""
    return role in roles_given_by(own) and (own.location_id is None or places == {own.location_id})


def is_above(memberships: Iterable[Membership], *, than: Membership) -> bool:
    """Whether somebody with these may do more than this administrator."""
    return RANKS[widest(memberships)] > RANKS[Role(than.role)]
