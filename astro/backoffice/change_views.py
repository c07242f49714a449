"""Everything that support changes for a store. Each asks for a reason that the store reads, and tells first."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from astro.accounts.access import StaffRequest, support_team
from astro.accounts.actions import lift_restriction, rebuild_administrator
from astro.accounts.models import Membership
from astro.backoffice.actions import change_account, switch
from astro.backoffice.changing import change_page
from astro.backoffice.errors import AlreadyDone
from astro.backoffice.forms import NewAdministratorForm, ReasonForm, TrialForm
from astro.billing.actions import lift_hold, move_billing_contact, place_hold, take_off_second_step
from astro.kit.clock import utc_now
from astro.programs.queries import enrollments_beyond
from astro.tenancy import features
from astro.tenancy.current import within
from astro.tenancy.middleware import reading
from astro.tenancy.models import AccountState, Retailer

FORM = require_http_methods(["GET", "HEAD", "POST"])


@support_team
@FORM
def state(request: StaffRequest, retailer_id: int, state: str) -> HttpResponse:
    """Another kind of account. Which enrollments end with it is told before."""
    store = _store(retailer_id)
    if state not in AccountState.values:
        raise Http404
    became, was = AccountState(state), AccountState(store.state)
    with within(store.pk), reading():
        ending = len(enrollments_beyond(features.all_of(store, state=state)))

    def act(told: dict[str, Any]) -> None:
        until = told.get("trial_until")
        reason, now = told["reason"], utc_now()
        change_account(store, state, trial_until=until, was=was, by=request.user, reason=reason, now=now)

    return change_page(
        request,
        store,
        heading=_("Make this account: %(state)s") % {"state": became.label},
        sentences=[_("It is now: %(state)s.") % {"state": was.label}, *_consequences(became), *_ending(ending)],
        button=_("Make it: %(state)s") % {"state": became.label},
        done=_("The account is now: %(state)s.") % {"state": became.label},
        act=act,
        form_class=TrialForm if became is AccountState.TRIAL else ReasonForm,
        is_grave=became is AccountState.CANCELLED,
    )


@support_team
@FORM
def hold(request: StaffRequest, retailer_id: int) -> HttpResponse:
    store = _store(retailer_id)
    return change_page(
        request,
        store,
        heading=_("Place a hold"),
        sentences=[
            _("Administrators of this store reach their billing page, help and themselves, and nothing else."),
            _("Cashiers are told whom to ask."),
            _("Purchases that tills kept still come in. No message goes to a customer. Nothing is deleted."),
        ],
        button=_("Place the hold"),
        done=_("The account is on hold."),
        act=lambda told: place_hold(store, by=request.user, reason=told["reason"], now=utc_now()),
        is_grave=True,
    )


@support_team
@FORM
def hold_lifting(request: StaffRequest, retailer_id: int) -> HttpResponse:
    store = _store(retailer_id)
    return change_page(
        request,
        store,
        heading=_("Lift the hold"),
        sentences=[_("Everybody of this store goes on where they stopped. Messages that waited go out.")],
        button=_("Lift the hold"),
        done=_("The hold is lifted."),
        act=lambda told: lift_hold(store, by=request.user, reason=told["reason"], now=utc_now()),
    )


@support_team
@FORM
def contact(request: StaffRequest, retailer_id: int, membership_id: int) -> HttpResponse:
    store, person = _member(retailer_id, membership_id)
    name = person.user.name
    return change_page(
        request,
        store,
        heading=_("Make %(person)s the primary billing contact") % {"person": name},
        sentences=[
            _("Bills go to %(person)s, who alone may say where else.") % {"person": name},
            _("Whoever was it before is it no longer."),
        ],
        button=_("Move it"),
        done=_("%(person)s is the primary billing contact.") % {"person": name},
        act=lambda told: move_billing_contact(store, person, by=request.user, reason=told["reason"], now=utc_now()),
    )


@support_team
@FORM
def feature(request: StaffRequest, retailer_id: int, name: str, switched: str) -> HttpResponse:
    """Switch one thing on or off, whatever the state of the account gives."""
    store = _store(retailer_id)
    if name not in features.NAMES or switched not in ("on", "off"):
        raise Http404
    is_on = switched == "on"
    with within(store.pk), reading():
        held = features.all_of(store)
        ending = len(enrollments_beyond(held | {name} if is_on else held - {name}))
    words = {"what": features.NAMES[name]}

    def act(told: dict[str, Any]) -> None:
        if not switch(store, name, is_on=is_on, by=request.user, reason=told["reason"], now=utc_now()):
            raise AlreadyDone

    return change_page(
        request,
        store,
        heading=(_("Switch on: %(what)s") if is_on else _("Switch off: %(what)s")) % words,
        sentences=[
            _("It holds at once, whatever the account gives by itself, until it is switched again."),
            *_ending(ending),
        ],
        button=_("Switch it on") if is_on else _("Switch it off"),
        done=(_("Switched on: %(what)s.") if is_on else _("Switched off: %(what)s.")) % words,
        act=act,
    )


@support_team
@FORM
def restriction(request: StaffRequest, retailer_id: int) -> HttpResponse:
    """The store's own list of addresses is taken off."""
    store = _store(retailer_id)

    def act(told: dict[str, Any]) -> None:
        if not lift_restriction(store, by=request.user, reason=told["reason"], now=utc_now()):
            raise AlreadyDone

    return change_page(
        request,
        store,
        heading=_("Lift the IP restriction of this store"),
        sentences=[_("The list is emptied: its people can come in from anywhere again, and can write a new one.")],
        button=_("Lift it"),
        done=_("The IP restriction of the store is lifted."),
        act=act,
    )


