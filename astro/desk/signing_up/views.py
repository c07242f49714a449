"""The sign-up form, what it answers, and the page behind the link."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from astro.accounts.access import StaffRequest, by_oneself, public
from astro.accounts.actions import start_work
from astro.accounts.errors import TooManyTries
from astro.accounts.models import Membership, User
from astro.desk.errors import KnownAddress, NotAtTill, NotForSupport, OpenAlready, WrongPassword
from astro.desk.signing_up.actions import ask_to_sign_up, confirm, open_another, sign_up_at_once, sign_up_of
from astro.desk.signing_up.forms import ConfirmForm, SignUpForm
from astro.desk.signing_up.throttle import count
from astro.kit.clock import utc_now

SALT = "astro.desk.signing_up"
A_MOMENT = timedelta(minutes=2)


@public
@by_oneself
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """For everyone; who is signed in signs one more store of theirs up."""
    is_known = request.user.is_authenticated
    if is_known:
        _refuse_who_may_not(cast(StaffRequest, request))
    form = SignUpForm(request.POST if request.method == "POST" else None, is_known=is_known)
    status, wait = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                count(request, "sign_up")
                return _accept(request, form)
            except TooManyTries as refusal:
                form.add_error(None, str(refusal))
                status, wait = refusal.status, refusal.seconds
            except KnownAddress as refusal:
                form.add_error(refusal.field, str(refusal))
    response = _answer(request, "desk/sign_up.html", {"form": form}, status=status, wait=wait)
    response.keep_writes = True  # type: ignore[attr-defined]  # what was counted; nothing else was written
    return response


@public
@never_cache
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """The same words for every address."""
    try:
        email = signing.loads(request.GET.get("to", ""), salt=SALT)
    except signing.BadSignature:
        email = ""
    return render(request, "desk/sign_up_sent.html", {"email": email})


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def confirm_sign_up(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing; the store is opened by the button."""
    now = utc_now()
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    status, wait = 200, None
    try:
        waiting = sign_up_of(token, now=now)
        if request.method == "POST":
            status = 422
            if form.is_valid():
                count(request, "confirm", key=str(waiting.pk))
                return _go_in(request, confirm(token, password=form.cleaned_data["password"], now=now))
    except OpenAlready as again:
        return _open_already(request, again, form)
    except (WrongPassword, KnownAddress) as refusal:
        form.add_error("password", str(refusal))
    except TooManyTries as refusal:
        form.add_error(None, str(refusal))
        status, wait = refusal.status, refusal.seconds
    told = {"form": form, "store": waiting.told.get("store_name", ""), "email": waiting.email}
    response = _answer(request, "desk/confirm_sign_up.html", told, status=status, wait=wait)
    response.keep_writes = True  # type: ignore[attr-defined]  # the count of wrong passwords
    return response


def _refuse_who_may_not(request: StaffRequest) -> None:
    if request.user.is_support:
        raise NotForSupport
    if request.is_by_pin:
        raise NotAtTill
    if request.barred is not None:
        raise request.barred


def _accept(request: HttpRequest, form: SignUpForm) -> HttpResponse:
    told, now = form.cleaned_data, utc_now()
    if form.is_known:
        user = cast(User, request.user)
        opened = open_another(told["key"], user=user, told=form.told, now=now)
        if opened is not None:
            membership = Membership.objects.select_related("retailer").get(pk=opened)
            request.session.cycle_key()
            start_work(request.session, membership=membership, cookie=None, now=now)  # no till of a store just opened
        return redirect("desk:home")
    person: dict[str, Any] = {"email": told["email"], "password": told["password"], "told": form.told, "now": now}
    if not settings.MAIL_GOES_OUT:
        return _go_in(request, sign_up_at_once(told["key"], **person))
    ask_to_sign_up(told["key"], **person)
    return redirect(f"{reverse('desk:sign_up_sent')}?{urlencode({'to': signing.dumps(told['email'], salt=SALT)})}")


def _go_in(request: HttpRequest, user: User) -> HttpResponse:
    get_adapter().login(request, user)
    return redirect("desk:home")


def _open_already(request: HttpRequest, again: OpenAlready, form: ConfirmForm) -> HttpResponse:
    """A second press of the button goes in like the first one; everyone else is sent to sign in."""
    user, used_at = again.sign_up.user, again.sign_up.used_at
    is_again = used_at is not None and utc_now() - used_at < A_MOMENT
    if request.method == "POST" and is_again and user is not None and form.is_valid():
        count(request, "confirm", key=str(again.sign_up.pk))
        if user.check_password(form.cleaned_data["password"]):
            return _go_in(request, user)
    if request.user.is_authenticated:
        return redirect("desk:home")
    messages.info(request, _("Your store is open. Sign in with your e-mail and the password that you chose."))
    return redirect("accounts:sign_in")


def _answer(
    request: HttpRequest, template: str, told: dict[str, Any], *, status: int, wait: int | None
) -> HttpResponse:
    response = render(request, template, told, status=status)
    if wait is not None:
        response["Retry-After"] = str(wait)
    return response
