"""Beginning to act as another, and ending it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils.translation import gettext as _

from astro.accounts.acting import rules
from astro.accounts.acting.queries import consent_for_support
from astro.accounts.acting.seats import is_acting, sit_down, stand_up
from astro.accounts.actions import stand_at
from astro.accounts.errors import AboveOne, CannotActAs, ConsentFirst, NotWhileActing
from astro.accounts.models import Device, EndOfActing, Masquerade, Membership, User
from astro.accounts.queries import device_of, locations_of
from astro.accounts.sessions import LOCATION, MEMBERSHIP
from astro.accounts.tills import TillCookie
from astro.activity.actions import record
from astro.kit.asking import asked, asking
from astro.kit.errors import DomainError
from astro.tenancy.current import within
from astro.tenancy.models import Location

LASTS = timedelta(minutes=30)
FEWEST_WORDS = 3
LONGEST_REASON = 200


@transaction.atomic
def start_acting(
    session: SessionBase,
    membership: Membership,
    *,
    really_by: User,
    reason: str,
    now: datetime,
    own: Membership | None = None,
    cookie: TillCookie | None = None,
    back: str = "/",
) -> Masquerade:
    """Sit down in the place of the one whose membership this is, for half an hour.

    `own` is the membership of an administrator who does it; without one `really_by` must be of the platform's support,
    and the store must have said yes where it wants to be asked. `cookie`: the till that the browser is, if it is one;
    `back`: the page to go on at afterwards. The session gets a new key.

    Raises NotWhileActing, CannotActAs, AboveOne, ConsentFirst, and DomainError for a reason that says nothing.
    """
    if is_acting(session) or asking().really_by is not None:
        raise NotWhileActing
    other = _living(membership)
    if other.user_id == really_by.pk:
        raise CannotActAs.oneself()
    with within(other.retailer_id):
        until_at = now + LASTS
        if own is not None:
            _refuse_what_is_out_of_reach(other, own=own)
        else:
            until_at = min(until_at, _until_the_store_allows(other, really_by=really_by, now=now) or until_at)
        masquerade = Masquerade(
            really_by=really_by,
            membership=other,
            is_by_support=own is None,
            reason=_reason(reason, by_support=own is None),
            began_at=now,
            until_at=until_at,
            address=asking().address,
        )
        masquerade.save(force_insert=True)
        here, device = _place(session, other, cookie=cookie)
        sit_down(session, masquerade, membership=other, really_by=really_by, back=back)
        stand_at(session, membership=other, location=here, device=device)
        with asked(really_by=really_by.pk, address=asking().address):
            record("acting began", masquerade, by=other.user, at=other.location, now=now, is_by_support=own is None)
    return masquerade


def stop_acting(session: SessionBase, *, masquerade_id: int, retailer_id: int, now: datetime) -> str:
    """Stand up again: the session is its person's own, under a new key. Gives the page to go on at."""
    with within(retailer_id), transaction.atomic():
        end_masquerade(masquerade_id, why=EndOfActing.STOPPED, now=now)
    return stand_up(session)


def end_with_session(masquerade_id: int | None, *, retailer_id: int | None, now: datetime) -> None:
    """Whoever acts signs out, or leaves the till to somebody else: then it is over too."""
    if masquerade_id is not None and retailer_id is not None:
        with within(retailer_id), transaction.atomic():
            end_masquerade(masquerade_id, why=EndOfActing.SIGNED_OUT, now=now)


def end_masquerade(masquerade_id: int, *, why: EndOfActing, now: datetime, by: User | None = None) -> bool:
    """Write down that it is over, inside its retailer; False where that stood already. `by` is who ended it, where that
    was neither of the two. Where its time had run out before, that was its end."""
    rows = Masquerade.objects.select_related("membership__user", "membership__location")
    masquerade = rows.filter(pk=masquerade_id, ended_at__isnull=True).first()
    if masquerade is None:
        return False
    ended_at = min(now, masquerade.until_at)
    if not Masquerade.objects.filter(pk=masquerade_id, ended_at__isnull=True).update(ended_at=ended_at, why_ended=why):
        return False
    other = masquerade.membership
    seconds = int((ended_at - masquerade.began_at).total_seconds())
    really_by = asking().really_by if by else masquerade.really_by_id
    with asked(really_by=really_by, address=asking().address):
        record(
            "acting ended", masquerade, by=by or other.user, at=other.location, now=now, why=str(why), seconds=seconds
        )
    return True


def _living(membership: Membership) -> Membership:
    """As it is now, not as it was when a list was shown."""
    rows = Membership.objects.filter(pk=membership.pk, retailer=membership.retailer_id)
    fresh: Membership | None = rows.select_related("user", "retailer").first()
    if fresh is None or not fresh.is_living or not fresh.user.is_active:
        raise CannotActAs.gone(name=membership.user.name)
    return fresh


def _refuse_what_is_out_of_reach(other: Membership, *, own: Membership) -> None:
    """Who is no administrator of the other one's place does not find them, so only the rank is told apart here."""
    if not rules.is_within_reach(other, of=own) or rules.is_above(other, than=own):
        raise AboveOne(name=other.user.name)


def _until_the_store_allows(other: Membership, *, really_by: User, now: datetime) -> datetime | None:
    """None: as long as it may. Raises AboveOne for who is not of the platform's support, and ConsentFirst."""
    if not really_by.is_support:
        raise AboveOne(name=other.user.name)
    if not other.retailer.needs_consent:
        return None
    consent = consent_for_support(now=now)
    if consent is None:
        raise ConsentFirst(store=other.retailer.name)
    return consent.until_at


def _reason(typed: str, *, by_support: bool) -> str:
    reason = " ".join(typed.split())
    if not reason:
        raise DomainError(_("Say in a few words why. The store reads it."), field="reason")
    if by_support and len(reason.split()) < FEWEST_WORDS:
        raise DomainError(
            _("Say why in at least %(few)s words. The store reads it.") % {"few": FEWEST_WORDS}, field="reason"
        )
    if len(reason) > LONGEST_REASON:
        raise DomainError(_("A reason holds up to %(most)s characters.") % {"most": LONGEST_REASON}, field="reason")
    return reason


def _place(
    session: SessionBase, other: Membership, *, cookie: TillCookie | None
) -> tuple[Location | None, Device | None]:
    """At the other one's location; as somebody with all of them at this till's, or where one stood, or at the first."""
    device = device_of(cookie)
    places = locations_of(other)
    wanted = [device.location_id if device else None, session.get(LOCATION) if session.get(MEMBERSHIP) else None]
    found = [places.filter(pk=pk).first() for pk in wanted if pk]
    return next(filter(None, found), None) or places.first(), device
