"""What the till's script asks while a basket is filled: the page as it would be, removals, what may be chosen."""

import gzip
import json
import re

import pytest
from django.urls import reverse

from astro.checkout.models import Purchase, UnitVoid
from astro.kit.ids import new_uuid7
from astro.programs.actions import NewCard
from astro.programs.rules import RuleOfCard
from tests import cast
from tests.cast import NOW, inside, signed_in
from tests.checkout.buying import buy
from tests.checkout.test_actions import a_line


@pytest.fixture
def at_till(client, cashier):
    return signed_in(client, cashier)


@pytest.fixture
def sally(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally", last_name="Shopper")


@pytest.fixture
def bag(midtown, cashier):
    """Three fill a card. The big bag costs more, so it may not be the free one."""
    gold = cast.make_product(name="Northpaw Gold", size="30 lb")
    big = cast.make_product(name="Northpaw Big", size="40 lb", prices={"USD": 7999})
    card = NewCard("Dry Dog", RuleOfCard(3, 1, "any", "lesser_or_equal"), [gold], rewards=[gold, big])
    program = cast.make_program(title="Northpaw Dry Dog", cards=[card])
    cast.make_enrollment(midtown, program=program, by=cashier)
    return gold


def preview(client, customer, *lines):
    address = reverse("checkout:preview", args=[customer.pk])
    return client.post(address, json.dumps({"lines": lines}), content_type="application/json")


def remove(client, customer, purchase_id, *units):
    return client.post(
        reverse("checkout:removals", args=[customer.pk, purchase_id]),
        {"unit": units},
        headers={"hx-request": "true", "accept": "application/json"},
    )


def bought(customer):
    with inside(customer.retailer):
        return Purchase.objects.get(customer=customer)


def parts(answer):
    return re.findall(r'id="(band|recorded|cards)"', answer.text)


def test_preview_answers_three_parts(at_till, midtown, sally, bag):
    buy(sally, bag, 3, at=midtown)
    answer = preview(at_till, sally, a_line(bag, 4))
    assert parts(answer) == ["band", "recorded", "cards"]
    assert "<html" not in answer.text
    for words in (
        "Sally has a free item",
        "This basket earns 1 more",
        "Earns 1 more reward",
        "3 of 3",
        "1 of 3",
        'data-recorded="3"',
    ):
        assert words in answer.text


def test_answer_for_a_full_counter_weighs_little(at_till, midtown, cashier, sally):
    """Five cards, ten purchases, a basket of five lines: at most 4 kB on the wire."""
    products = []
    for number in range(5):
        product = cast.make_product(name=f"Northpaw Gold Chicken & Oats {number}", size="30 lb")
        program = cast.make_program(title=f"Northpaw Dry Dog, large bags {number}", products=[product])
        cast.make_enrollment(midtown, program=program, by=cashier)
        products.append(product)
        for _ in range(2):
            buy(sally, product, 3, at=midtown)
    answer = preview(at_till, sally, *(a_line(product, 2) for product in products))
    assert len(re.findall("data-removals-url", answer.text)) == 10
    assert len(gzip.compress(answer.content)) <= 4_000


def test_units_are_taken_back_by_number_and_only_once(at_till, huxley, midtown, sally, bag):
    buy(sally, bag, 3, at=midtown)
    for _ in range(2):
        answer = remove(at_till, sally, bought(sally).pk, 3)
        assert (answer.status_code, parts(answer)) == (200, ["band", "recorded", "cards"])
        assert "2 of 3" in answer.text
        assert "1 removed" in answer.text
        assert "has a free item" not in answer.text
    with inside(huxley):
        assert list(UnitVoid.objects.values_list("unit", flat=True)) == [3]
    whole = remove(at_till, sally, bought(sally).pk, 1, 2)
    assert "is-gone" in whole.text
    assert "has no cards yet" in whole.text


@pytest.mark.parametrize("units", [(), ("x",), ("0",), ("4",), ("-1",), ("99999",), ("²",)])
def test_units_that_are_none_are_refused_with_a_sentence(at_till, huxley, midtown, sally, bag, units):
    buy(sally, bag, 3, at=midtown)
    answer = remove(at_till, sally, bought(sally).pk, *units)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]
    with inside(huxley):
        assert UnitVoid.objects.count() == 0


def test_purchase_of_another_customer_or_retailer_is_not_found(
    client, cashier, other_owner, huxley, midtown, sally, bag
):
    buy(sally, bag, at=midtown)
    with inside(huxley):
        ben = cast.make_customer(at=midtown)
    assert remove(signed_in(client, cashier), ben, bought(sally).pk, 1).status_code == 404
    assert remove(signed_in(client, other_owner), sally, bought(sally).pk, 1).status_code == 404
    assert client.get(reverse("checkout:offers", args=[sally.pk])).status_code == 404


def test_yesterdays_purchase_asks_for_an_administrator(client, cashier, owner, midtown, sally, bag):
    buy(sally, bag, at=midtown, now=NOW)
    refused = remove(signed_in(client, cashier), sally, bought(sally).pk, 1)
    assert refused.status_code in (403, 422)
    assert "administrator" in refused.json()["error"]["message"]
    assert remove(signed_in(client, owner), sally, bought(sally).pk, 1).status_code == 200


def test_available_items_are_listed_and_why_not_the_others(at_till, midtown, sally, bag):
    address = reverse("checkout:offers", args=[sally.pk])
    assert "no free item waiting" in at_till.get(address).text
    buy(sally, bag, 3, at=midtown)
    page = at_till.get(address).text
    assert "Any item up to $64.99" in page
    assert page.index("Northpaw Gold 30 lb") < page.index("Why not the other item?") < page.index("Northpaw Big 40 lb")
    assert "Costs more ($79.99) than the cheapest on the card ($64.99)." in page


def test_page_tells_a_cashier_to_tell_the_owner_and_an_administrator_where_to_look(client, cashier, owner, sally):
    address = reverse("checkout:till", args=[sally.pk])
    page = signed_in(client, cashier).get(address).text
    assert ("is not enrolled. Tell the owner." in page, "data-program-url" in page) == (True, False)
    page = signed_in(client, owner).get(address).text
    assert ("is not enrolled. Tell the owner." in page, "data-program-url" in page) == (False, True)


def test_same_line_key_twice_is_refused(at_till, sally, bag):
    key = str(new_uuid7(NOW))
    answer = preview(at_till, sally, {**a_line(bag), "key": key}, {**a_line(bag), "key": key})
    assert answer.status_code == 422
