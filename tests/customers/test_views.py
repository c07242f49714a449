"""The list, the page and the account of a customer, as a browser without scripts meets them."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from astro.accounts.models import User
from astro.customers.actions import add_practice_customer, give_code, retire_customer, seen_at
from astro.customers.models import Customer
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, make_customer, signed_in

pytestmark = pytest.mark.django_db
NAMES = {"first_name": "Ben", "last_name": "Ortiz"}


@pytest.fixture
def till(client: Client, cashier: User) -> Client:
    return signed_in(client, cashier)


@pytest.fixture
def office(client: Client, owner: User) -> Client:
    return signed_in(client, owner)


def shown_names(response: object) -> list[str]:
    return [row.customer.name for row in response.context["shown"].rows]  # type: ignore[attr-defined]


@pytest.fixture
def shoppers(huxley: Retailer, midtown: Location, riverside: Location) -> list[Customer]:
    """Three at Midtown, one only at Riverside; added one a day, seen again in another order."""
    with inside(huxley):
        people = [
            make_customer(first_name=first, last_name=last, at=at, now=NOW + timedelta(days=number))
            for number, (first, last, at) in enumerate(
                [
                    ("Cleo", "Adams", midtown),
                    ("Ann", "Chen", midtown),
                    ("Bo", "Baker", midtown),
                    ("Di", "Ford", riverside),
                ]
            )
        ]
        seen_at(people[0], at=midtown, now=NOW + timedelta(days=9))
        return people


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("", ["Cleo Adams", "Bo Baker", "Ann Chen"]),
        ("?sort=name", ["Cleo Adams", "Bo Baker", "Ann Chen"]),
        ("?sort=newest", ["Bo Baker", "Ann Chen", "Cleo Adams"]),
        ("?sort=oldest", ["Cleo Adams", "Ann Chen", "Bo Baker"]),
        ("?sort=last_visit", ["Cleo Adams", "Bo Baker", "Ann Chen"]),
        ("?place=all", ["Cleo Adams", "Bo Baker", "Ann Chen", "Di Ford"]),
        ("?place=all&sort=newest", ["Di Ford", "Bo Baker", "Ann Chen", "Cleo Adams"]),
        ("?place=all&sort=last_visit", ["Cleo Adams", "Di Ford", "Bo Baker", "Ann Chen"]),
        ("?q=ann", ["Ann Chen"]),
        ("?q=di", []),
        ("?q=di&place=all", ["Di Ford"]),
        ("?q=%20", ["Cleo Adams", "Bo Baker", "Ann Chen"]),
        ("?q=a", ["Cleo Adams", "Bo Baker", "Ann Chen"]),
        ("?sort=nonsense&place=nonsense&cursor=nonsense", ["Cleo Adams", "Bo Baker", "Ann Chen"]),
        ("?q=<script>", []),
        ("?q=%00%25_'\"", []),
        ("?q=" + "x" * 10_000, []),
        ("?q=" + "🐶" * 200, []),
    ],
    ids=lambda value: None if isinstance(value, list) else ascii(value[:40]),
)
def test_the_list_shows(till: Client, shoppers: list[Customer], asked: str, names: list[str]) -> None:
    response = till.get(f"/customers/{asked}")
    assert (response.status_code, shown_names(response)) == (200, names)


@pytest.mark.parametrize("sort", ["", "&sort=newest", "&sort=last_visit"])
def test_a_search_is_sorted_as_asked(till: Client, huxley: Retailer, midtown: Location, sort: str) -> None:
    with inside(huxley):
        for number, (first, last) in enumerate([("Ann", "Goldsmith"), ("Bo", "Smith"), ("Cy", "Smithson")]):
            make_customer(first_name=first, last_name=last, at=midtown, now=NOW + timedelta(days=number))
    expected = {
        "": ["Cy Smithson", "Bo Smith", "Ann Goldsmith"],
        "&sort=newest": ["Cy Smithson", "Bo Smith", "Ann Goldsmith"],
        "&sort=last_visit": ["Cy Smithson", "Bo Smith", "Ann Goldsmith"],
    }
    assert shown_names(till.get(f"/customers/?q=smith{sort}")) == expected[sort]
    assert shown_names(till.get("/customers/?q=smith&sort=name")) == ["Ann Goldsmith", "Bo Smith", "Cy Smithson"]


def test_the_list_goes_on_page_by_page(till: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        for number in range(120):
            make_customer(first_name=f"N{number:03}", last_name="Smith", at=midtown)
    seen: list[str] = []
    url = "/customers/"
    for _page in range(3):
        response = till.get(url)
        seen += shown_names(response)
        url = f"/customers/?cursor={response.context['shown'].next}"
    assert seen == [f"N{number:03} Smith" for number in range(120)]
    assert response.context["shown"].next is None
    best = till.get("/customers/?q=smith").context["shown"]
    assert (len(best.rows), best.has_more, best.next) == (50, True, None)


@pytest.mark.parametrize("asked", ["", "?place=all", "?q=smith", "?q=smith&sort=name"])
def test_the_list_costs_the_same_for_one_and_three(
    till: Client, huxley: Retailer, midtown: Location, asked: str
) -> None:
    with inside(huxley):
        make_customer(last_name="Smith", at=midtown)
    with CaptureQueriesContext(connection) as one:
        assert len(shown_names(till.get(f"/customers/{asked}"))) == 1
    with inside(huxley):
        make_customer(last_name="Smith", at=midtown)
        make_customer(last_name="Smith", at=midtown)
    with CaptureQueriesContext(connection) as three:
        assert len(shown_names(till.get(f"/customers/{asked}"))) == 3
    assert len(one) == len(three)


def test_the_list_while_typing_is_the_fragment_alone(till: Client, shoppers: list[Customer]) -> None:
    response = till.get("/customers/?q=ann", headers={"HX-Request": "true", "HX-Target": "found"})
    text = response.content.decode()
    assert text.lstrip().startswith('<div id="found"')
    assert "<bdi>Chen</bdi>, <bdi>Ann</bdi>" in text
    assert len(response.content) < 4_000


def test_an_empty_list_offers_to_add(till: Client) -> None:
    text = till.get("/customers/").content.decode()
    assert "Midtown has not met a customer yet." in text
    assert text.count('href="/customers/new/"') == 2


def test_nobody_found_offers_to_add_what_was_typed(till: Client, shoppers: list[Customer]) -> None:
    text = till.get("/customers/?q=Zoë+%26+Bo").content.decode()
    assert "Nobody matches “Zoë &amp; Bo”." in text
    assert "Add “Zoë &amp; Bo”" in text
    assert 'href="/customers/new/?q=Zo%C3%AB%20%26%20Bo"' in text
    assert 'href="/customers/?q=Zo%C3%AB+%26+Bo&amp;place=all"' in text


@pytest.mark.parametrize(
    ("typed", "field"),
    [("", "first_name"), ("Zoë", "last_name"), ("Zoë Bo", "phone"), ("Zoë Bo 4065550199", "email")],
)
def test_a_new_account_starts_in_the_first_empty_field(till: Client, typed: str, field: str) -> None:
    fields = till.get("/customers/new/", {"q": typed}).context["form"].fields
    assert [name for name, one in fields.items() if one.widget.attrs.get("autofocus")] == [field]


def test_a_scanned_card_finds_its_customer_wherever_met(
    till: Client, huxley: Retailer, shoppers: list[Customer]
) -> None:
    with inside(huxley):
        code = give_code(shoppers[3], now=NOW).code
    assert shown_names(till.get(f"/customers/?q={code}")) == ["Di Ford"]


def test_another_retailers_customers_are_not_there(
    till: Client, shoppers: list[Customer], otherpaws: Retailer, elsewhere: Location
) -> None:
    with inside(otherpaws):
        theirs = make_customer(first_name="Ann", last_name="Secret", phone="4065550142", at=elsewhere)
    for url in ("/customers/?place=all", "/customers/?q=ann&place=all", "/customers/?q=ecret&place=all",
                "/customers/lookalikes/?first_name=Ann&last_name=Secret&phone=4065550142"):  # fmt: skip
        assert "Secret" not in till.get(url).content.decode()
    for url in (f"/customers/{theirs.pk}/", f"/customers/{theirs.pk}/edit/", "/customers/7/", "/customers/7/edit/"):
        assert till.get(url).status_code == 404
    assert till.post(f"/customers/{theirs.pk}/edit/", NAMES).status_code == 404
    with inside(otherpaws):
        assert Customer.objects.get().name == "Ann Secret"


def test_ids_beyond_any_column_are_not_found(till: Client) -> None:
    assert till.get(f"/customers/{2**80}/").status_code == 404


def test_the_practice_customer_is_marked(till: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        sally = add_practice_customer(now=NOW)
    for url in ("/customers/", f"/customers/{sally.pk}/"):
        assert "For practice" in till.get(url).content.decode()


def test_a_customers_page(till: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        ben = make_customer(**NAMES, phone="4065550142", email="ben@example.com", at=midtown)
    text = " ".join(till.get(f"/customers/{ben.pk}/").content.decode().split())
    for words in ("Ben Ortiz", "(406) 555-0142", 'href="mailto:ben@example.com"', f'href="/checkout/{ben.pk}/"',
                  f'href="/customers/{ben.pk}/edit/"', f"<dd>{ben.pk}</dd>",
                  "<dt>Last at Midtown</dt> <dd> November 20, 2026 </dd>"):  # fmt: skip
        assert words in text


def test_markup_in_a_name_is_text(till: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        one = make_customer(first_name="<script>alert(1)</script>", last_name='"><img src=x>', at=midtown)
    for url in ("/customers/", f"/customers/{one.pk}/", f"/customers/{one.pk}/edit/", "/customers/?q=<script>alert(1)"):
        text = till.get(url).content.decode()
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_a_retired_customer_has_no_page(till: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        ben = make_customer(**NAMES, at=midtown)
        retire_customer(ben, at=midtown, by=None, now=NOW)
    assert till.get(f"/customers/{ben.pk}/").status_code == 404
    assert shown_names(till.get("/customers/?place=all")) == []


def test_a_customer_is_added_and_goes_on_to_the_second_page(
    till: Client, huxley: Retailer, midtown: Location, cashier: User
) -> None:
    response = till.post("/customers/new/", {**NAMES, "phone": "(406) 555-0142", "email": "b@x.org"})
    with inside(huxley):
        made = Customer.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, f"/customers/{made.pk}/more/")
    assert (made.name, made.phone, made.email) == ("Ben Ortiz", "+14065550142", "b@x.org")


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        ({"first_name": "", "last_name": ""}, ["Type the first name.", "Type the last name."]),
        ({"last_name": " "}, ["Type the last name."]),
        ({"first_name": "x" * 10_000}, ["A name can have 100 characters, and this one has 10000. Make it shorter."]),
        ({"first_name": "A\x00nn"}, ["This name has an invisible control character in it. Type it by hand."]),
        (
            {"phone": "406-555-CATS"},
            ["This phone number has letters in it. Type the digits only, without an extension."],
        ),
        ({"phone": "555-0142"}, ["This phone number is too short. Type it with the area code."]),
        ({"email": "ben"}, ["This is not a whole e-mail address. It looks like name@example.com."]),
        ({"email": "b\x00en@x.org"}, ["This is not a whole e-mail address. It looks like name@example.com."]),
    ],
)
def test_what_is_missing_or_wrong_is_said(
    till: Client, huxley: Retailer, typed: dict[str, str], sentences: list[str]
) -> None:
    response = till.post("/customers/new/", {**NAMES, **typed})
    assert response.status_code == 422
    text = response.content.decode()
    assert "<title>Error:" in text
    assert "Save Pet Owner" in text
    assert "disabled" not in text
    assert [error for errors in response.context["form"].errors.values() for error in errors] == sentences
    with inside(huxley):
        assert not Customer.objects.exists()


@pytest.mark.parametrize("name", ["🐶 Rex", "שרה", "<b>Ann</b>", 'O\'Brien "Bo" %_\\'])
def test_a_name_may_be_what_people_write(till: Client, huxley: Retailer, name: str) -> None:
    assert till.post("/customers/new/", {**NAMES, "first_name": name}).status_code == 302
    with inside(huxley):
        assert Customer.objects.get().first_name == name


def test_a_double_is_named_and_can_be_used(till: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        ben = make_customer(**NAMES, email="Ben@Example.com", at=midtown)
    response = till.post("/customers/new/", {"first_name": "Someone", "last_name": "Else", "email": "ben@example.COM"})
    text = response.content.decode()
    assert response.status_code == 422
    assert "Ben Ortiz has this e-mail address already. Use that customer, or type another address." in text
    assert f'href="/checkout/{ben.pk}/">Use Ben' in text
    assert 'value="Someone"' in text


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("Ben Ortiz", ("Ben", "Ortiz", "", "")),
        ("ben van der berg", ("Ben", "Van Der Berg", "", "")),
        ("McKay", ("McKay", "", "", "")),
        ("(406) 555-0142", ("", "", "(406) 555-0142", "")),
        ("ben@example.com", ("", "", "", "ben@example.com")),
        ("Ben 4065550142 ben@example.com", ("Ben", "", "4065550142", "ben@example.com")),
        ("", ("", "", "", "")),
        ("\x00% 🐶", ("", "", "", "")),
    ],
)
def test_what_was_searched_for_is_filled_in(till: Client, query: str, fields: tuple[str, ...]) -> None:
    form = till.get("/customers/new/", {"q": query}).context["form"]
    assert tuple(form[name].value() for name in ("first_name", "last_name", "phone", "email")) == fields


def test_the_account_has_the_words_that_stores_know(till: Client) -> None:
    text = till.get("/customers/new/").content.decode()
    for words in ("New Astro Pet Owner Account", "Pet Owner First Name", "Pet Owner Last Name",
                  "Pet Owner Mobile Phone", "Pet Owner Email", "Save Pet Owner"):  # fmt: skip
        assert words in text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"phone": "406 555 0142"}, "Ben Ortiz has this number. Use Ben?"),
        ({"email": "BEN@example.com"}, "Ben Ortiz has this e-mail address. Use Ben?"),
        ({"first_name": "ben", "last_name": "ORTIZ"}, "Ben Ortiz is on your list already. Use Ben?"),
        ({"phone": "406 555 01"}, ""),
        ({"phone": "CATS", "email": "ben@", "first_name": "Ben"}, ""),
        ({"phone": "4" * 5_000, "email": "x" * 5_000, "first_name": "\x00", "last_name": "\x00"}, ""),
        ({}, ""),
    ],
)
def test_lookalikes_while_typing(
    till: Client, huxley: Retailer, midtown: Location, typed: dict[str, str], words: str
) -> None:
    with inside(huxley):
        ben = make_customer(**NAMES, phone="4065550142", email="ben@example.com", at=midtown)
    text = till.get("/customers/lookalikes/", typed).content.decode()
    assert (words in text, f"/checkout/{ben.pk}/" in text) == (True, bool(words))


def test_an_export_is_the_list_as_asked(office: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        ben = make_customer(**NAMES, phone="4065550142", email="ben@example.com", at=midtown)
        sally = add_practice_customer(now=NOW)
        formula = make_customer(first_name="=1+1", last_name="Zed", at=midtown)
    day = "2026-11-20"
    response = office.get("/customers/export/?as=csv")
    assert 'filename="customers.csv"' in response.headers["Content-Disposition"]
    lines = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    told = ["Astro ID", "First name", "Last name", "Mobile phone", "E-mail", "Added on", "Last visit", "For practice"]
    assert [[line[name] for name in told] for line in lines] == [
        [str(ben.pk), "Ben", "Ortiz", "(406) 555-0142", "ben@example.com", day, day, "no"],
        [str(sally.pk), "Sally", "Pet Owner", "", "", day, day, "yes"],
        [str(formula.pk), "'=1+1", "Zed", "", "", day, day, "no"],
    ]
    sheet = load_workbook(io.BytesIO(office.get("/customers/export/?as=xlsx&q=ortiz").getvalue())).active
    assert [row[0].value for row in sheet] == ["Astro ID", str(ben.pk)]


def test_an_export_keeps_to_the_location(office: Client, shoppers: list[Customer], huxley: Retailer) -> None:
    def names(asked: str) -> list[str]:
        lines = csv.reader(io.StringIO(office.get(f"/customers/export/?{asked}").getvalue().decode("utf-8-sig")))
        return [line[1] for line in lines][1:]

    assert names("") == ["Cleo", "Bo", "Ann"]
    assert names("place=all&sort=newest") == ["Di", "Bo", "Ann", "Cleo"]
    assert names("q=nobody") == []


def test_a_cashier_does_not_export(till: Client, shoppers: list[Customer]) -> None:
    assert till.get("/customers/export/").status_code == 403
    assert "export" not in till.get("/customers/").content.decode()
