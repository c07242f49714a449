"""The second page of a new account: home address and pets, several, all optional unless the store asks for a pet."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from astro.accounts.models import User
from astro.customers.actions import add_pet, retire_customer, write_address, write_household
from astro.customers.actions.pets import MOST_PETS
from astro.customers.errors import DetailError
from astro.customers.models import AccountRules, Address, Change, Customer, Pet
from astro.customers.pets import read_pet
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, make_customer, signed_in

pytestmark = pytest.mark.django_db
HOME = {"postcode": "59901", "street": "12 Main St", "city": "Kalispell", "region": "MT", "country": "US"}
BISCUIT = {"pet-0-name": "Biscuit", "pet-0-kind": "dog", "pet-0-breed": "Beagle", "pet-0-birth_month": "5"}
MISO = {"pet-1-name": "Miso", "pet-1-kind": "cat", "pet-1-age": "3"}


@pytest.fixture
def till(client: Client, cashier: User) -> Client:
    return signed_in(client, cashier)


@pytest.fixture
def ben(huxley: Retailer, midtown: Location) -> Customer:
    with inside(huxley):
        return make_customer(first_name="Ben", last_name="Ortiz", at=midtown)


def page_of(customer: Customer) -> str:
    return f"/customers/{customer.pk}/more/"


def settle(retailer: Retailer, **rules: Any) -> None:
    with inside(retailer):
        AccountRules(**rules).save(force_insert=True)


def kept(customer: Customer) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The address in short, and each pet."""
    with inside(customer.retailer):
        homes = [str(home) for home in Address.objects.filter(customer=customer)]
        columns = ("name", "kind", "breed", "born_month", "is_age_told")
        return homes, list(Pet.objects.filter(customer=customer).values_list(*columns))


def errors_of(response: Any) -> dict[str, list[str]]:
    forms = response.context["form"].every
    return {form.add_prefix(name): errors for form in forms for name, errors in form.errors.items()}


def words_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_address_and_pets_are_kept_and_finished_leads_to_the_checkout(till: Client, ben: Customer) -> None:
    done = till.post(page_of(ben), {**HOME, **BISCUIT, **MISO, "pets": "2"})
    assert (done.status_code, done.headers["Location"]) == (302, f"/checkout/{ben.pk}/")
    assert kept(ben) == (
        ["12 Main St, Kalispell"],
        [("Biscuit", "dog", "Beagle", 5, False), ("Miso", "cat", "", None, True)],
    )


def test_all_of_it_is_optional(till: Client, ben: Customer) -> None:
    shown = till.get(page_of(ben))
    assert "All of it is optional" in words_of(shown)
    assert till.post(page_of(ben), {"pets": "1", "country": "US"}).headers["Location"] == f"/checkout/{ben.pk}/"
    assert kept(ben) == ([], [])


def test_the_page_begins_with_the_postcode_and_has_the_words_that_stores_know(till: Client, ben: Customer) -> None:
    text = words_of(till.get(page_of(ben)))
    for words in ("Home Address", "Pet Name", "Pet Type", "Pet Age", "Birth Month", "Add another pet", "Finished"):
        assert words in text
    assert text.index('name="postcode"') < text.index('name="street"') < text.index('name="pet-0-name"')
    assert text.count("autofocus id=") == 1
    assert 'autofocus id="id_postcode"' in text


