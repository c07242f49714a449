"""The password, once more, before somebody changes how they get in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows import reauthentication
from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from astro.accounts.access import StaffRequest, by_oneself, even_when_barred, safe_next, signed_in
from astro.accounts.errors import SecondStepFirst
from astro.accounts.second_step.forms import ProofForm

View = Callable[..., HttpResponseBase]


def freshly_proved(view: View) -> View:
    """Only for who has just given the password again. Written below the guard."""

    @wraps(view)
    def proved(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        insist_on_proof(request)
        return view(request, *args, **kwargs)

    return proved


def insist_on_proof(request: HttpRequest, *, back_to: str = "") -> None:
    """Go on only within five minutes of giving the password again (allauth keeps the moment in the session); else one
    is sent to give it, and back to this page, or to `back_to`. What a form carried is typed again: it may be secret,
    and is kept nowhere."""
    if not reauthentication.did_recently_reauthenticate(request):
        query = urlencode({"next": back_to or request.path})
        raise ImmediateHttpResponse(redirect(f"{reverse('account_reauthenticate')}?{query}"))


def nothing_but_the_second_step(view: View) -> View:
    """Also for who must set one up first, and for nobody else who is kept out. Written below the guard."""

    @wraps(view)
    def held(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        barred = getattr(request, "barred", None)
        if barred is not None and not isinstance(barred, SecondStepFirst):
            raise barred
        return view(request, *args, **kwargs)

    return even_when_barred(held)


@signed_in
@nothing_but_the_second_step
@by_oneself
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def prove(request: StaffRequest) -> HttpResponse:
    asked = safe_next(request, default=reverse("accounts:second_step"))
    form = ProofForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        reauthentication.reauthenticate_by_password(request)
        return redirect(asked)
    response = render(request, "accounts/second_step/prove.html", {"form": form, "next": asked})
    if request.method == "POST":
        response.status_code = 422
        response.keep_writes = True  # type: ignore[attr-defined]  # the count of wrong passwords
    return response
