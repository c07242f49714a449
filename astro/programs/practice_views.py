"""*Practice*: the practice customer, and a few barcodes of what fills a card here, on the screen and for paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from astro.accounts.access import StaffRequest, staff
from astro.catalog.models import Barcode, Product
from astro.catalog.queries import valid_on
from astro.customers.actions import add_practice_customer
from astro.customers.models import Customer
from astro.kit.clock import utc_now
from astro.programs.labels import Bars, bars_of
from astro.programs.queries import enrolled_on
from astro.tenancy.models import Location

MOST = 6


@dataclass(frozen=True, slots=True)
class Label:
    """Something to scan, and the card that it fills."""

    product: Product
    bars: Bars
    card: str
    need: int


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def practice(request: StaffRequest) -> HttpResponse:
    """Where a store has no practice customer yet, the button makes her."""
    now = utc_now()
    if request.method == "POST":
        add_practice_customer(now=now)
        return redirect("programs:practice")
    told = {
        "sally": Customer.objects.filter(is_practice=True).first(),
        "labels": _labels(request.location, day=request.location.day(now)),
        "is_administrator": request.membership.is_administrator,
    }
    return render(request, "programs/practice.html", told)


def _labels(place: Location, *, day: date) -> list[Label]:
    """One product of each card, those that are full soonest first."""
    cards = sorted(enrolled_on(place, day=day), key=lambda card: (card.buy, card.title))
    wanted = {product_id for card in cards for product_id in card.product_ids}
    codes = dict(
        Barcode.objects.filter(valid_on(day), product__in=wanted).order_by("id").values_list("product_id", "gtin")
    )
    picked = {}
    for card in cards:
        product_id = next((one for one in card.product_ids if one in codes and one not in picked), None)
        if product_id is not None and len(picked) < MOST:
            picked[product_id] = card
    products = Product.objects.in_bulk(list(picked))
    return [
        Label(products[product_id], bars_of(codes[product_id]), card.title, card.need)
        for product_id, card in picked.items()
        if product_id in products
    ]
