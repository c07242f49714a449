"""The session of somebody who acts as another: sitting down in the other one's place, and standing up again.

What the session stood for before is kept inside it, so that standing up leads back there. Both ways it gets a new key.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase

from astro.accounts.models import Masquerade, Membership, User
from astro.accounts.sessions import ACTING_UNTIL, DEVICE, LOCATION, MASQUERADE, MEMBERSHIP, REALLY_BY, RETAILER

OWN_SEAT = "own_seat"
"""Under this name: what the session stood for before, by the names of `_PLACE`."""

JUST_OVER = "acting_over"
"""Under this name, until its person has been told: as whom they acted (`name`), and `why` it is over."""

_PLACE = (SESSION_KEY, HASH_SESSION_KEY, MEMBERSHIP, RETAILER, LOCATION, DEVICE)


def is_acting(session: SessionBase) -> bool:
    return MASQUERADE in session


def sit_down(
    session: SessionBase, masquerade: Masquerade, *, membership: Membership, really_by: User, back: str
) -> None:
    """The session is the other one's from here on; where they stand is `actions.stand_at`'s to say. `back` is the page
    to go on at afterwards."""
    session[OWN_SEAT] = {**{name: session[name] for name in _PLACE if name in session}, "back": back}
    session[SESSION_KEY] = str(membership.user_id)
    session[HASH_SESSION_KEY] = membership.user.get_session_auth_hash()
    session[REALLY_BY] = str(really_by.pk)
    session[MASQUERADE] = str(masquerade.pk)
    session[ACTING_UNTIL] = masquerade.until_at.isoformat()
    session.cycle_key()


def stand_up(session: SessionBase) -> str:
    """The session is its person's own again, at the place where they sat before. Gives the page to go on at."""
    own: dict[str, Any] = session.pop(OWN_SEAT)
    for name in (REALLY_BY, MASQUERADE, ACTING_UNTIL):
        session.pop(name, None)
    for name in _PLACE:
        if name in own:
            session[name] = own[name]
        else:
            session.pop(name, None)
    session.cycle_key()
    return str(own.get("back", "/"))


def own_hash(session: SessionBase) -> str:
    """What Django keeps of its person's own password while they act: it changes when that does."""
    return str(_own(session).get(HASH_SESSION_KEY, ""))


def own_membership_id(session: SessionBase) -> int | None:
    """Of whoever acts; None for the platform's support, who have none."""
    told = _own(session).get(MEMBERSHIP)
    return int(told) if told else None


def _own(session: SessionBase) -> dict[str, Any]:
    return dict(session.get(OWN_SEAT) or {})
