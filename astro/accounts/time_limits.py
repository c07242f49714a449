"""How long a session lives: without use, and altogether. Why these: docs/decisions/0018-how-long-a-session-lives.md.

Asked on every request, of the row that comes with it. When a session was last used is written every five minutes at
most, so it may end up to five minutes early, and never late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from astro.accounts.models import Role, StaffSession

NOTED_EVERY = timedelta(minutes=5)
COOKIE = "astro_ended"
"""Why the session ended that this browser had, as `over` says it, for the sign-in page. No secret."""


@dataclass(frozen=True, slots=True)
class Limits:
    unused: timedelta
    whole: timedelta


KINDS = {
    "till": Limits(timedelta(hours=12), timedelta(days=7)),
    "pin": Limits(timedelta(hours=4), timedelta(hours=12)),
    "office": Limits(timedelta(hours=1), timedelta(hours=24)),
    "support": Limits(timedelta(minutes=15), timedelta(hours=12)),
}
UNUSED, WHOLE = "unused", "whole"


def kind_of(row: StaffSession) -> str:
    """By who really sits there, and where: the platform's people have every store before them, a cashier has customers
    waiting, on whichever browser."""
    person = row.really_by or row.user
    if person is not None and person.is_support:
        return "support"
    if row.is_by_pin:
        return "pin"
    is_cashier = row.membership is not None and row.membership.role == Role.CASHIER and row.really_by is None
    return "till" if row.device_id or is_cashier else "office"


def over(row: StaffSession, *, now: datetime) -> str:
    """Why this session is over, as `told` takes it; empty if it is not. One without a beginning is."""
    kind = kind_of(row)
    limits, begun = KINDS[kind], row.signed_in_at
    if begun is None or now >= begun + limits.whole:
        return f"{kind}.{WHOLE}"
    if now >= (row.last_used_at or begun) + limits.unused:
        return f"{kind}.{UNUSED}"
    return ""


def is_worth_noting(row: StaffSession, *, now: datetime) -> bool:
    """Whether it is long enough since this session's use was last written down."""
    return row.last_used_at is None or now >= row.last_used_at + NOTED_EVERY


def told(code: str) -> str:
    """What the sign-in page says to somebody whose session is over; nothing for what is no such code."""
    kind, dot, why = code.partition(".")
    if not dot or kind not in KINDS or why not in (UNUSED, WHOLE):
        return ""
    length = _in_words(getattr(KINDS[kind], why))
    if why == UNUSED:
        said = _("You were signed out after %(length)s without use.") % {"length": length}
    else:
        said = _("You were signed out: %(length)s after signing in, one signs in again.") % {"length": length}
    return said if kind == "support" else f"{said} {_('Your basket is kept.')}"


def _in_words(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    if minutes % 1440 == 0 and minutes > 1440:
        return ngettext("%(count)d day", "%(count)d days", minutes // 1440) % {"count": minutes // 1440}
    if minutes % 60 == 0:
        return ngettext("%(count)d hour", "%(count)d hours", minutes // 60) % {"count": minutes // 60}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
