"""Everything that changes an account. Each writes the retailer, a row that says who and why, and an event.

All take the lock of the retailer first, so that two people who change the same at once do it one after the other, and
the second is told that it was changed meanwhile.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from astro.accounts.actions import remove_second_step
from astro.accounts.models import Membership, User
from astro.activity.actions import record
from astro.billing.errors import AlreadySo, NoBillingContact, ReasonMissing, TrialNeedsEnd
from astro.billing.models import LONGEST_REASON, BillingContact, ContactMove, Hold, SecondStepRemoval, StateChange
from astro.tenancy import features
from astro.tenancy.current import within
from astro.tenancy.models import AccountState, Feature, Retailer


@transaction.atomic
def change_state(
    retailer: Retailer,
    state: str,
    *,
    trial_until: datetime | None = None,
    was: str | None = None,
    by: User | None,
    reason: str,
    now: datetime,
) -> StateChange:
    """Make it another kind of account. `was` is what it was when somebody decided that.

    A trial needs an end that is to come; any other state keeps the last one, because bills begin there. Raises
    `ReasonMissing`, `TrialNeedsEnd`, `AlreadySo`.
    """
    why = _checked(reason)
    with within(retailer.pk):
        fresh = _locked(retailer)
        is_trial = state == AccountState.TRIAL
        if is_trial and (trial_until is None or trial_until <= now):
            raise TrialNeedsEnd(now=now)
        if was not in (None, fresh.state) or (
            fresh.state == state and (not is_trial or fresh.trial_until == trial_until)
        ):
            raise AlreadySo
        change = StateChange(
            was=fresh.state,
            became=state,
            trial_until=trial_until if is_trial else None,
            reason=why,
            by=by,
            at=now,
        )
        change.save(force_insert=True)
        _write(retailer, state=state, trial_until=trial_until if is_trial else fresh.trial_until)
        before, after = as_word(change.was), as_word(change.became)
        record("account changed", retailer, by=by, at=None, now=now, was=before, became=after)
    return change


@transaction.atomic
def place_hold(retailer: Retailer, *, by: User | None, reason: str, now: datetime) -> Hold:
    """From now on its people reach their billing page and no other. Nothing is changed of its data. Raises `AlreadySo`
    where one is placed, `ReasonMissing`."""
    why = _checked(reason)
    with within(retailer.pk):
        if _locked(retailer).held_at is not None:
            raise AlreadySo
        hold = Hold(reason=why, placed_by=by, placed_at=now)
        hold.save(force_insert=True)
        _write(retailer, held_at=now)
        record("hold placed", hold, by=by, at=None, now=now)
    return hold


@transaction.atomic
def lift_hold(retailer: Retailer, *, by: User | None, reason: str, now: datetime) -> Hold:
    """Everything goes on where it stopped. Raises `AlreadySo` where there is none, `ReasonMissing`."""
    why = _checked(reason)
    with within(retailer.pk):
        _locked(retailer)
        hold = Hold.objects.filter(lifted_at__isnull=True).first()
        if hold is None:
            raise AlreadySo
        hold.lifted_by, hold.lifted_at, hold.lifted_reason = by, now, why
        hold.save(update_fields=["lifted_by", "lifted_at", "lifted_reason"])
        _write(retailer, held_at=None)
        record("hold lifted", hold, by=by, at=None, now=now)
    return hold


@transaction.atomic
def move_billing_contact(
    retailer: Retailer, membership: Membership, *, by: User | None, reason: str, now: datetime
) -> ContactMove:
    """Bills go to this administrator from now on. Raises `NoBillingContact`, `AlreadySo`, `ReasonMissing`."""
    why = _checked(reason)
    with within(retailer.pk):
        _locked(retailer)
        living = Membership.objects.filter(retailer=retailer.pk, ended_at__isnull=True)
        chosen = living.select_related("user").filter(pk=membership.pk).first()
        if chosen is None or not chosen.is_administrator or not chosen.user.email or not chosen.user.is_active:
            raise NoBillingContact
        if chosen.is_billing_contact:
            raise AlreadySo
        before = living.filter(is_billing_contact=True).order_by("id").first()
        Membership.objects.filter(retailer=retailer.pk, is_billing_contact=True).update(is_billing_contact=False)
        Membership.objects.filter(retailer=retailer.pk, pk=chosen.pk).update(is_billing_contact=True)
        move = ContactMove(was=before, became=chosen, reason=why, by=by, at=now)
        move.save(force_insert=True)
        was_id = before.pk if before else None
        record("billing contact moved", chosen, by=by, at=None, now=now, was_id=was_id)
    return move


@transaction.atomic
def write_billing_contact(
    retailer: Retailer, *, name: str, email: str, phone: str, by: User, now: datetime
) -> BillingContact:
    """Where bills go from now on. Written anew as it was, nothing is recorded."""
    told = {"name": name, "email": email, "phone": phone}
    with within(retailer.pk):
        _locked(retailer)
        kept = BillingContact.objects.first() or BillingContact()
        changed = [field for field, value in told.items() if getattr(kept, field) != value]
        if not changed:
            return kept
        is_new = kept._state.adding
        for field, value in told.items():
            setattr(kept, field, value)
        kept.save(**({"force_insert": True} if is_new else {"update_fields": changed}))
        record("billing details changed", kept, by=by, at=None, now=now, fields=changed)
    return kept


@transaction.atomic
def switch_feature(retailer: Retailer, name: str, *, is_on: bool, by: User | None, reason: str, now: datetime) -> bool:
    """Give a store something, or take it away, whatever its state says. False where it was so already. Raises
    `ReasonMissing`, `features.UnknownFeature`."""
    why = _checked(reason)
    with within(retailer.pk):
        _locked(retailer)
        switch = features.switch_on if is_on else features.switch_off
        if not switch(name, reason=why, by_user_id=by.pk if by else None, now=now):
            return False
        row = Feature.objects.filter(name=name).order_by("-since", "-id").first()
        if is_on:
            record("feature switched on", row or retailer, by=by, at=None, now=now, feature=as_word(name))
        else:
            record("feature switched off", row or retailer, by=by, at=None, now=now, feature=as_word(name))
    return True


@transaction.atomic
def take_off_second_step(
    retailer: Retailer, membership: Membership, *, by: User, reason: str, now: datetime
) -> SecondStepRemoval:
    """Help somebody who lost theirs: the password alone lets them in again, until they set up another. Raises
    `ReasonMissing`, and what `accounts` refuses."""
    why = _checked(reason)
    with within(retailer.pk):
        remove_second_step(membership, by=by, now=now)
        removal = SecondStepRemoval(membership=membership, reason=why, by=by, at=now)
        removal.save(force_insert=True)
    return removal


def as_word(name: str) -> str:
    """A state or feature the way events name it."""
    return name.replace("-", "_")


def _checked(reason: str) -> str:
    why = " ".join(reason.split())
    if not why or len(why) > LONGEST_REASON:
        raise ReasonMissing
    return why


def _locked(retailer: Retailer) -> Retailer:
    """Without the key: rows that point at the retailer are written meanwhile, so no till waits."""
    return Retailer.objects.select_for_update(no_key=True).get(pk=retailer.pk)


def _write(retailer: Retailer, **columns: object) -> None:
    Retailer.objects.filter(pk=retailer.pk).update(**columns)
    for name, value in columns.items():
        setattr(retailer, name, value)
