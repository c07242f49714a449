"""A visit that somebody rings up while acting as another: every record of it names both, with and without network."""

import json

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from astro.accounts.models import Masquerade
from astro.activity.models import Event
from astro.checkout.models import KeptVisit
from astro.checkout.settling import name_customer
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7 as new_key
from tests import cast
from tests.cast import acting, inside, signed_in
from tests.checkout.test_actions import a_line
from tests.checkout.test_arrival_views import kept, send, till_of


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally", last_name="Shopper")


@pytest.fixture
def bag(midtown, cashier):
    product = cast.make_product(name="Northpaw Gold")
    program = cast.make_program(title="Northpaw Dry Dog", products=[product])
    cast.make_enrollment(midtown, program=program, by=cashier)
    return product


@pytest.fixture
def till(midtown, owner):
    """A browser that is a till of Midtown, where nobody is signed in."""
    return till_of(cast.make_device(midtown, by=owner)[1])


@pytest.fixture
def masquerade(owner, cashier, huxley):
    """Olive acts as Cass, on a browser of her own."""
    acting(Client(), owner, cashier.memberships.get())
    with inside(huxley):
        return Masquerade.objects.get()


def named(huxley, *names):
    with inside(huxley):
        rows = Event.objects.filter(name__in=names).order_by("name")
        return list(rows.values_list("name", "by_user_id", "really_by_id"))


def test_rung_up_with_network(owner, cashier, huxley, midtown, sally, bag):
    client = acting(Client(), owner, cashier.memberships.get())
    body = {"key": str(new_key(utc_now())), "occurred_at": utc_now().isoformat(), "lines": [a_line(bag)]}
    address = reverse("checkout:visits", args=[sally.pk])
    assert client.post(address, json.dumps(body), content_type="application/json").status_code < 400
    assert named(huxley, "visit recorded") == [("visit recorded", cashier.pk, owner.pk)]


def test_kept_without_network(till, owner, cashier, huxley, midtown, sally, bag, masquerade):
    """The till tells which time of acting it was; who that was, the server knows."""
    body = kept({"id": str(sally.pk)}, a_line(bag), at=midtown, by=str(cashier.pk), acting=str(masquerade.pk))
    assert send(till, body).json()["arrival"]["outcome"] == "recorded"
    both = (cashier.pk, owner.pk)
    told = named(huxley, "visit arrived", "visit recorded")
    assert told == [("visit arrived", *both), ("visit recorded", *both)]


def test_kept_for_a_person_and_named_later(
    till,
    owner,
    cashier,
    huxley,
    midtown,
    sally,
    bag,
    masquerade,
):
    """Whoever settles it, the visit was rung up by those two."""
    body = kept({"note": "Red coat"}, a_line(bag), at=midtown, by=str(cashier.pk), acting=str(masquerade.pk))
    send(till, body)
    with inside(huxley):
        name_customer(KeptVisit.objects.get(), sally, by=owner, at=midtown, now=utc_now())
    assert named(huxley, "visit recorded") == [("visit recorded", cashier.pk, owner.pk)]
    assert named(huxley, "kept visit settled") == [("kept visit settled", owner.pk, None)]


def test_who_acts_at_the_till_that_sends_it_has_not_rung_it_up(
    till,
    owner,
    cashier,
    huxley,
    midtown,
    sally,
    bag,
):
    """Cass rang it up herself; it goes out while Olive acts as somebody on that browser."""
    colleague = cast.make_membership(cast.make_user(), retailer=huxley, location=midtown)
    client = acting(Client(), owner, colleague)
    till.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    body = kept({"id": str(sally.pk)}, a_line(bag), at=midtown, by=str(cashier.pk))
    assert send(till, body).json()["arrival"]["outcome"] == "recorded"
    told = named(huxley, "visit arrived", "visit recorded")
    assert told == [("visit arrived", cashier.pk, None), ("visit recorded", cashier.pk, None)]


@pytest.mark.parametrize("whose", ["nobody's", "another one's"])
def test_a_till_cannot_make_up_who_acted(
    till,
    owner,
    cashier,
    riverside_administrator,
    huxley,
    midtown,
    sally,
    bag,
    masquerade,
    whose,
):
    by, named_time = (cashier, "7") if whose == "nobody's" else (riverside_administrator, str(masquerade.pk))
    body = kept({"id": str(sally.pk)}, a_line(bag), at=midtown, by=str(by.pk), acting=named_time)
    assert send(till, body).json()["arrival"]["outcome"] == "recorded"
    assert named(huxley, "visit arrived") == [("visit arrived", by.pk, None)]


def test_pages_tell_the_browser_which_time_it_is(owner, cashier, huxley):
    client = acting(Client(), owner, cashier.memberships.get())
    with inside(huxley):
        one = Masquerade.objects.get()
    assert f'data-acting="{one.pk}"' in client.get("/").text
    assert "data-acting" not in signed_in(Client(), owner).get("/").text
