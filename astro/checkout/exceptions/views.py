"""Asking an item onto a card at the till; the store's list of exceptions, and one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, administrators, staff
from astro.accounts.queries import locations_of
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.catalog.models import Product
from astro.checkout.exceptions.actions import Asked, ask, withdraw
from astro.checkout.exceptions.errors import DecidedBefore
from astro.checkout.exceptions.forms import ExceptionForm
from astro.checkout.exceptions.listing import (
    ExceptionFilter,
    export_heading,
    export_rows,
    page_of_exceptions,
    shown_exceptions,
)
from astro.checkout.exceptions.queries import exceptions_told
from astro.checkout.exceptions.telling import talk_of
from astro.checkout.models import ExceptionReason, ExceptionState, ExceptionStep, ExceptionVisit
from astro.customers.models import Customer
from astro.customers.queries import refuse_removed
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.programs.models import ProgramCard
from astro.programs.queries import card_in_force

SHOWN = 5
"""Exceptions of the same card that are told above the form."""


@staff
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Target")
def new_exception(request: StaffRequest, customer_id: int, program_card_id: int) -> HttpResponse:
    """An item asked onto this card, as a page and as a dialog over the till; above it what was asked before."""
    customer = _customer_or_404(customer_id)
    card = get_object_or_404(ProgramCard.objects.select_related("program__brand"), pk=program_card_id)
    at, now = request.location, utc_now()
    rule = card_in_force(card.pk, location=at, day=at.day(now))
    form = ExceptionForm(
        request.POST if request.method == "POST" else None,
        asks_paid=rule is not None and rule.rule.gives == "back",
        now=now,
    )
    in_dialog = "dialogs" in (request.headers.get("HX-Target"), request.POST.get("in"))
    if request.method == "POST" and form.is_valid() and _is_asked(request, form, customer, card):
        told = _("Asked: it waits for approval, and counts for nothing until then.")
        if in_dialog:
            return JsonResponse({"said": told})
        messages.success(request, told)
        return redirect("checkout:till", customer.pk)
    earlier = exceptions_told().filter(customer=customer, program_card=card).order_by("-asked_at", "-id")[:SHOWN]
    context = {"customer": customer, "card": card, "form": form, "earlier": earlier}
    template = f"checkout/exceptions/{'dialog' if in_dialog else 'new'}.html"
    return render(request, template, context, status=422 if form.errors else 200)


@staff
@require_safe
@vary_on_headers("HX-Target")
def show_list(request: StaffRequest) -> HttpResponse:
    """The list; `#found` alone is swapped while typing."""
    asked = _asked(request)
    page = page_of_exceptions(asked, cursor=request.GET.get("cursor"))
    context = {"asked": asked, "page": page, "rows": shown_exceptions(page.rows)}
    is_typing = request.headers.get("HX-Target") == "found"
    return render(request, f"checkout/exceptions/{'found' if is_typing else 'list'}.html", context)


@administrators
@require_safe
@an_export
def export_list(request: StaffRequest) -> FileResponse:
    """The list as it is asked for in the address: XLSX (`?as=xlsx`), else CSV."""
    asked = _asked(request)
    name, rows = _("exceptions"), export_rows(asked)
    return table_download(request, "exceptions", name=name, heading=export_heading(), rows=rows, asked=asked)


@staff
@require_safe
def show_one(request: StaffRequest, exception_id: int) -> HttpResponse:
    """One exception: what was asked, what became of it, and what support and store said."""
    found = _exception_or_404(request, exception_id)
    steps = list(ExceptionStep.objects.filter(ticket=found).select_related("by").order_by("number"))
    visits = ExceptionVisit.objects.filter(step__in=steps).select_related("visit")
    talk = talk_of(found)
    context = {
        "found": found,
        "steps": _named(steps),
        "visits": list(visits),
        "talk": talk if talk and talk.opened_by_id == request.user.pk else None,
        "is_waiting": found.state == ExceptionState.WAITING,
    }
    return render(request, "checkout/exceptions/one.html", context)


@staff
@require_POST
def create_withdrawal(request: StaffRequest, exception_id: int) -> HttpResponse:
    """The store takes it back, as long as nobody has decided."""
    found = _exception_or_404(request, exception_id)
    try:
        withdraw(found, by=request.user, at=request.location, now=utc_now())
    except DecidedBefore as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("Withdrawn: nothing comes of it."))
    return redirect("checkout:exception", found.pk)


def _is_asked(request: StaffRequest, form: ExceptionForm, customer: Customer, card: ProgramCard) -> bool:
    """Whether it was taken; else the form says why not."""
    told, now = form.cleaned_data, utc_now()
    asked = Asked(
        program_card_id=card.pk,
        quantity=told["quantity"],
        reason=ExceptionReason(told["reason"]),
        bought_at=now,
        code=told["code"],
        description=told["description"],
        paid_cents=told.get("paid"),
        note=told["note"],
    )
    try:
        ask(customer, asked, key=told["key"], at=request.location, by=request.user, now=now)
    except DomainError as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    return True


def _named(steps: Sequence[ExceptionStep]) -> list[tuple[ExceptionStep, str]]:
    """Each with the name of the item that it was approved for."""
    ids = {step.product_id for step in steps if step.product_id}
    names = {pk: str(product) for pk, product in Product.objects.in_bulk(ids).items()} if ids else {}
    return [(step, names.get(step.product_id or 0, "")) for step in steps]


def _asked(request: StaffRequest) -> ExceptionFilter:
    return ExceptionFilter(request.GET, places=list(locations_of(request.membership).order_by("name", "id")))


def _exception_or_404(request: StaffRequest, exception_id: int) -> Any:
    """One of the locations at which this person works."""
    rows = exceptions_told().filter(location__in=locations_of(request.membership))
    return get_object_or_404(
        rows.select_related("customer", "location__retailer", "asked_by", "program_card__program__brand"),
        pk=exception_id,
    )


def _customer_or_404(customer_id: int) -> Customer:
    customer: Customer | None = Customer.objects.filter(pk=customer_id, retired_at=None).first()
    if customer is None:
        refuse_removed(customer_id)
        raise Http404
    return customer
