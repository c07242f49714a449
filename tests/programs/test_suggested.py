"""Joining at once what one distributor pays for, and what there is to practice with."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from astro.customers.actions import add_practice_customer
from astro.customers.models import Customer
from astro.programs.models import Enrollment
from astro.programs.rules import RuleOfCard
from tests.cast import (
    NOW,
    inside,
    make_brand,
    make_distributor,
    make_enrollment,
    make_product,
    make_program,
    signed_in,
)

pytestmark = pytest.mark.django_db

PAGE, PRACTICE = "/programs/suggested/", "/programs/practice/"


@pytest.fixture
def office(owner):
    return signed_in(Client(), owner)


@pytest.fixture
def paws():
    return make_distributor(name="Paws Distributing")


@pytest.fixture
def programs(paws):
    """Two that Paws pays for here, one that the brand pays for, and one of a distributor who serves Maine alone."""
    far = make_distributor(name="Harborline", serves=[("US", "ME")])
    return [
        make_program(title="Northpaw Dry", carriers=[paws]),
        make_program(title="Fernwell Pate", carriers=[paws, far], rule=RuleOfCard(6)),
        make_program(title="Oakhollow Chews", fulfilment="brand"),
        make_program(title="Sandbar Treats", carriers=[far]),
    ]


def enrolled(place):
    with inside(place.retailer):
        rows = Enrollment.objects.filter(location=place).select_related("program", "distributor")
        return sorted(
            (row.program.title, row.distributor.name if row.distributor else "", row.account_number) for row in rows
        )


def test_what_serves_this_region_is_suggested_and_joined_with_one_press(office, midtown, paws, programs):
    page = office.get(PAGE)
    assert [one.program.title for one in page.context["suggestions"]] == [
        "Fernwell Pate",
        "Northpaw Dry",
        "Oakhollow Chews",
    ]
    assert page.text.count(" checked") == 3
    assert "Harborline" not in page.text
    sent = {"distributor": paws.pk, "account_number": "48-1123", "programs": [one.pk for one in programs]}
    assert office.post(PAGE, {**sent, "next": PRACTICE}).url == PRACTICE
    joined = [
        ("Fernwell Pate", "Paws Distributing", "48-1123"),
        ("Northpaw Dry", "Paws Distributing", "48-1123"),
        ("Oakhollow Chews", "", ""),
    ]
    assert enrolled(midtown) == joined
    assert office.post(PAGE, sent).status_code == 302
    assert enrolled(midtown) == joined
    assert "takes part in everything that can be suggested" in office.get(PAGE).text


def test_without_the_number_purchases_count_and_rewards_wait(office, midtown, paws, programs):
    answer = office.post(PAGE, {"distributor": paws.pk, "programs": [programs[0].pk]}, follow=True)
    assert enrolled(midtown) == [("Northpaw Dry", "", "")]
    assert "What Paws Distributing pays for waits until you tell your account number" in answer.text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [({}, "Tick at least one program."), ({"account_number": "??"}, "account number")],
)
def test_what_is_wrong_is_told_and_nothing_is_joined(office, midtown, paws, programs, sent, sentence):
    ticked = {"programs": [one.pk for one in programs]} if sent else {}
    answer = office.post(PAGE, {"distributor": paws.pk, **ticked, **sent})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{sent.get("account_number", "")}"' in answer.text
    assert enrolled(midtown) == []


def test_who_stands_elsewhere_joins_there(riverside_administrator, midtown, riverside, paws, programs):
    client = signed_in(Client(), riverside_administrator)
    client.post(PAGE, {"distributor": paws.pk, "programs": [programs[0].pk], "account_number": "7"})
    assert (enrolled(midtown), enrolled(riverside)) == ([], [("Northpaw Dry", "Paws Distributing", "7")])


def test_where_there_are_no_programs_the_page_says_what_to_do(office):
    words = office.get(PAGE).text
    assert "There are no programs here yet." in words
    assert reverse("support:new_ticket") in words


def test_where_no_distributor_serves_what_needs_none_is_left(office):
    make_program(title="Oakhollow Chews", fulfilment="brand")
    words = office.get(PAGE).text
    assert "No distributor serves MT yet." in words
    assert "Oakhollow Chews" in words


def test_a_list_of_any_length_asks_the_same_number_of_questions(office, paws, django_assert_max_num_queries):
    make_program(title="One", carriers=[paws])
    with django_assert_max_num_queries(60) as first:
        office.get(PAGE)
    for number in range(3):
        make_program(title=f"More {number}", carriers=[paws])
    with django_assert_max_num_queries(60) as more:
        office.get(PAGE)
    assert len(more) == len(first)


def test_practice_has_codes_of_what_fills_a_card(cashier, midtown, owner):
    client = signed_in(Client(), cashier)
    assert "Your store has no practice customer yet." in client.get(PRACTICE).text
    for _ in range(2):
        assert client.post(PRACTICE).status_code == 302
    with inside(midtown.retailer):
        sally = Customer.objects.get(is_practice=True)
    assert "Ask an administrator of your store to choose some." in client.get(PRACTICE).text
    brand = make_brand(name="Northpaw")
    bag = make_product(name="Northpaw Gold", brand=brand, gtins=["614141060016"])
    make_enrollment(midtown, program=make_program(brand=brand, products=[bag]), by=owner)
    page = client.get(PRACTICE).text
    assert "6 14141 06001 6" in page
    assert reverse("checkout:till", args=[sally.pk]) in page


def test_practice_is_of_ones_own_store(office, otherpaws, elsewhere, midtown):
    with inside(otherpaws):
        theirs = add_practice_customer(now=NOW)
    assert str(theirs.pk) not in office.get(PRACTICE).text
