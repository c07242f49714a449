"""What the demo wrote, as one short text that two loads can be compared by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from hashlib import sha256

from django.db.models import Count

from astro.cards.models import Card, CardNote, Punch, Redemption, RedemptionUndo, Reward
from astro.catalog.models import Barcode, Brand, Distributor, Price, Product
from astro.checkout.models import Purchase, Sealing, UnitVoid, Visit
from astro.credits.models import CreditLine
from astro.customers.models import Address, Customer, SeenAt
from astro.programs.models import Enrollment, Program, ProgramItem
from astro.tenancy.models import Retailer
from tests.cast import inside

UNTIL = date(2026, 11, 20)


def retailers() -> list[Retailer]:
    return list(Retailer.objects.order_by("name"))


def business() -> Iterator[object]:
    """Everything that was written, without ids and random codes, in an order of its own."""
    yield sorted(Brand.objects.values_list("name"))
    yield sorted(Distributor.objects.values_list("name", "served_regions__country", "served_regions__region"))
    for store in retailers():
        with inside(store):
            yield store.name
            yield sorted(Product.objects.values_list("name", "size", "species", "category"))
            yield sorted(Barcode.objects.values_list("gtin", "product__name", "from_on"))
            yield sorted(Price.objects.values_list("product__name", "product__size", "msrp_cents", "from_on"))
            yield sorted(
                Program.objects.values_list("title", "description", "starts_on", "fulfilment", "versions__terms")
            )
            yield sorted(
                ProgramItem.objects.values_list("program_card__title", "product__name", "product__size", "fills")
            )
            yield sorted(
                Enrollment.objects.values_list("location__name", "program__title", "from_on", "account_number"), key=str
            )
            yield sorted(
                Customer.objects.annotate(Count("codes")).values_list(
                    "first_name", "last_name", "phone", "email", "created_at", "is_practice", "codes__count"
                )
            )
            yield sorted(
                SeenAt.objects.values_list("customer__search", "location__name", "first_seen_at", "last_seen_at")
            )
            yield sorted(
                Visit.objects.values_list(
                    "key",
                    "customer__search",
                    "location__name",
                    "occurred_at",
                    "recorded_at",
                    "by__name",
                    "reason",
                    "reason_text",
                    "has_offer",
                )
            )
            yield sorted(Sealing.objects.values_list("visit__key", "how", "sealed_at"))
            yield sorted(Purchase.objects.values_list("key", "name", "size", "gtin", "msrp_cents", "quantity", "day"))
            yield sorted(
                Card.objects.values_list(
                    "customer__search", "program_card__title", "number", "need", "punches", "state"
                )
            )
            yield sorted(
                Punch.objects.values_list(
                    "card__customer__search", "program_card__title", "card__number", "state", "position", "occurred_at"
                ),
                key=str,
            )
            yield sorted(Reward.objects.values_list("customer__search", "program_card__title", "earned_at", "state"))
            yield sorted(
                Redemption.objects.values_list(
                    "customer__search", "redeemed_at", "name", "size", "msrp_cents", "taken_unit", "is_live", "by__name"
                ),
                key=str,
            )
            yield sorted(RedemptionUndo.objects.values_list("redemption__customer__search", "undone_at", "next_step"))
            yield sorted(UnitVoid.objects.values_list("purchase__key", "unit", "voided_at"))
            yield sorted(CardNote.objects.values_list("card__customer__search", "text", "changed_at"))
            yield sorted(Address.objects.values_list("customer__search", "street", "postcode"))
            yield sorted(
                CreditLine.objects.values_list("customer_name", "program_title", "product_name", "day", "state"),
            )


def digest() -> str:
    """The same for the same business."""
    return sha256(repr(list(business())).encode()).hexdigest()