@support_team
@FORM
def member_restriction(request: StaffRequest, retailer_id: int, membership_id: int) -> HttpResponse:
    """One person's list of addresses is taken off."""
    store, person = _member(retailer_id, membership_id)
    name = {"person": person.user.name}

    def act(told: dict[str, Any]) -> None:
        if not lift_restriction(store, membership=person, by=request.user, reason=told["reason"], now=utc_now()):
            raise AlreadyDone

    return change_page(
        request,
        store,
        heading=_("Lift the IP restriction of %(person)s") % name,
        sentences=[_("%(person)s can come in from anywhere again.") % name],
        button=_("Lift it"),
        done=_("The IP restriction of %(person)s is lifted.") % name,
        act=act,
    )


@support_team
@FORM
def second_step(request: StaffRequest, retailer_id: int, membership_id: int) -> HttpResponse:
    """For somebody who lost theirs."""
    store, person = _member(retailer_id, membership_id)
    name = {"person": person.user.name}
    return change_page(
        request,
        store,
        heading=_("Take the second step off %(person)s") % name,
        sentences=[
            _("Make sure first that it is really %(person)s who asks.") % name,
            _("The password alone lets them in again, until they set up another second step."),
            _("They are signed out everywhere, and told by mail."),
        ],
        button=_("Take it off"),
        done=_("The second step of %(person)s is taken off.") % name,
        act=lambda told: take_off_second_step(store, person, by=request.user, reason=told["reason"], now=utc_now()),
        is_grave=True,
    )


@support_team
@FORM
def administrator(request: StaffRequest, retailer_id: int) -> HttpResponse:
    """Invite somebody to run a store that nobody is left to run."""
    store = _store(retailer_id)

    def act(told: dict[str, Any]) -> str | None:
        who = {"name": told["name"], "email": told["email"]}
        _made, token = rebuild_administrator(store, **who, by=request.user, reason=told["reason"], now=utc_now())
        if settings.MAIL_GOES_OUT:
            return None
        link = f"{settings.PUBLIC_URL}{reverse('accounts:invitation', args=[token])}"
        return _("No mail goes out here. Give them this link yourself: %(link)s") % {"link": link}

    return change_page(
        request,
        store,
        heading=_("Rebuild an administrator"),
        sentences=[
            _("They are invited by e-mail to be the master administrator of this store."),
            _("When they accept, they choose their own password."),
        ],
        button=_("Invite them"),
        done=_("The invitation is on its way."),
        act=act,
        form_class=NewAdministratorForm,
    )


def _store(retailer_id: int) -> Retailer:
    return get_object_or_404(Retailer, pk=retailer_id)


def _member(retailer_id: int, membership_id: int) -> tuple[Retailer, Membership]:
    """The store and one who works there now."""
    store = _store(retailer_id)
    living = Membership.objects.filter(retailer=store.pk, ended_at__isnull=True).select_related("user")
    return store, get_object_or_404(living, pk=membership_id)


def _consequences(state: AccountState) -> list[str]:
    if state is AccountState.CANCELLED:
        return [
            _("Its people reach their billing page, help and themselves, and nothing else. No message goes out."),
            _("Nothing is deleted, and support can open the account again."),
        ]
    if state is AccountState.OFFERS_ONLY:
        return [_("Punch cards are over; customers, history and rewards that were earned stay.")]
    if state is AccountState.RESTRICTED:
        return [_("Only programs whose brand pays for the account stay.")]
    if state is AccountState.TRIAL:
        return [_("When the trial is over, its people reach their billing page only, until the account is active.")]
    return [_("It has everything.")]


def _ending(count: int) -> list[str]:
    if not count:
        return [_("No enrollment ends.")]
    sentence = ngettext(
        "%(count)d enrollment ends today. Rewards that were earned stay redeemable.",
        "%(count)d enrollments end today. Rewards that were earned stay redeemable.",
        count,
    )
    return [sentence % {"count": count}]
