"""Adding a customer: the New Astro Pet Owner Account, then where they live and with which pets."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from astro.accounts.access import StaffRequest, staff
from astro.customers.actions import add_customer, make_breeder, write_household
from astro.customers.details import read_email, read_phone
from astro.customers.errors import AlreadyCustomer, DetailError
from astro.customers.forms import typed_into
from astro.customers.kinds import telling
from astro.customers.models import Address, Channel, Customer, Kind, Level, Pet
from astro.customers.new_forms import AddressForm, NewCustomerForm, Together
from astro.customers.pet_forms import KIND_ICONS, PetForm, cards_again, cards_sent, empty_card
from astro.customers.queries import account_rules, living, lookalikes, namesake
from astro.customers.requests import Requests, send_requests, words_of_request
from astro.kit.clock import utc_now
from astro.tenancy import features

LOOKALIKES = 3
ASKS = {"phone", "email", "name"}
"""What the first page asks about once when it is left out, or when somebody has that name."""


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """The account. Saved, it goes on to the second page; the requests whose boxes are ticked are on their way then.

    Asked for `kind=breeder`, where the store has a program for breeders, it is one, and its numbers come first.
    """
    here = request.location
    asks_breeder = _asks_breeder(request)
    how: dict[str, Any] = {
        "rules": account_rules(),
        "may_send": request.really_by is None,
        "country": here.country,
        "with_internal_id": features.has_now(features.INTERNAL_CUSTOMER_ID),
    }
    if request.method != "POST":
        return _account(request, NewCustomerForm(initial=typed_into(request.GET.get("q", "")), **how))
    form = NewCustomerForm(request.POST, **how)
    if not form.is_valid():
        return _account(request, form)
    asked = request.POST.getlist("asked")
    double = None if "name" in asked else namesake(**{n: form.cleaned_data[n] for n in ("first_name", "last_name")})
    if double:
        return _account(request, form, double=double)
    left_out = [name for name in form.left_out() if name not in asked]
    if left_out:
        return _account(request, form, left_out=left_out)
    now = utc_now()
    try:
        with transaction.atomic():
            customer = add_customer(**form.details(), at=here, by=request.user, now=now)
            if asks_breeder:
                make_breeder(customer, by=request.user, at=here, now=now)
    except AlreadyCustomer as refused:
        form.add_error(refused.field, str(refused))
        return _account(request, form, existing=refused.existing)
    _tell(request, customer, send_requests(customer, form.channels(), by=request.user, at=here, now=now))
    if asks_breeder:
        return redirect(reverse("customers:convert", args=[customer.pk, Kind.BREEDER]) + "?next=more")
    return redirect("customers:more", customer.pk)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def more(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Home address and pets, all optional unless the store says otherwise. *Finished* leads to the check out."""
    here, now = request.location, utc_now()
    today = here.day(now)
    customer: Customer = get_object_or_404(living(), pk=customer_id)
    known = Address.objects.filter(customer=customer).first()
    pets = list(Pet.objects.filter(customer=customer, retired_at__isnull=True))
    level = Level.NEITHER if pets else account_rules().pets
    page: dict[str, Any] = {"customer": customer, "pets": pets, "needs_pet": level == Level.REQUIRED}
    data = request.POST
    if request.method != "POST":
        address = AddressForm(country=here.country, known=known)
        _begin_in(address, "postcode")
        return _household(request, address, empty_card(today=today), **page)
    if "more" in data or "less" in data:
        typed = {name: data.get(name, "") for name in AddressForm.base_fields}
        less = int(data["less"][:3]) if data.get("less", "").isdecimal() else None
        cards = cards_again(data, today=today, without=less, more=1 if "more" in data else 0)
        _begin_in(cards[-1], "name")
        return _household(request, AddressForm(country=here.country, known=known, typed=typed), cards, **page)
    address = AddressForm(data, country=here.country, known=known)
    cards = cards_sent(data, today=today)
    if Together(address, *cards).errors:
        return _household(request, address, cards, **page)
    given = [card.details for card in cards if card.details]
    if level == Level.RECOMMENDED and not given and "pets" not in data.getlist("asked"):
        return _household(request, address, cards, left_out=["pets"], **page)
    try:
        if level == Level.REQUIRED and not given:
            raise DetailError(_("Your store asks for a pet. Type its name or choose its type."), field="name")
        write_household(customer, address=address.home(), pets=given, by=request.user, at=here, now=now)
    except DetailError as refused:
        form: AddressForm | PetForm = address if refused.field in address.fields else cards[0]
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return _household(request, address, cards, **page)
    messages.success(request, _("%(name)s is saved.") % {"name": customer.name})
    return redirect("checkout:till", customer.pk)


