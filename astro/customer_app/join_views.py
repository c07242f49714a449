"""The page that the link in a Welcome Email opens."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from astro.accounts.access import public
from astro.customer_app.access import refused, standing_at
from astro.customer_app.actions import link_account, open_account, set_password
from astro.customer_app.errors import HasPassword, TooManyTries
from astro.customer_app.forms import KnownPasswordForm, NewPasswordForm
from astro.customer_app.joining import Door, Joining, joining
from astro.customer_app.models import AppAccount
from astro.customer_app.sessions import find_session
from astro.customer_app.views import counted, right_password, signed_in
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.messaging.links import Purpose, made_at, read_link
from astro.tenancy.models import Retailer
from astro.tenancy.stores import Store, store_of


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Set a password, or bring a store's cards to the password that there is. Looking changes nothing."""
    now = utc_now()
    try:
        told = read_link(Purpose.APP, token)
        with standing_at(told.retailer_id):
            found = joining(told, made_at=made_at(token), now=now)
            store = store_of(Retailer.objects.get(pk=told.retailer_id))
            if found.door is Door.SIGN_IN:
                return _to_cards(request, found, now=now)
            if request.method == "POST":
                return _posted(request, found, store=store, now=now)
            return _page(request, found, _form(found), store=store)
    except DomainError as error:
        return refused(request, error)


def _to_cards(request: HttpRequest, found: Joining, *, now: datetime) -> HttpResponse:
    """The cards are in the app already: to them, or else to the sign-in page."""
    session = find_session(request, now=now)
    if found.account is not None and session is not None and session.account_id == found.account.pk:
        return redirect("customer_app:home")
    return _to_sign_in(request)


def _posted(request: HttpRequest, found: Joining, *, store: Store, now: datetime) -> HttpResponse:
    form = _form(found, request)
    status, wait = 422, None
    if form.is_valid():
        try:
            account = _let_in(request, found, form.cleaned_data["password"], now=now)
        except HasPassword:
            return _to_sign_in(request)  # somebody opened the same link a moment earlier
        except TooManyTries as refusal:
            form.add_error(None, str(refusal))
            status, wait = refusal.status, refusal.seconds
        else:
            if account is not None:
                home = reverse("customer_app:home")
                return signed_in(request, account, to=home, at_retailer=found.customer.retailer_id)
            form.add_error("password", _("This is not the password of your Astro app. Check it and try again."))
    return counted(_page(request, found, form, store=store, status=status), wait=wait)


def _let_in(request: HttpRequest, found: Joining, password: str, *, now: datetime) -> AppAccount | None:
    """The account, tied to this store's customer; None where the password is not right."""
    customer, account = found.customer, found.account
    if account is None:
        return open_account(customer, password=password, now=now)
    if found.door is Door.LOCKED:
        if not right_password(request, account, email_folded=account.email_folded, password=password):
            return None
    else:
        set_password(account, password, now=now)
    link_account(account, customer=customer, now=now)
    return account


def _form(found: Joining, request: HttpRequest | None = None) -> KnownPasswordForm | NewPasswordForm:
    sent = request.POST if request is not None else None
    if found.door is Door.LOCKED:
        return KnownPasswordForm(sent)
    customer = found.customer
    account = found.account or AppAccount(email=customer.email, email_folded=customer.email_folded)
    names = [customer.first_name, customer.last_name]
    return NewPasswordForm(sent, account=account, names=names)


def _page(
    request: HttpRequest,
    found: Joining,
    form: KnownPasswordForm | NewPasswordForm,
    *,
    store: Store,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "door": found.door.name, "customer": found.customer, "store": store}
    return render(request, "customer_app/join.html", context, status=status)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    messages.info(request, str(HasPassword()))
    return redirect("customer_app:sign_in")
