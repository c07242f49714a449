"""The page for a forgotten password, and the one that the link in the letter opens."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from astro.accounts.access import public
from astro.accounts.errors import LinkUsedUp, TooManyTries
from astro.accounts.forgotten.actions import ask_new_password, use_link
from astro.accounts.forgotten.forms import ChosenPasswordForm, ForgottenForm
from astro.accounts.forgotten.links import LIVES_MINUTES, user_of
from astro.accounts.models import as_login
from astro.accounts.throttle import count_try
from astro.kit.clock import utc_now


@public
@never_cache
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """The same answer to everyone."""
    form = ForgottenForm(request.POST or None)
    status, wait = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            login = form.cleaned_data["login"]
            try:
                count_try(request, "forgotten", key=as_login(login))
            except TooManyTries as refusal:
                form.add_error(None, str(refusal))
                status, wait = refusal.status, refusal.seconds
            else:
                ask_new_password(login, now=utc_now())
                return redirect(f"{reverse('accounts:forgotten')}?sent=1")
    context = {
        "form": form,
        "is_sent": "sent" in request.GET,
        "goes_out": settings.MAIL_GOES_OUT,
        "minutes": LIVES_MINUTES,
    }
    response = render(request, "accounts/forgotten.html", context, status=status)
    if wait is not None:
        response["Retry-After"] = str(wait)
        response.keep_writes = True  # type: ignore[attr-defined]  # the count of tries
    return response


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def new_password(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing; the password is set by the button."""
    user = user_of(token)
    if user is None:
        return _used_up(request)
    form = ChosenPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            use_link(token, password=form.cleaned_data["password"], now=utc_now())
        except LinkUsedUp:
            return _used_up(request)
        messages.success(request, _("Your new password is set. Sign in with it."))
        return redirect("accounts:sign_in")
    context = {"form": form, "login": user.login, "token": token}
    return render(request, "accounts/new_password.html", context, status=422 if form.errors else 200)


def _used_up(request: HttpRequest) -> HttpResponse:
    error = LinkUsedUp()
    return render(request, "accounts/link_used_up.html", {"message": str(error)}, status=error.status)
