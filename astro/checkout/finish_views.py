"""The second screen of a visit: choosing the free items, and Finished."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from astro.accounts.access import StaffRequest, staff
from astro.cards.models import Redemption
from astro.checkout.actions import Recorded
from astro.checkout.basket import read_id
from astro.checkout.bodies import sent_object
from astro.checkout.choosing import Choosing, choosing
from astro.checkout.fields.queries import fields_asked, told_field
from astro.checkout.finished import told
from astro.checkout.finishing import finish_visit, read_finish
from astro.checkout.models import AskedFor, Sealing, UnitVoid, Visit
from astro.customers.actions import fill_in
from astro.customers.models import Customer
from astro.customers.queries import living_or_kept, refuse_removed
from astro.kit.clock import utc_now
from astro.kit.ids import id_text
from astro.tenancy.models import Country


@staff
@require_safe
def redeem(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The second screen as a page of its own: after a reload, with the back button, or where only rewards wait.

    `?visit=` names the visit by its key; once it is sealed, this is its Finished page. `?reward=` offers one reward.
    """
    customer = _customer_or_404(customer_id)
    visit = _visit_or_404(request, customer)
    if visit is not None:
        sealing = Sealing.objects.filter(visit=visit).first()
        if sealing or not visit.has_offer:
            finished = _finished(request, customer, visit, sealing, is_later=True)
            return render(request, "checkout/finished_page.html", {"finished": finished, "customer": customer})
    found = _choosing(request, customer, visit, reward_id=read_id(request.GET.get("reward")))
    if found.is_taken_back:
        messages.info(request, _("That visit was taken back. Scan what %(name)s buys.") % {"name": customer.first_name})
        return redirect("checkout:till", customer.pk)
    return render(request, "checkout/redemption_page.html", _screen(request, customer, visit, found))


@staff
@require_POST
def finish(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Hand out what was chosen and seal the visit. The same may come any number of times and is answered alike."""
    now = utc_now()
    customer = _customer_or_404(customer_id)
    sent = sent_object(request)
    chosen = read_finish(sent, customer_id=customer_id)  # as it was sent: the account may have been merged meanwhile
    email, address = sent.get("email"), sent.get("address")
    customer = fill_in(
        customer,
        email=email if isinstance(email, str) else None,
        address=address if isinstance(address, Mapping) else None,
        at=request.location,
        by=request.user,
        now=now,
    )
    device_id = request.device_id
    done = finish_visit(customer, chosen, at=request.location, by=request.user, device_id=device_id, now=now)
    return HttpResponse(_finished(request, customer, done.visit, done.sealing, is_later=True))


def answer_after_visit(request: StaffRequest, recorded: Recorded) -> HttpResponse:
    """What the till shows after Check out: the rewards to choose from, or that the visit is finished."""
    visit, customer = recorded.visit, recorded.customer
    sealing = Sealing.objects.filter(visit=visit).first() if visit.has_offer and recorded.is_again else None
    if visit.has_offer and sealing is None:
        customer = _customer_or_404(customer.pk)
        found = _choosing(request, customer, visit)
        if found.is_worth_showing(visit):
            return render(request, "checkout/redemption.html", _screen(request, customer, visit, found))
    return HttpResponse(_finished(request, customer, visit, sealing, is_later=recorded.is_again))


def _choosing(
    request: StaffRequest, customer: Customer, visit: Visit | None, *, reward_id: int | None = None
) -> Choosing:
    day = request.location.day(utc_now())
    return choosing(customer, visit, at=request.location, day=day, reward_id=reward_id)


def _screen(request: StaffRequest, customer: Customer, visit: Visit | None, found: Choosing) -> dict[str, Any]:
    return {
        "customer": customer,
        "visit": visit,
        "choosing": found,
        "location": request.location,
        "currency": request.location.retailer.currency,
        "countries": Country.choices,
        "fields": _fields(request) if found.groups else "",
    }


def _fields(request: StaffRequest) -> str:
    """What the store asks when a reward is redeemed, as the script draws it; "" where it asks nothing."""
    asked = fields_asked(request.location, AskedFor.REDEMPTION)
    return json.dumps([told_field(field) for field in asked]) if asked else ""


def _finished(
    request: StaffRequest, customer: Customer, visit: Visit, sealing: Sealing | None, *, is_later: bool = False
) -> str:
    """Every checkout ends here, so the template gets what it needs and nothing of the bar.

    `is_later`: something may have been taken back since. No free item is told to be rung up that was not given.
    """
    found = told(visit.answer, sealing.answer if sealing else None)
    undone = _undone(visit) if is_later and found.gifts else set()
    found.gifts = [gift for gift in found.gifts if gift["redemption_id"] not in undone]
    context = {
        "customer": customer,
        "visit": visit,
        "told": found,
        "is_changed": bool(undone)
        or (is_later and UnitVoid.objects.filter(purchase__visit=visit, is_live=True).exists()),
        "location": request.location,
        "retailer_name": request.retailer.name,
    }
    return render_to_string("checkout/finished.html", context)


def _undone(visit: Visit) -> set[str]:
    """The redemptions of this visit that were taken back, as its sealing names them."""
    gone = Redemption.objects.filter(visit_id=visit.pk, is_live=False)
    return {id_text(pk) for pk in gone.values_list("pk", flat=True)}


def _customer_or_404(customer_id: int) -> Customer:
    """Who is there, or whom the account was merged into while a till had it open."""
    customer = living_or_kept(customer_id)
    if customer is None:
        refuse_removed(customer_id)
        raise Http404
    return customer


def _visit_or_404(request: StaffRequest, customer: Customer) -> Visit | None:
    asked = request.GET.get("visit")
    if not asked:
        return None
    try:
        key = UUID(asked)
    except ValueError:
        raise Http404 from None
    return get_object_or_404(Visit, key=key, customer=customer)
