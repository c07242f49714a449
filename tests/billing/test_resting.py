"""An account that is held, cancelled or past its trial: who reaches what, what still comes in, that nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from astro.billing.actions import lift_hold, place_hold
from astro.cards.models import Card, Punch
from astro.checkout.models import Arrival, KeptVisit
from astro.customers.models import Customer
from astro.kit.clock import utc_now
from astro.tenancy import features
from astro.tenancy.models import AccountState, Retailer
from tests.cast import (
    inside,
    make_app_account,
    make_customer,
    make_device,
    make_enrollment,
    make_product,
    make_program,
    signed_in,
    signed_in_to_app,
)
from tests.checkout.test_actions import a_line
from tests.checkout.test_arrival_views import kept, send, till_of

pytestmark = pytest.mark.django_db

BILLING = "/account/billing/"


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return make_customer(at=midtown, first_name="Sally", last_name="Shopper")


@pytest.fixture
def bag(midtown, cashier):
    product = make_product(name="Northpaw Gold")
    make_enrollment(midtown, program=make_program(title="Northpaw Dry Dog", products=[product]), by=cashier)
    return product


@pytest.fixture
def till(midtown, owner):
    """A browser that is a till of Midtown, where nobody is signed in."""
    return till_of(make_device(midtown, by=owner)[1])


def rest(retailer: Retailer, how: str) -> None:
    """Make it held, cancelled or past its trial."""
    if how == "held":
        place_hold(retailer, by=None, reason="The bill of October is open", now=utc_now())
    elif how == "cancelled":
        Retailer.objects.filter(pk=retailer.pk).update(state=AccountState.CANCELLED)
    else:
        over = utc_now() - timedelta(minutes=1)
        Retailer.objects.filter(pk=retailer.pk).update(state=AccountState.TRIAL, trial_until=over)


WAYS = ["held", "cancelled", "lapsed"]
WORDS = {"held": "Your account is on hold", "cancelled": "This account was cancelled", "lapsed": "Your trial is over"}


@pytest.mark.parametrize("how", WAYS)
def test_administrators_reach_the_billing_page_and_no_other(client, huxley, owner, how) -> None:
    signed_in(client, owner)
    rest(huxley, how)
    for url in ("/", "/customers/", "/programs/", "/checkout/", "/account/", "/devices/", "/account/addresses/"):
        answer = client.get(url)
        assert (answer.status_code, answer.headers.get("Location")) == (302, BILLING), url
    page = client.get(BILLING)
    assert page.status_code == 200
    text = page.content.decode()
    assert reverse("support:new_ticket") in text
    for route in ("customers:list", "checkout:look_up", "accounts:devices"):
        assert f'href="{reverse(route)}"' not in text, "the menu offers what is open and no more"
    for route in ("support:tickets", "support:new_ticket", "support:access_help", "accounts:password"):
        assert client.get(reverse(route)).status_code == 200, route
    assert client.post(reverse("accounts:sign_out")).status_code == 302


@pytest.mark.parametrize("how", WAYS)
def test_a_cashier_is_told_what_is_the_matter_and_whom_to_ask(client, huxley, owner, cashier, how) -> None:
    signed_in(client, cashier)
    rest(huxley, how)
    for url in ("/", "/checkout/", BILLING):
        answer = client.get(url)
        text = answer.content.decode()
        assert answer.status_code == 403
        assert WORDS[how] in text
        assert "Olive Owner" in text
        assert "owner@huxleyhouse.example" in text
    assert client.get(reverse("support:new_ticket")).status_code == 200


@pytest.mark.parametrize("how", WAYS)
def test_nothing_can_be_written_meanwhile(client, huxley, midtown, owner, how) -> None:
    signed_in(client, owner)
    rest(huxley, how)
    answer = client.post(reverse("customers:new"), {"first_name": "New", "last_name": "Person"})
    assert answer.status_code == 403
    with inside(huxley):
        assert not Customer.objects.exists()


@pytest.mark.parametrize("how", WAYS)
def test_what_a_till_kept_still_comes_in_and_is_recorded(till, huxley, midtown, cashier, sally, bag, how) -> None:
    rest(huxley, how)
    body = kept({"id": str(sally.pk)}, a_line(bag, 2), at=midtown, by=str(cashier.pk))
    answer = send(till, body)
    assert answer.status_code == 200
    assert answer.json()["arrival"]["outcome"] == "recorded"
    with inside(huxley):
        assert Punch.objects.count() == 2
        assert Arrival.objects.count() == 1
        assert not KeptVisit.objects.exists()


def test_a_till_where_somebody_of_a_held_store_is_signed_in_brings_its_queue(
    till,
    huxley,
    midtown,
    cashier,
    sally,
    bag,
) -> None:
    client = signed_in(till, cashier)
    rest(huxley, "held")
    assert client.get("/checkout/").status_code == 403
    assert send(client, kept({"id": str(sally.pk)}, a_line(bag), at=midtown)).json()["arrival"]["outcome"] == "recorded"
    waiting = {"waiting": 0, "oldest": None}
    answer = client.post(
        reverse("checkout:waiting"), waiting, content_type="application/json", headers={"X-Astro-Till": "1"}
    )
    assert answer.status_code < 403


def test_a_hold_changes_no_data_and_its_end_is_as_if_it_had_never_been(
    client, huxley, midtown, owner, till, sally, bag
) -> None:
    signed_in(client, owner)
    before = client.get("/").content.decode()
    place_hold(huxley, by=None, reason="a bill", now=utc_now())
    send(till, kept({"id": str(sally.pk)}, a_line(bag), at=midtown))
    lift_hold(huxley, by=None, reason="paid", now=utc_now())
    assert client.get("/").status_code == 200
    assert "Frequent Buyer" in before
    with inside(huxley):
        assert Card.objects.get().punches == 1
        assert Customer.objects.filter(retired_at=None).count() == 1


def test_the_customers_app_goes_on_showing_the_cards_of_a_held_store(client, huxley, midtown) -> None:
    with inside(huxley):
        account = make_app_account(make_customer(at=midtown, first_name="Betty", email="betty@example.com"))
    signed_in_to_app(client, account, retailer=huxley)
    rest(huxley, "held")
    page = client.get(reverse("customer_app:home"))
    assert page.status_code == 200
    assert "Huxley House" in page.content.decode() or "Midtown" in page.content.decode()


def test_offers_only_keeps_customers_history_and_exports(client, huxley, midtown, owner, sally) -> None:
    Retailer.objects.filter(pk=huxley.pk).update(state=AccountState.OFFERS_ONLY)
    signed_in(client, owner)
    for route, args in [
        ("desk:home", []),
        ("customers:list", []),
        ("customers:export", []),
        ("customers:export_pets", []),
        ("desk:customer", [sally.pk]),
        ("checkout:history", [sally.pk]),
        ("checkout:till", [sally.pk]),
        ("checkout:redeem", [sally.pk]),
    ]:
        assert client.get(reverse(route, args=args)).status_code in (200, 302), route


@pytest.mark.parametrize("state", AccountState.values)
def test_what_each_kind_of_account_has_is_data(huxley, state) -> None:
    until = utc_now() + timedelta(days=3)
    Retailer.objects.filter(pk=huxley.pk).update(state=state, trial_until=until)
    huxley.refresh_from_db()
    with inside(huxley):
        assert {name for name in features.NAMES if features.has(huxley, name)} == features.GIVEN[AccountState(state)]
