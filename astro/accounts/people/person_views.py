"""What is done to one person: removing, restoring, helping in again; and to an invitation that waits."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from astro.accounts.access import StaffRequest, administrators, by_oneself
from astro.accounts.models import Invitation
from astro.accounts.people.actions import (
    end_sessions,
    give_password,
    remove_person,
    restore_person,
    send_password_letter,
)
from astro.accounts.people.errors import AboveYou, BillingContactLeaves, HasEmail, NotOneself, RemovedMeanwhile
from astro.accounts.people.forms import GivenPasswordForm, RemovalForm
from astro.accounts.people.inviting import invite_again, why_over, withdraw
from astro.accounts.people.listing import places_in_words
from astro.accounts.people.locking import hold_store
from astro.accounts.people.queries import answered_for, invitations_seen_by, may_be_changed, person_of
from astro.accounts.people.views import found, link_shown, told_of
from astro.accounts.queries import locations_of
from astro.kit.clock import utc_now


@administrators
@by_oneself
@require_http_methods(["GET", "HEAD", "POST"])
def remove_user(request: StaffRequest, membership_id: int) -> HttpResponse:
    """Says what will happen, then does it."""
    person = found(request, membership_id)
    own = request.membership
    if person.is_removed and request.method != "POST":
        return redirect("accounts:user", person.pk)
    if person.user.pk == request.user.pk:
        raise NotOneself
    if not may_be_changed(person, by=own):
        raise AboveYou(name=person.user.name)
    form = RemovalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            remove_person(person, own=own, knows_billing=form.cleaned_data["knows_billing"], now=utc_now())
        except BillingContactLeaves as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("%(name)s is removed.") % {"name": person.user.name})
            return redirect("accounts:users")
    told = {**told_of(request, person), "form": form, "answered_for": answered_for(person.user, own=own)}
    return render(request, "accounts/people/remove.html", told, status=422 if form.errors else 200)


@administrators
@by_oneself
@require_POST
def restore_user(request: StaffRequest, membership_id: int) -> HttpResponse:
    person = found(request, membership_id)
    restore_person(person, own=request.membership, now=utc_now())
    messages.success(request, _("%(name)s works here again, as before.") % {"name": person.user.name})
    again = person_of(person.user, own=request.membership)
    return redirect("accounts:user", again.pk if again else person.pk)


@administrators
@by_oneself
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def set_password(request: StaffRequest, membership_id: int) -> HttpResponse:
    """For somebody whose user name is no e-mail, and who so gets no letter."""
    person = found(request, membership_id)
    if person.is_removed:
        raise RemovedMeanwhile(name=person.user.name)
    if person.user.email:
        raise HasEmail(name=person.user.name)
    form = GivenPasswordForm(request.POST if request.method == "POST" else None, user=person.user)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        give_password(person, told["password"], chooses_own=told["chooses_own"], own=request.membership, now=utc_now())
        said = _("%(name)s has a new password and is signed out everywhere. Tell them the password.")
        messages.success(request, said % {"name": person.user.name})
        return redirect("accounts:user", person.pk)
    told_too = {**told_of(request, person), "form": form}
    return render(request, "accounts/people/password.html", told_too, status=422 if form.errors else 200)


@administrators
@by_oneself
@require_POST
def password_letters(request: StaffRequest, membership_id: int) -> HttpResponse:
    """The letter for a forgotten password, sent for them."""
    person = found(request, membership_id)
    send_password_letter(person, own=request.membership, now=utc_now())
    said = _("A letter is on its way to %(email)s. Its link sets a new password, for one hour.")
    messages.success(request, said % {"email": person.user.email})
    return redirect("accounts:user", person.pk)


@administrators
@by_oneself
@require_POST
def ended_sessions(request: StaffRequest, membership_id: int) -> HttpResponse:
    """For somebody whose phone is lost, or who forgot to sign out."""
    person = found(request, membership_id)
    count = end_sessions(person, own=request.membership, now=utc_now())
    said = ngettext("%(count)d session of %(name)s was ended.", "%(count)d sessions of %(name)s were ended.", count)
    messages.success(request, said % {"count": count, "name": person.user.name})
    return redirect("accounts:user", person.pk)


@administrators
@require_safe
def sent_invitation(request: StaffRequest, invitation_id: int) -> HttpResponse:
    invitation = _waiting(request, invitation_id)
    names = {one.pk: one.name for one in locations_of(request.membership)}
    told = {
        "invitation": invitation,
        "places": places_in_words(invitation.places, names=names),
        "is_too_old": why_over(invitation, now=utc_now()) == "too_old",
    }
    return render(request, "accounts/people/sent_invitation.html", told)


@administrators
@by_oneself
@never_cache
@require_POST
def invitation_letters(request: StaffRequest, invitation_id: int) -> HttpResponse:
    invitation = _waiting(request, invitation_id)
    hold_store(request.membership)
    token = invite_again(invitation, retailer=request.retailer, by=request.user, now=utc_now())
    if not settings.MAIL_GOES_OUT:
        return link_shown(request, invitation, token)
    said = _("Another invitation is on its way to %(email)s. The one before does not work any more.")
    messages.success(request, said % {"email": invitation.email})
    return redirect("accounts:sent_invitation", invitation.pk)


@administrators
@by_oneself
@require_POST
def invitation_withdrawals(request: StaffRequest, invitation_id: int) -> HttpResponse:
    invitation = _waiting(request, invitation_id)
    hold_store(request.membership)
    withdraw(invitation, by=request.user, now=utc_now())
    messages.success(request, _("The invitation of %(name)s is withdrawn.") % {"name": invitation.name})
    return redirect("accounts:users")


def _waiting(request: StaffRequest, invitation_id: int) -> Invitation:
    invitation: Invitation | None = invitations_seen_by(request.membership).filter(pk=invitation_id).first()
    if invitation is None:
        raise Http404
    return invitation