@pytest.mark.parametrize(
    ("typed", "birth"),
    [
        ({"age": "4"}, (2022, None, None, True)),
        ({"birth_month": "5"}, (None, 5, None, False)),
        ({"birth_month": "5", "birth_day": "3", "birth_year": "2021"}, (2021, 5, 3, False)),
        ({"birth_year": "2021"}, (2021, None, None, False)),
        ({"age": "0"}, (2026, None, None, True)),
    ],
)
def test_a_pet_has_an_age_a_birthday_or_a_birth_month(
    till: Client, ben: Customer, monkeypatch: pytest.MonkeyPatch, typed: dict[str, str], birth: tuple[Any, ...]
) -> None:
    monkeypatch.setattr("astro.customers.new_views.utc_now", lambda: NOW)
    sent = {f"pet-0-{name}": value for name, value in typed.items()}
    assert till.post(page_of(ben), {"pets": "1", "pet-0-name": "Biscuit", **sent}).status_code == 302
    with inside(ben.retailer):
        assert Pet.objects.values_list("born_year", "born_month", "born_day", "is_age_told").get() == birth


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"postcode": "59901"}, "street", "Type the street and number."),
        ({**HOME, "postcode": "123"}, "postcode", "A ZIP code has 5 digits, like 59901. Check it for a slip."),
        ({**HOME, "street": "x" * 10_000}, "street", "This is longer than an address can be. Make it shorter."),
        (
            {**HOME, "city": "K\x00l"},
            "city",
            "This has an invisible control character in it. Type it by hand.",
        ),
        ({"pet-0-name": "x" * 10_000}, "pet-0-name", "This is too long. 60 characters fit."),
        (
            {"pet-0-name": "Bis\x00cuit"},
            "pet-0-name",
            "This has an invisible control character in it. Type it by hand.",
        ),
        ({"pet-0-kind": "dragon"}, "pet-0-kind", "Choose what kind of animal it is."),
        ({"pet-0-age": "four"}, "pet-0-age", "Type the age in whole years, for example 4."),
        ({"pet-0-age": "9" * 5_000}, "pet-0-age", "Type the age in whole years, for example 4."),
        ({"pet-0-age": "-1"}, "pet-0-age", "Type the age in whole years, for example 4."),
        ({"pet-0-birth_day": "3"}, "pet-0-birth_month", "Choose the birth month too."),
        ({"pet-0-birth_month": "13"}, "pet-0-birth_month", "Choose the birth month."),
        (
            {"pet-0-birth_month": "2", "pet-0-birth_day": "30"},
            "pet-0-birth_day",
            "This month does not have that many days.",
        ),
        (
            {"pet-0-birth_year": "1066"},
            "pet-0-birth_year",
            "Type the year of birth with four digits, for example 2021.",
        ),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_half_written(
    till: Client, ben: Customer, typed: dict[str, str], field: str, sentence: str
) -> None:
    sent = {"pets": "2", **HOME, **MISO, **typed}
    if "postcode" in typed and len(typed) == 1:
        sent = {"pets": "2", **MISO, **typed}
    refused = till.post(page_of(ben), sent)
    assert (refused.status_code, errors_of(refused)) == (422, {field: [sentence]})
    text = refused.content.decode()
    assert "<title>Error:" in text
    assert f'href="#id_{field}' in text
    assert kept(ben) == ([], [])
    with inside(ben.retailer):
        assert not Change.objects.exists()


def test_another_pet_is_a_card_more_and_what_was_typed_stays(till: Client, ben: Customer) -> None:
    more = till.post(page_of(ben), {**HOME, **BISCUIT, "pets": "1", "more": "1", "pet-0-age": "four"})
    assert more.status_code == 200
    cards, text = more.context["cards"], words_of(more)
    assert [card["name"].value() for card in cards] == ["Biscuit", None]
    assert (cards[0]["kind"].value(), cards[0]["age"].value(), cards[0].errors) == ("dog", "four", {})
    assert more.context["address"]["street"].value() == "12 Main St"
    assert '<input type="hidden" name="pets" value="2">' in text
    assert text.count("autofocus id=") == 1
    assert 'autofocus id="id_pet-1-name"' in text
    assert kept(ben) == ([], [])


def test_a_pet_is_removed_again(till: Client, ben: Customer) -> None:
    less = till.post(page_of(ben), {**BISCUIT, **MISO, "pets": "2", "less": "0"})
    assert [(card["name"].value(), card.prefix) for card in less.context["cards"]] == [("Miso", "pet-0")]
    none = till.post(page_of(ben), {**BISCUIT, "pets": "1", "less": "0"})
    assert [card["name"].value() for card in none.context["cards"]] == [None]


def test_no_more_cards_than_a_customer_can_have_pets(till: Client, ben: Customer) -> None:
    for pets in (str(MOST_PETS), "9" * 5_000):
        more = till.post(page_of(ben), {"pets": pets, "more": "1"})
        assert len(more.context["cards"]) == MOST_PETS


@pytest.mark.parametrize("sent", [{}, {"pets": "-1"}, {"pets": "²"}, {"pets": "x"}, {"pets": "1", "less": "x"}])
def test_a_page_that_was_tampered_with_is_read_as_far_as_it_goes(
    till: Client, ben: Customer, sent: dict[str, str]
) -> None:
    assert till.post(page_of(ben), {**BISCUIT, **sent}).status_code in {200, 302}


def test_more_pets_than_a_customer_can_have_are_refused_together(
    till: Client, ben: Customer, midtown: Location
) -> None:
    with inside(ben.retailer):
        for number in range(MOST_PETS - 1):
            add_pet(ben, read_pet(name=f"Fish {number}", today=midtown.day(NOW)), by=None, at=midtown, now=NOW)
    refused = till.post(page_of(ben), {**HOME, **BISCUIT, **MISO, "pets": "2"})
    assert "A customer can have 20 pets here. Take one off first." in words_of(refused)
    assert (refused.status_code, len(kept(ben)[1]), kept(ben)[0]) == (422, MOST_PETS - 1, [])