@staff
@require_safe
def show_lookalikes(request: StaffRequest) -> HttpResponse:
    """Who may be the one that is being typed into the account: a fragment, empty where there is nobody."""
    asked = request.GET
    found = lookalikes(
        first_name=asked.get("first_name", ""),
        last_name=asked.get("last_name", ""),
        phone=_whole_phone(asked.get("phone", ""), request.location.country),
        email=_whole_email(asked.get("email", "")),
        limit=LOOKALIKES,
    )
    return render(request, "customers/lookalikes.html", {"lookalikes": found})


def _account(request: StaffRequest, form: NewCustomerForm, **page: Any) -> HttpResponse:
    """The first page; 422 where something is missing or wrong in it, or left to be asked."""
    asked = {*request.POST.getlist("asked"), *page.get("left_out", []), "name" if "double" in page else ""}
    words = words_of_request(Channel.TEXT, request.retailer)
    status = 422 if form.is_bound else 200
    return render(
        request,
        "customers/new.html",
        {
            "form": form,
            "words": words,
            "asked": sorted(asked & ASKS),
            "asks_breeder": _asks_breeder(request),
            **page,
        },
        status=status,
    )


def _asks_breeder(request: StaffRequest) -> bool:
    """Whether the account is to be a breeder's, and the store has a program for breeders."""
    if request.GET.get("kind") != Kind.BREEDER:
        return False
    return Kind.BREEDER in telling().offered_on(request.location.day(utc_now())).kinds


def _household(request: StaffRequest, address: AddressForm, cards: list[PetForm], **page: Any) -> HttpResponse:
    """The second page; 422 as on the first."""
    together = Together(address, *cards)
    asked = {*request.POST.getlist("asked"), *page.get("left_out", [])} & {"pets"}
    told = {"form": together, "address": address, "cards": cards, "kind_icons": KIND_ICONS, "asked": sorted(asked)}
    return render(request, "customers/more.html", {**told, **page}, status=422 if address.is_bound else 200)


def _begin_in(form: Form, name: str) -> None:
    form.fields[name].widget.attrs["autofocus"] = True


def _tell(request: StaffRequest, customer: Customer, requests: Requests) -> None:
    """Say that the customer is there and what is under way; and what is not, and why."""
    sentences = {
        Channel.TEXT: (_("The SMS Opt In Text is on its way."), _("The SMS Opt In Text was not sent.")),
        Channel.EMAIL: (_("The Welcome Email is on its way."), _("The Welcome Email was not sent.")),
    }
    added = _("%(name)s is added.") % {"name": customer.name}
    messages.success(request, " ".join([added, *(sentences[channel][0] for channel in requests.going)]))
    for why in requests.refused:
        messages.warning(request, f"{sentences[Channel(why.field or '')][1]} {why}")


def _whole_phone(typed: str, country: str) -> str:
    """The number once it is whole; nothing while it is being typed."""
    try:
        return read_phone(typed, country)
    except DetailError:
        return ""


def _whole_email(typed: str) -> str:
    try:
        return read_email(typed)
    except DetailError:
        return ""
