"""My account: who one is here, one's password, where one is signed in."""

from __future__ import annotations

from typing import cast

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from astro.accounts.access import StaffRequest, by_oneself, even_when_barred, signed_in, staff
from astro.accounts.adapter import TOO_MANY
from astro.accounts.errors import AccountCancelled, AccountHeld, ChoosePasswordFirst, NameByAdministrator, TrialOver
from astro.accounts.own.forms import NameForm, PasswordForm
from astro.accounts.own.naming import rename_oneself
from astro.accounts.own.sessions import end_session, end_sessions_of, sessions_of
from astro.accounts.passwords import set_password
from astro.accounts.queries import work_places
from astro.kit.clock import utc_now


@signed_in
@by_oneself
@require_safe
def me(request: StaffRequest) -> HttpResponse:
    """Who one is here, and the ways to the rest."""
    return render(request, "accounts/own/me.html", {"memberships": work_places(request.user)})


@staff
@by_oneself
@require_http_methods(["GET", "POST"])
def name(request: StaffRequest) -> HttpResponse:
    """For who signs in with an e-mail; the platform's support are named where they are let in."""
    if not request.user.email:
        raise NameByAdministrator
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        rename_oneself(request.user, form.cleaned_data["name"], now=utc_now())
        messages.success(request, _("Saved."))
        return redirect("accounts:me")
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/own/name.html", {"form": form}, status=status)


@signed_in
@even_when_barred
@by_oneself
@never_cache
@sensitive_post_parameters("current", "password")
@require_http_methods(["GET", "POST"])
def password(request: StaffRequest) -> HttpResponse:
    """Change one's password. Also the page of somebody whose password another one chose, and open while the store's
    account rests; for nobody else who is kept out."""
    resting = ChoosePasswordFirst | AccountHeld | AccountCancelled | TrialOver
    if request.barred is not None and not isinstance(request.barred, resting):
        raise request.barred
    form = PasswordForm(request.POST or None, user=request.user)
    was_given = request.user.has_given_password
    if request.method == "POST" and form.is_valid() and _is_theirs(request, form):
        set_password(request.user, form.cleaned_data["password"], by=request.user, now=utc_now())
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your password is changed. Everywhere else you are signed out."))
        return redirect("/" if was_given else "accounts:me")
    response = render(request, "accounts/own/password.html", {"form": form, "was_given": was_given})
    if request.method == "POST":
        response.status_code = 422
        response.keep_writes = True  # type: ignore[attr-defined]  # the count of wrong passwords
        too_many = next((error for error in form.non_field_errors().as_data() if error.code == TOO_MANY), None)
        if too_many is not None:
            response.status_code = 429
            response["Retry-After"] = str((too_many.params or {})["seconds"])
    return response


@signed_in
@by_oneself
@never_cache
@require_http_methods(["GET", "POST"])
def sessions(request: StaffRequest) -> HttpResponse:
    """Where one is signed in; one of them can be ended, or all but this."""
    this, now = request.session.session_key, utc_now()
    if request.method == "POST":
        if "others" in request.POST:
            count = end_sessions_of(request.user, by=request.user, now=now, keep=this)
            said = ngettext("%(count)d other session was ended.", "%(count)d other sessions were ended.", count)
            messages.success(request, said % {"count": count})
            return redirect("accounts:sessions")
        end_session(request.user, request.POST.get("session", ""), by=request.user, now=now)
        messages.success(request, _("That session is over."))  # also where it was already
        return redirect("accounts:sessions")
    return render(request, "accounts/own/sessions.html", {"found": sessions_of(request.user, this=this, now=now)})


def _is_theirs(request: StaffRequest, form: PasswordForm) -> bool:
    """Whether they know the password that they have now; counted like at the sign-in page."""
    try:
        is_right = cast(bool, get_adapter().reauthenticate(request.user, form.cleaned_data["current"]))
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    if not is_right:
        form.add_error("current", _("This is not your password. Check it and try again."))
    return is_right
