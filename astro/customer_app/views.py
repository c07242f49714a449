"""Signing in to the app and out of it, and asking for a new password."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from astro.accounts.access import public
from astro.customer_app.access import page_asked
from astro.customer_app.actions import ask_new_password
from astro.customer_app.errors import TooManyTries
from astro.customer_app.forms import ForgotForm, SignInForm
from astro.customer_app.models import AppAccount
from astro.customer_app.passwords import is_right
from astro.customer_app.queries import account_of, stores_of
from astro.customer_app.sessions import drop_cookie, end_session, find_session, start_session, write_cookie
from astro.customer_app.throttle import count_try
from astro.customers.details import fold_email
from astro.kit.clock import utc_now


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """One page, the same words whether the address is unknown or the password wrong."""
    asked = page_asked(request)
    if find_session(request, now=utc_now()) is not None:
        return redirect(asked)
    form = SignInForm(request.POST or None)
    status, wait = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                account = _known(request, form.cleaned_data["email"], form.cleaned_data["password"])
            except TooManyTries as refusal:
                form.add_error(None, str(refusal))
                status, wait = refusal.status, refusal.seconds
            else:
                if account is not None:
                    return signed_in(request, account, to=asked)
                form.add_error(None, _("We don't know this e-mail and password together. Check both and try again."))
    response = render(request, "customer_app/sign_in.html", {"form": form, "next": asked}, status=status)
    return counted(response, wait=wait)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """On this device."""
    end_session(request)
    response = redirect("customer_app:sign_in")
    drop_cookie(response)
    return response


@public
@never_cache
@require_http_methods(["GET", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """Says the same to everyone, so that nobody learns who has an account."""
    form = ForgotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        folded = fold_email(form.cleaned_data["email"].strip())
        try:
            count_try(request, "forgot", key=folded)
        except TooManyTries as refusal:
            form.add_error(None, str(refusal))
            response = render(request, "customer_app/forgot.html", {"form": form}, status=refusal.status)
            return counted(response, wait=refusal.seconds)
        ask_new_password(folded, now=utc_now())
        return redirect(f"{reverse('customer_app:forgot')}?sent=1")
    context = {"form": form, "is_sent": "sent" in request.GET}
    return render(request, "customer_app/forgot.html", context, status=422 if form.errors else 200)


def signed_in(request: HttpRequest, account: AppAccount, *, to: str, at_retailer: int | None = None) -> HttpResponse:
    """Sign in on this device, and go there. Where there is one store only, it is chosen."""
    if at_retailer is None:
        stores = stores_of(account)
        at_retailer = stores[0].retailer_id if len(stores) == 1 else None
    end_session(request)
    key = start_session(account, at_retailer=at_retailer, now=utc_now())
    response = redirect(to)
    write_cookie(response, key=key)
    return response


def counted(response: HttpResponse, *, wait: int | None) -> HttpResponse:
    """A refusal, less what it counted, would be undone whole."""
    response.keep_writes = True  # type: ignore[attr-defined]
    if wait is not None:
        response["Retry-After"] = str(wait)
    return response


def right_password(request: HttpRequest, account: AppAccount | None, *, email_folded: str, password: str) -> bool:
    """Counts the try, unless it was right. Raises `TooManyTries`, right password or not."""
    usage = count_try(request, "sign_in", key=email_folded)
    if not is_right(account, password):
        return False
    usage.rollback()
    return True


def _known(request: HttpRequest, email: str, password: str) -> AppAccount | None:
    folded = fold_email(email.strip())
    account = account_of(folded)
    return account if right_password(request, account, email_folded=folded, password=password) else None
