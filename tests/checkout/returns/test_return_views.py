"""Actions › Customer Returns: from the label to the submitted return, its list and what the store does with it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from astro.accounts.models import User
from astro.catalog.models import Barcode
from astro.checkout.actions import record_visit
from astro.checkout.basket import Basket, Line
from astro.checkout.models import Purchase
from astro.credits.models import ConsumerReturn, DeclineReason, ReturnState
from astro.kit.clock import utc_now
from astro.tenancy.models import Location
from tests import cast
from tests.credits.returns.bringing import Bringing

pytestmark = pytest.mark.django_db
S = ReturnState


@pytest.fixture
def bringing(midtown: Location, owner: User) -> Bringing:
    made = Bringing(midtown, owner)
    made.now = utc_now()
    return made


@pytest.fixture
def office(client: Client, owner: User) -> Client:
    return cast.signed_in(client, owner)


def new_url(bringing: Bringing, **asked: Any) -> str:
    return reverse("checkout:return_new", args=[bringing.customer.pk], query=asked or None)


def buy(bringing: Bringing, units: int = 2, *, days_ago: int = 3) -> Purchase:
    moment = utc_now() - timedelta(days=days_ago)
    with cast.inside(bringing.at.retailer):
        basket = Basket(uuid4(), moment, (Line(uuid4(), bringing.bag.pk, units),), uuid4().hex)
        record_visit(bringing.customer, basket, at=bringing.at, by=bringing.by, now=moment)
        return Purchase.objects.latest("occurred_at")


def typed(bringing: Bringing, **other: Any) -> dict[str, Any]:
    return {
        "key": str(uuid4()),
        "quantity": "1",
        "purchase": "",
        "reason": "smell",
        "reason_text": "",
        "lot_code": "LOT7",
        "best_by_on": "2027-06-30",
        "distributor": str(bringing.payer.pk),
        "account_number": "48-1123",
        "note": "",
        **other,
    }


def test_a_scanned_label_fills_lot_code_and_best_by_date(bringing: Bringing, office: Client) -> None:
    with cast.inside(bringing.at.retailer):
        code = Barcode.objects.get(product=bringing.bag).gtin
    shown = office.get(new_url(bringing, item=f"(01){code}(15)270600(10)LOT7"), follow=True)
    form = shown.context["form"]
    assert (form["lot_code"].value(), form["best_by_on"].value()) == ("LOT7", date(2027, 6, 30))
    assert shown.context["product"] == bringing.bag
    named = office.get(new_url(bringing, item="Adult"), follow=True)
    assert named.context["product"] == bringing.bag


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ("012345678905", "We don&#x27;t know this item"),
        ("012345678906", "does not fit"),
        ("nothing like it", "letters or signs"),
    ],
)
def test_what_is_not_known_is_told(bringing: Bringing, office: Client, item: str, says: str) -> None:
    assert says in office.get(new_url(bringing, item=item)).content.decode()


def test_a_brand_that_takes_no_part_is_told(bringing: Bringing, office: Client) -> None:
    other = cast.make_product(name="Rope toy", brand=cast.make_brand(name="Fernwell"))
    said = office.get(new_url(bringing, product=other.pk)).content.decode()
    assert "The brand of “Rope toy 30 lb” takes nothing back" in said
    assert office.post(new_url(bringing, product=other.pk), typed(bringing)).status_code == 422


def test_recorded_purchases_are_offered_and_submitted(bringing: Bringing, office: Client) -> None:
    bought = buy(bringing)
    buy(bringing, days_ago=400)
    page = office.get(new_url(bringing))
    assert [one.purchase for one in page.context["offered"]] == [bought]
    address = new_url(bringing, product=bringing.bag.pk, purchase=bought.pk)
    assert office.get(address).context["form"]["purchase"].value() == str(bought.pk)
    sent = typed(bringing, purchase=str(bought.pk), quantity="2")
    done = office.post(address, sent, follow=True)
    assert "Credit is asked for, and not promised" in done.content.decode()
    again = office.post(address, sent)
    with cast.inside(bringing.at.retailer):
        made = ConsumerReturn.objects.get()
        assert (made.purchase_id, made.bought_on, made.quantity) == (bought.pk, bought.day, 2)
    assert again.status_code in (302, 422)
    assert office.get(new_url(bringing)).context["offered"] == []


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"lot_code": ""}, "Type the lot code"),
        ({"best_by_on": ""}, "Choose the best-by date"),
        ({"reason": ""}, "Choose why it was brought back"),
        ({"reason": "other"}, "Say in a few words what was wrong"),
        ({"quantity": "0"}, "1 to 99"),
        ({"quantity": "two"}, "1 to 99"),
        ({"account_number": ""}, "asks for it"),
        ({"distributor": "5"}, "Choose one of these"),
        ({"purchase": "5"}, "Choose one of these"),
    ],
)
def test_what_is_missing_is_told_beside_its_field(
    bringing: Bringing, office: Client, other: dict[str, str], says: str
) -> None:
    shown = office.post(new_url(bringing, product=bringing.bag.pk), typed(bringing, **other))
    assert shown.status_code == 422
    assert says in shown.content.decode()
    with cast.inside(bringing.at.retailer):
        assert not ConsumerReturn.objects.exists()


def test_the_list_narrows_sorts_and_is_exported(bringing: Bringing, office: Client) -> None:
    first = bringing.bring(lot_code="AAA1")
    second = bringing.bring(lot_code="BBB2")
    bringing.move(second, S.DECLINED)
    address = reverse("checkout:returns")

    def listed(**asked: str) -> list[int]:
        return [row.pk for row in office.get(address, asked).context["page"].rows]

    assert listed() == [second.pk, first.pk]
    assert listed(sort="oldest") == [first.pk, second.pk]
    assert listed(state="open") == [first.pk]
    assert listed(state="declined") == [second.pk]
    assert listed(q="bbb2") == listed(q="BBB2") == [second.pk]
    assert listed(q="Ortiz", sort="item") != []
    assert "No return is like that" in office.get(address, {"q": "zzz"}).content.decode()
    rows = office.get(reverse("checkout:returns_export"), {"state": "declined"})
    told = b"".join(rows.streaming_content).decode("utf-8-sig").splitlines()
    assert len(told) == 2
    assert "Lot Code" in told[0]
    assert "BBB2" in told[1]
    assert "Incorrect Account Number" in told[1]


def test_an_empty_list_says_what_to_do(office: Client) -> None:
    said = office.get(reverse("checkout:returns")).content.decode()
    assert "Nothing was brought back yet" in said
    assert "No brand takes part yet" in said


def test_resubmitting_puts_right_what_it_was_declined_for(bringing: Bringing, office: Client) -> None:
    made = bringing.bring(account_number="1")
    page, steps = reverse("checkout:return", args=[made.pk]), reverse("checkout:return_steps", args=[made.pk])
    assert office.get(page).context["form"] is None
    bringing.move(made, S.DECLINED)
    assert office.get(page).context["form"]["account_number"].value() == "1"
    sent = {"to": "resubmitted", "distributor": str(bringing.payer.pk), "account_number": "", "note": ""}
    refused = office.post(steps, sent)
    assert refused.status_code == 422
    assert "asks for it" in refused.content.decode()
    office.post(steps, {**sent, "account_number": "48-1123"})
    assert bringing.states(made) == ["submitted", "declined", "resubmitted"]
    bringing.move(made, S.DECLINED, decline_reason=DeclineReason.NOT_COVERED)
    assert office.get(page).context["form"] is None
    assert office.post(steps, {**sent, "account_number": "48-1123"}).status_code == 409


def test_a_store_withdraws_and_reconciles_and_credits_nothing_by_itself(bringing: Bringing, office: Client) -> None:
    made, other = bringing.bring(), bringing.bring()
    steps = reverse("checkout:return_steps", args=[made.pk])
    assert office.post(steps, {"to": "approved"}).status_code == 404
    assert office.post(steps, {"to": "credited"}).status_code == 409
    bringing.move(made, S.APPROVED, S.CREDITED)
    office.post(steps, {"to": "reconciled"})
    office.post(steps, {"to": "credited"})
    assert bringing.states(made)[-3:] == ["credited", "reconciled", "credited"]
    assert office.post(steps, {"to": "withdrawn"}).status_code == 409
    office.post(reverse("checkout:return_steps", args=[other.pk]), {"to": "withdrawn"})
    assert bringing.states(other) == ["submitted", "withdrawn"]


def test_found_by_name_or_told_that_nobody_is(bringing: Bringing, office: Client) -> None:
    found = office.get(reverse("checkout:return_find"), {"q": "Ortiz"}).content.decode()
    assert new_url(bringing) in found
    assert "Nobody matches" in office.get(reverse("checkout:return_find"), {"q": "zzz"}).content.decode()


def test_as_many_queries_for_one_as_for_three(
    bringing: Bringing, office: Client, django_assert_max_num_queries: Any
) -> None:
    bringing.bring()
    address = reverse("checkout:returns")
    office.get(address)
    with django_assert_max_num_queries(40) as one:
        office.get(address)
    bringing.bring()
    bringing.bring()
    with django_assert_max_num_queries(len(one.captured_queries)):
        office.get(address)
