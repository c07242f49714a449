"""The till's page of one customer, and what its script asks while a basket is filled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from astro.accounts.access import StaffRequest, staff
from astro.checkout.basket import Line, read_declined, read_lines
from astro.checkout.bodies import sent_object
from astro.checkout.errors import BadVisit
from astro.checkout.models import Purchase, Reason
from astro.checkout.offers import offers
from astro.checkout.presence import version_of
from astro.checkout.till_page import till_page
from astro.checkout.undoing import remove_units
from astro.customers.models import Customer
from astro.customers.queries import living_or_kept, refuse_removed
from astro.customers.signs import signs_of
from astro.kit.clock import utc_now
from astro.programs.models import Enrollment
from astro.programs.queries import held_enrollments
from astro.tenancy import features


@staff
@require_safe
def till(request: StaffRequest, customer_id: int) -> HttpResponse:
    """One customer at the till: their cards, their day, and the basket that the browser keeps. The address of an
    account that was merged leads to the one that was kept."""
    customer = _customer(customer_id)
    if customer.pk != customer_id:
        return redirect("checkout:till", customer.pk)
    version = version_of(customer)  # before the rest: what changes meanwhile is told, never missed
    signs = signs_of([customer], today=request.location.day(utc_now()))[customer.pk]
    return render(
        request,
        "checkout/till.html",
        {
            **_page(request, customer),
            "version": version,
            "signs": signs,
            "shows_astro_id": features.has_now(features.ASTRO_ID),
            "location": request.location,
            "reasons": Reason,
            "is_administrator": request.membership.is_administrator,
            "held": _held(request),
        },
    )


def _held(request: StaffRequest) -> list[Enrollment]:
    """What runs here in Temporary Holding."""
    place = request.location
    return list(held_enrollments([place], day=place.day(utc_now())))


@staff
@require_POST
def preview(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The page as it would be after checking this basket out: three parts. Nothing is stored."""
    customer = _customer(customer_id)
    sent = sent_object(request)
    lines, declined = read_lines(sent), read_declined(sent)
    return render(request, "checkout/state.html", _page(request, customer, lines, declined))


@staff
@require_POST
def create_removal(request: StaffRequest, customer_id: int, purchase_id: int) -> HttpResponse:
    """Units of a purchase taken back, each by its number, so that the same again changes nothing."""
    customer = _customer(customer_id)
    purchase = get_object_or_404(Purchase, pk=purchase_id, customer=customer)
    remove_units(
        purchase,
        _units(request),
        at=request.location,
        by=request.user,
        device_id=request.device.pk if request.device else None,
        is_administrator=request.membership.is_administrator,
        now=utc_now(),
    )
    return render(request, "checkout/state.html", _page(request, customer))


@staff
@require_safe
def show_offers(request: StaffRequest, customer_id: int) -> HttpResponse:
    """What may be chosen for each reward that waits, and for each other item why not."""
    customer = _customer(customer_id)
    found = offers(customer, at=request.location, day=request.location.day(utc_now()))
    return render(
        request, "checkout/offers.html", {"customer": customer, "offers": found, "location": request.location}
    )


def _customer(customer_id: int) -> Customer:
    customer = living_or_kept(customer_id)
    if customer is None:
        refuse_removed(customer_id)
        raise Http404
    return customer


def _page(
    request: StaffRequest, customer: Customer, lines: Iterable[Line] = (), declined: Collection[int] = ()
) -> Mapping[str, Any]:
    page = till_page(customer, lines, declined=declined, at=request.location, now=utc_now())
    return {"customer": customer, "page": page}


def _units(request: StaffRequest) -> set[int]:
    """The numbers in `unit`. Raises BadVisit where there is none, or one is no number."""
    told = request.POST.getlist("unit")
    if not told or not all(text.isascii() and text.isdigit() and len(text) < 5 for text in told):
        raise BadVisit(_("This does not say what to remove. Reload the page, then try again."), field="unit")
    return {int(text) for text in told}