def test_the_action_keeps_all_of_it_or_nothing(ben: Customer, midtown: Location) -> None:
    pets = [read_pet(name=f"Fish {number}", today=midtown.day(NOW)) for number in range(MOST_PETS + 1)]
    with inside(ben.retailer), pytest.raises(DetailError):
        write_household(ben, address=HOME, pets=pets, by=None, at=midtown, now=NOW)
    assert kept(ben) == ([], [])


def test_finished_pressed_twice_keeps_each_pet_once(till: Client, ben: Customer) -> None:
    for _press in range(2):
        assert till.post(page_of(ben), {**HOME, **BISCUIT, **MISO, "pets": "2"}).status_code == 302
    assert [pet[0] for pet in kept(ben)[1]] == ["Biscuit", "Miso"]


def test_what_is_on_file_is_shown_again(till: Client, ben: Customer, midtown: Location) -> None:
    with inside(ben.retailer):
        write_address(ben, HOME | {"country": "MX", "postcode": "06000"}, by=None, at=midtown, now=NOW)
        add_pet(ben, read_pet(name="Biscuit", kind="dog", today=midtown.day(NOW)), by=None, at=midtown, now=NOW)
    shown = till.get(page_of(ben))
    assert (shown.context["address"]["street"].value(), shown.context["address"]["country"].value()) == (
        "12 Main St",
        "MX",
    )
    assert '<option value="MX" selected>MX</option>' in words_of(shown)
    assert "<li>Biscuit, Dog</li>" in words_of(shown)


@pytest.mark.parametrize(
    ("level", "sent", "status"),
    [
        ("required", {}, 422),
        ("required", {"asked": "pets"}, 422),
        ("required", BISCUIT, 302),
        ("required", {"pet-0-kind": "dog"}, 302),
        ("wanted", {}, 422),
        ("wanted", {"asked": "pets"}, 302),
        ("wanted", BISCUIT, 302),
        ("neither", {}, 302),
    ],
)
def test_the_store_says_whether_it_asks_for_pets(
    till: Client, ben: Customer, level: str, sent: dict[str, str], status: int
) -> None:
    settle(ben.retailer, pets=level)
    assert till.post(page_of(ben), {"pets": "1", **HOME, **sent}).status_code == status
    assert bool(kept(ben)[0]) == (status == 302)


def test_a_pet_is_asked_about_once_or_said_to_be_missing(till: Client, ben: Customer) -> None:
    settle(ben.retailer, pets="wanted")
    text = words_of(till.post(page_of(ben), {"pets": "1"}))
    assert "Add a pet?" in text
    assert '<a class="button" href="#id_pet-0-name" autofocus>Yes, fill it in</a>' in text
    assert '<input type="hidden" name="asked" value="pets">' in text
    with inside(ben.retailer):
        AccountRules.objects.update(pets="required")
    assert "Your store asks for a pet." in words_of(till.get(page_of(ben)))
    assert errors_of(till.post(page_of(ben), {"pets": "1"})) == {
        "pet-0-name": ["Your store asks for a pet. Type its name or choose its type."]
    }


def test_a_pet_on_file_answers_the_store(till: Client, ben: Customer, midtown: Location) -> None:
    settle(ben.retailer, pets="required")
    with inside(ben.retailer):
        add_pet(ben, read_pet(name="Biscuit", today=midtown.day(NOW)), by=None, at=midtown, now=NOW)
    assert till.post(page_of(ben), {"pets": "1"}).status_code == 302


def test_who_is_gone_or_another_retailers_has_no_second_page(
    till: Client, ben: Customer, midtown: Location, otherpaws: Retailer, elsewhere: Location
) -> None:
    with inside(otherpaws):
        theirs = make_customer(at=elsewhere)
    with inside(ben.retailer):
        retire_customer(ben, at=midtown, by=None, now=NOW)
    for one in (ben, theirs):
        assert till.get(page_of(one)).status_code == 404
        assert till.post(page_of(one), {**BISCUIT, "pets": "1"}).status_code == 404
    assert kept(theirs) == ([], [])


def test_the_second_page_costs_the_same_for_one_and_three_pets(till: Client, ben: Customer, midtown: Location) -> None:
    counts = []
    for name in ("Biscuit", "Miso", "Rex"):
        with inside(ben.retailer):
            add_pet(ben, read_pet(name=name, today=midtown.day(NOW)), by=None, at=midtown, now=NOW)
        till.get(page_of(ben))
        with CaptureQueriesContext(connection) as asked:
            till.get(page_of(ben))
        counts.append(len(asked))
    assert counts[0] == counts[2]
