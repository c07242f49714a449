"""The pages of a customer: cards, account, stores."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from astro.customer_app.access import AccountRequest, CustomerRequest, account_holder, customer
from astro.customer_app.actions import look_at, set_password, switch
from astro.customer_app.codes import code_to_show
from astro.customer_app.errors import TooManyTries
from astro.customer_app.forms import ChangePasswordForm, SwitchesForm
from astro.customer_app.queries import app_cards, code_of, stores_of
from astro.customer_app.views import counted, right_password, signed_in
from astro.customers.consent.queries import address_of, only_the_phone_reopens, state_of
from astro.customers.consent.wordings import app_switch
from astro.customers.models import Channel, Reach
from astro.kit.clock import utc_now
from astro.kit.money import format_cents
from astro.programs.own.pictures import answer_with

LONGEST_USER_AGENT = 300


@customer
@require_safe
def home(request: CustomerRequest) -> HttpResponse:
    """One's code, what can be had for free, one's cards."""
    code = code_of(request.customer)
    money = partial(format_cents, currency=request.at.retailer.currency)
    cards = app_cards(request.customer, day=request.at.day(utc_now()), money=money)
    context = {
        "code": code_to_show(code) if code else None,
        "cards": cards,
        "ready": [card for card in cards if card.is_ready],
        "stores": stores_of(request.account),
        "page": "home",
    }
    return render(request, "customer_app/home.html", context)


@customer
@require_safe
def picture(request: CustomerRequest, picture_id: int) -> HttpResponse:
    """What a card of the store's own program looks like."""
    return answer_with(picture_id, "small")


@customer
@require_http_methods(["GET", "POST"])
def account(request: CustomerRequest) -> HttpResponse:
    """My Account: what is known of one, and the switches for mail and text."""
    was_stopped = only_the_phone_reopens(request.customer.phone)
    channels = [
        channel
        for channel in Channel
        if address_of(request.customer, channel) and not (channel is Channel.TEXT and was_stopped)
    ]
    states = {channel: state_of(channel, address_of(request.customer, channel)) for channel in channels}
    if request.method == "POST":
        return _switched(request, channels)
    switches = [
        {
            "channel": channel,
            "is_on": states[channel] == Reach.YES,
            "bounces": states[channel] == Reach.BOUNCES,
            "words": app_switch(request.store, channel),
        }
        for channel in channels
    ]
    context = {
        "switches": switches,
        "was_stopped": was_stopped,
        "stores": stores_of(request.account),
        "page": "account",
    }
    return render(request, "customer_app/account.html", context)


@account_holder
@require_http_methods(["GET", "POST"])
def stores(request: AccountRequest) -> HttpResponse:
    """The stores that have cards of this person; one of them is looked at."""
    found = stores_of(request.account)
    if request.method == "POST":
        chosen = next((one for one in found if str(one.retailer_id) == request.POST.get("store")), None)
        if chosen is None:
            raise Http404
        look_at(request.app_session, retailer_id=chosen.retailer_id)
        return redirect("customer_app:home")
    return render(request, "customer_app/stores.html", {"stores": found, "session": request.app_session})


@account_holder
@sensitive_post_parameters("current", "password")
@require_http_methods(["GET", "POST"])
def password(request: AccountRequest) -> HttpResponse:
    """Change one's password; everywhere else one is signed out."""
    form = ChangePasswordForm(request.POST or None, account=request.account)
    status, wait = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if _is_theirs(request, form.cleaned_data["current"]):
                    return _changed(request, form.cleaned_data["password"])
                form.add_error("current", _("This is not your password. Check it and try again."))
            except TooManyTries as refusal:
                form.add_error(None, str(refusal))
                status, wait = refusal.status, refusal.seconds
    response = render(request, "customer_app/password.html", {"form": form}, status=status)
    return counted(response, wait=wait)


def _switched(request: CustomerRequest, channels: Iterable[Channel]) -> HttpResponse:
    """The customer's word on each channel, with what proves that it was theirs."""
    form = SwitchesForm(request.POST)
    form.is_valid()
    evidence = {
        "app_account": request.account.pk,
        "ip": str(get_adapter().get_client_ip(request)),
        "user_agent": request.headers.get("User-Agent", "").replace("\x00", "")[:LONGEST_USER_AGENT],
    }
    wanted = {channel: form.cleaned_data[channel] for channel in channels}
    now = utc_now()
    changed = [
        switch(request.customer, channel, on=on, store=request.store, evidence=evidence, now=now)
        for channel, on in wanted.items()
    ]
    messages.success(request, _("Your changes are saved.") if any(changed) else _("Nothing was changed."))
    return redirect("customer_app:account")


def _is_theirs(request: AccountRequest, typed: str) -> bool:
    account = request.account
    return right_password(request, account, email_folded=account.email_folded, password=typed)


def _changed(request: AccountRequest, password: str) -> HttpResponse:
    set_password(request.account, password, now=utc_now())
    messages.success(request, _("Your password is changed. Other devices were signed out."))
    account_page = reverse("customer_app:account")
    return signed_in(request, request.account, to=account_page, at_retailer=request.app_session.at_retailer)
