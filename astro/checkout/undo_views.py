"""Taking back after the fact: a free item, a purchase, a whole visit. Each asks first, as a page or as a pop-up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, safe_next, staff
from astro.cards.models import NextStep, Redemption
from astro.checkout import undoing
from astro.checkout.errors import NoSuchUnit
from astro.checkout.history import shown_gifts
from astro.checkout.models import Purchase, UnitVoid, Visit
from astro.checkout.one_visit import shown_visit
from astro.customers.models import Customer
from astro.customers.queries import refuse_removed
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError, speaks_json
from astro.kit.ids import id_text
from astro.tenancy.models import Location


@staff
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Target")
def undo_redemption(request: StaffRequest, customer_id: int, redemption_id: int) -> HttpResponse:
    """A free item was not given, or another one was: remove and reselect, remove only, or leave it."""
    customer = _customer_or_404(customer_id)
    rows = Redemption.objects.select_related("location", "by", "program_card", "card")
    redemption = get_object_or_404(rows, pk=redemption_id, customer=customer)
    back = safe_next(request, f"{reverse('checkout:history', args=[customer.pk])}#card-{redemption.card_id}")
    if request.method != "POST":
        context = {
            "gift": shown_gifts([redemption])[0],
            "may": _may(request, redemption.location, redemption.day),
            "is_administrator": request.membership.is_administrator,
        }
        return _asked(request, "undo_redemption", customer, back, context)
    step = NextStep.RESELECT if request.POST.get("next_step") == NextStep.RESELECT else NextStep.REMOVE

    def act(now: datetime) -> str:
        is_settled_later = request.POST.get("settle") == "later"
        if undoing.undo_redemption(
            redemption, next_step=step, **_who(request), is_settled_later=is_settled_later, now=now
        ):
            return _("Taken back: the free %(item)s. Its reward is ready again.") % {"item": redemption}
        return _("The free %(item)s was taken back before. Nothing changed.") % {"item": redemption}

    there = back
    if step == NextStep.RESELECT:
        there = f"{reverse('checkout:redeem', args=[customer.pk])}?reward={redemption.reward_id}"
    return _done(request, act, there=there, back=back)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Target")
def removal(request: StaffRequest, customer_id: int, purchase_id: int) -> HttpResponse:
    """One unit of a purchase (`?unit=`, or else the first) was not bought. It stays on record as removed."""
    customer = _customer_or_404(customer_id)
    rows = Purchase.objects.select_related("location", "visit__by", "visit__location")
    purchase = get_object_or_404(rows, pk=purchase_id, customer=customer)
    told = request.POST.get("unit", "") if request.method == "POST" else request.GET.get("unit", "1")
    unit = _unit(told, purchase)
    back = safe_next(request, reverse("checkout:history", args=[customer.pk]))
    if request.method != "POST":
        context = {
            "purchase": purchase,
            "unit": unit,
            "void": UnitVoid.objects.filter(purchase=purchase, unit=unit, is_live=True).select_related("by").first(),
            "may": _may(request, purchase.location, purchase.visit.open_on),
        }
        return _asked(request, "removal", customer, back, context)

    def act(now: datetime) -> str:
        undoing.remove_units(purchase, [unit], **_who(request), now=now)
        return _("Removed: %(item)s. The cards are counted again without it.") % {"item": _item(purchase)}

    return _done(request, act, there=back, back=back)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Target")
def undo_visit(request: StaffRequest, customer_id: int, key: UUID) -> HttpResponse:
    """A whole visit taken back: the free items that it gave, then all that it bought.

    A program is told what was taken back, so that the till can put it into the basket again; asked twice, it is told
    the same twice.
    """
    customer = _customer_or_404(customer_id)
    rows = Visit.objects.select_related("customer", "location", "by")
    visit = get_object_or_404(rows, key=key, customer=customer)
    back = safe_next(request, reverse("checkout:visit", args=[visit.key]))
    if request.method != "POST":
        context = {
            "visit": visit,
            "shown": shown_visit(visit),
            "may": _may(request, visit.location, visit.open_on),
        }
        return _asked(request, "undo_visit", customer, back, context)

    def act(now: datetime) -> str:
        undoing.undo_visit(visit, **_who(request), now=now)
        return _("The visit is undone. Everything of it stays in the history as removed.")

    if speaks_json(request):
        act(utc_now())
        return JsonResponse({"undone": True, "lines": taken_back(visit)})
    return _done(request, act, there=back, back=back)


def taken_back(visit: Visit) -> list[dict[str, Any]]:
    """What was removed from this visit last, all at once: product and quantity of each line."""
    rows = UnitVoid.objects.filter(purchase__visit=visit, is_live=True)
    voids = list(rows.select_related("purchase").order_by("purchase_id"))
    last = max((void.voided_at for void in voids), default=None)
    units = Counter(void.purchase.product_id for void in voids if void.voided_at == last)
    return [{"product_id": id_text(product), "quantity": quantity} for product, quantity in units.items()]


def _asked(request: StaffRequest, name: str, customer: Customer, back: str, context: dict[str, Any]) -> HttpResponse:
    """The question, as a pop-up where htmx asks for one, else as a page of its own."""
    in_dialog = request.headers.get("HX-Target") == "dialogs"
    template = "checkout/undo_dialog.html" if in_dialog else "checkout/undo.html"
    page = {"customer": customer, "back": back, "body": f"checkout/{name}_form.html", "in_dialog": in_dialog}
    return render(request, template, page | context)


def _done(request: StaffRequest, act: Callable[[datetime], str], *, there: str, back: str) -> HttpResponse:
    """Act, and say what `act` says where the person goes on. A refusal is said where they came from, and nothing was
    written."""
    try:
        done = act(utc_now())
    except DomainError as refused:
        messages.error(request, str(refused))
        return redirect(back)
    messages.success(request, done)
    return redirect(there)


def _who(request: StaffRequest) -> dict[str, Any]:
    return {
        "at": request.location,
        "by": request.user,
        "device_id": request.device.pk if request.device else None,
        "is_administrator": request.membership.is_administrator,
    }


def _may(request: StaffRequest, place: Location, day: date) -> bool:
    """Whether to offer it: on the same day, as the place counts it, to anybody; later to administrators. `undoing` has
    the last word."""
    return request.membership.is_administrator or place.day(utc_now()) == day


def _unit(text: str, purchase: Purchase) -> int:
    """The number of a unit that the purchase has."""
    unit = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    if not 1 <= unit <= purchase.quantity:
        raise NoSuchUnit
    return unit


def _item(purchase: Purchase) -> str:
    return f"{purchase.name} {purchase.size}".strip()


def _customer_or_404(customer_id: int) -> Customer:
    """Who is on the list; a link kept from before they were removed or combined says so."""
    customer: Customer | None = Customer.objects.filter(pk=customer_id, retired_at=None).first()
    if customer is None:
        refuse_removed(customer_id)
        raise Http404
    return customer
