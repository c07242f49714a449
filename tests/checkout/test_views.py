"""The till's pages, as the browser asks for them."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from astro.cards.models import Punch
from astro.checkout.models import KeptVisit, Visit
from astro.customers.actions import give_code
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7 as new_key
from tests import cast
from tests.cast import NOW, inside, signed_in
from tests.checkout.test_actions import a_body, a_line


@pytest.fixture
def at_till(client, cashier):
    return signed_in(client, cashier)


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally", last_name="Shopper")


@pytest.fixture
def bag(midtown, cashier):
    product = cast.make_product(name="Northpaw Gold", gtins=["012345678905"])
    program = cast.make_program(title="Northpaw Dry Dog", products=[product])
    cast.make_enrollment(midtown, program=program, by=cashier)
    return product


def post(client, name, customer, body):
    address = reverse(f"checkout:{name}", args=[customer.pk])
    return client.post(address, json.dumps(body), content_type="application/json", headers={"hx-request": "true"})


def now_body(*lines, **kwargs):
    return a_body(*lines, at=utc_now(), **kwargs)


def test_finds_a_customer_and_opens_the_till(at_till, sally):
    answer = at_till.get(reverse("checkout:look_up"), {"q": "shop"}, headers={"hx-request": "true"})
    assert reverse("checkout:till", args=[sally.pk]) in answer.text
    assert "<html" not in answer.text
    assert "Sally Shopper" in at_till.get(reverse("checkout:till", args=[sally.pk])).text


def test_enter_opens_the_only_one_who_matches(at_till, huxley, midtown, sally):
    found = at_till.get(reverse("checkout:look_up"), {"q": "shop"})
    assert found.headers["Location"] == reverse("checkout:till", args=[sally.pk])
    with inside(huxley):
        cast.make_customer(at=midtown, last_name="Shopley")
    listed = at_till.get(reverse("checkout:look_up"), {"q": "shop"})
    assert listed.status_code == 200
    assert "Ben Shopley" in listed.text


def test_what_was_done_before_stands_in_the_scan_line_and_pushes_nothing_down(at_till, midtown):
    added = at_till.post(reverse("customers:new"), {"first_name": "Zoë", "last_name": "Quimby"}, follow=True)
    page = at_till.post(added.redirect_chain[-1][0], {"pets": "1"}, follow=True).text
    assert '<div id="notices"></div>' in page
    assert re.search(r'class="scan-line ok".*data-part="said">Zoë Quimby is saved\.', page, re.DOTALL)


def test_nobody_found_offers_to_add_what_was_typed(at_till):
    answer = at_till.get(reverse("checkout:look_up"), {"q": "Zebulon"})
    assert "Nobody matches" in answer.text
    assert "q=Zebulon" in answer.text


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\u202eevil", "🐕" * 50, "%", "x" * 10_000])
def test_any_text_may_be_looked_up(at_till, text):
    answer = at_till.get(reverse("checkout:look_up"), {"q": text})
    assert answer.status_code == 200
    assert "<script>alert(1)" not in answer.text


def test_a_scanned_code_opens_its_customer(at_till, huxley, sally):
    with inside(huxley):
        code = give_code(sally, now=NOW).code
    answer = at_till.get(reverse("checkout:look_up"), {"code": code})
    assert answer.headers["Location"] == reverse("checkout:till", args=[sally.pk])


def test_an_unknown_code_gets_a_sentence(at_till):
    assert "No customer has the code" in at_till.get(reverse("checkout:look_up"), {"code": "C0000000000A"}).text


def test_the_catalogue_names_codes_products_and_cards_and_is_fetched_once(at_till, bag):
    address = reverse("checkout:catalogue")
    answer = at_till.get(address)
    told = answer.json()
    product = told["products"][told["codes"]["00012345678905"]]
    assert product["name"] == "Northpaw Gold"
    assert [told["cards"][card]["need"] for card in product["cards"]] == [12]
    again = at_till.get(address, headers={"if-none-match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_catalogue_changes_with_an_enrollment(at_till, midtown, cashier, bag):
    etag = at_till.get(reverse("checkout:catalogue")).headers["ETag"]
    program = cast.make_program()
    cast.make_enrollment(midtown, program=program, by=cashier)
    assert at_till.get(reverse("checkout:catalogue")).headers["ETag"] != etag


def test_preview_shows_the_cards_and_stores_nothing(at_till, huxley, sally, bag):
    answer = post(at_till, "preview", sally, {"lines": [a_line(bag, 13)]})
    assert answer.status_code == 200
    assert "12 of 12" in answer.text
    assert "1 of 12" in answer.text
    with inside(huxley):
        assert Punch.objects.count() == 0


def test_checks_out_and_answers_a_repeat_alike(at_till, huxley, sally, bag):
    body = now_body(a_line(bag, 12))
    first = post(at_till, "visits", sally, body)
    assert first.status_code == 200
    assert "12 of 12" in first.text
    assert post(at_till, "visits", sally, body).text == first.text
    with inside(huxley):
        assert (Visit.objects.count(), Punch.objects.count()) == (1, 12)


def test_the_same_key_with_another_basket_is_409_and_kept(at_till, huxley, sally, bag):
    key = new_key(NOW)
    post(at_till, "visits", sally, now_body(a_line(bag), key=key))
    refused = post(at_till, "visits", sally, now_body(a_line(bag, 2), key=key))
    assert refused.status_code == 409
    assert "sent before" in refused.text
    with inside(huxley):
        assert KeptVisit.objects.count() == 1


def test_a_refused_visit_stands_among_the_kept_until_it_was_looked_at(client, owner, huxley, midtown, sally, bag):
    signed_in(client, owner)
    key = new_key(NOW)
    for quantity in (1, 3):
        post(client, "visits", sally, now_body(a_line(bag, quantity), key=key))
    assert "1 kept purchase to settle" in client.get("/").text
    page = client.get(reverse("checkout:kept"))
    assert "3 × Northpaw Gold" in page.text
    with inside(huxley):
        kept = KeptVisit.objects.get()
    client.post(reverse("checkout:kept_settle", args=[kept.pk]), {"do": "looked_at"})
    assert "Nothing needs you" in client.get(reverse("checkout:kept")).text


def test_bad_input_leaves_nothing_and_says_why(at_till, huxley, sally, bag):
    answer = post(at_till, "visits", sally, now_body(a_line(bag, 0)))
    assert answer.status_code == 422
    with inside(huxley):
        assert Visit.objects.count() == 0


def test_five_megabytes_are_refused_with_a_sentence(at_till, sally):
    answer = at_till.post(
        reverse("checkout:visits", args=[sally.pk]), b"x" * 5_000_000, content_type="application/json"
    )
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_a_form_with_parts_is_refused_with_a_sentence(cashier, sally):
    strict = signed_in(Client(enforce_csrf_checks=True), cashier)
    strict.get("/")
    token = strict.cookies["astro_csrf"].value
    answer = strict.post(reverse("checkout:visits", args=[sally.pk]), {"key": "x"}, headers={"x-csrftoken": token})
    assert answer.status_code == 422
    assert "cannot be read" in answer.text


def test_a_visit_without_the_csrf_token_is_refused(cashier, sally, bag):
    strict = signed_in(Client(enforce_csrf_checks=True), cashier)
    assert post(strict, "visits", sally, now_body(a_line(bag))).status_code == 403


def test_another_retailers_customer_is_not_found(client, other_owner, sally, bag):
    signed_in(client, other_owner)
    assert client.get(reverse("checkout:till", args=[sally.pk])).status_code == 404
    assert post(client, "preview", sally, {"lines": []}).status_code == 404
    assert post(client, "visits", sally, now_body(a_line(bag))).status_code == 404
    assert "Sally" not in client.get(reverse("checkout:look_up"), {"q": "sally"}).text
    assert client.get(reverse("checkout:catalogue")).json()["cards"] == {}


def test_the_day_lists_the_visits_behind_the_numbers(at_till, sally, bag):
    post(at_till, "visits", sally, now_body(a_line(bag, 2)))
    page = at_till.get(reverse("checkout:day"))
    assert "2 × Northpaw Gold" in page.text
    assert "Sally Shopper" not in at_till.get(reverse("checkout:day"), {"only": "given"}).text
    assert at_till.get(reverse("checkout:day"), {"on": "rubbish", "cursor": "rubbish"}).status_code == 200


def test_the_page_takes_as_many_queries_for_one_card_as_for_three(
    at_till, midtown, cashier, sally, django_assert_num_queries, django_assert_max_num_queries
):
    def one_more():
        product = cast.make_product()
        cast.make_enrollment(midtown, program=cast.make_program(products=[product]), by=cashier)
        post(at_till, "visits", sally, now_body(a_line(product)))

    address = reverse("checkout:till", args=[sally.pk])
    one_more()
    with django_assert_max_num_queries(22) as first:
        at_till.get(address)
    count = len(first)
    one_more()
    one_more()
    with django_assert_num_queries(count):
        at_till.get(address)
