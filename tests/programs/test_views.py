"""The screens: what they show, who may see them, and what another retailer would find."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format
from openpyxl import load_workbook

from astro.accounts.models import User
from astro.catalog.models import Brand, Distributor
from astro.kit.clock import utc_now
from astro.programs.actions import NewCard, unenroll
from astro.programs.models import DistributorAccount, Enrollment, Program
from astro.programs.rules import RuleOfCard
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests import cast

NAMES = ["list", "enrolled", "grid"]


def url(name: str, *args: Any) -> str:
    return reverse(f"programs:{name}", args=args)


def titles(client: Client, name: str, **asked: str) -> list[str]:
    answer = client.get(url(name), asked)
    assert answer.status_code == 200
    return [row.program.title for row in answer.context["rows"]]


def enrolled_at(retailer: Retailer) -> list[tuple[str, str, str | None, str]]:
    with inside(retailer):
        rows = Enrollment.objects.filter(until_on__isnull=True).order_by("location__name", "program__title")
        return list(rows.values_list("location__name", "program__title", "distributor__name", "account_number"))


@pytest.fixture
def as_owner(client: Client, owner: User) -> Client:
    return cast.signed_in(client, owner)


@pytest.fixture
def as_riverside(client: Client, riverside_administrator: User) -> Client:
    return cast.signed_in(client, riverside_administrator)


# -- the lists


def test_available_and_enrolled_tell_programs_apart(
    as_owner: Client, midtown: Location, riverside: Location, owner: User
) -> None:
    midtown_only, everywhere = cast.make_program(title="Midtown"), cast.make_program(title="Both")
    cast.make_program(title="Nowhere")
    cast.make_program(title="Over", ends_on=utc_now().date() - timedelta(days=2))
    cast.make_enrollment(midtown, program=midtown_only, by=owner)
    for place in (midtown, riverside):
        cast.make_enrollment(place, program=everywhere, by=owner)
    assert titles(as_owner, "list") == ["Midtown", "Nowhere"]
    assert titles(as_owner, "enrolled") == ["Both", "Midtown"]
    assert titles(as_owner, "grid") == ["Both", "Midtown", "Nowhere"]
    assert as_owner.get(url("list")).context["counts"] == {"list": 2, "enrolled": 2}


def test_administrator_of_one_location_sees_that_one_only(
    as_riverside: Client, midtown: Location, owner: User, dry_dog: Program
) -> None:
    cast.make_enrollment(midtown, program=dry_dog, by=owner)
    assert titles(as_riverside, "list") == ["Northpaw Dry Dog"]
    assert titles(as_riverside, "enrolled") == []
    assert as_riverside.get(url("grid")).status_code == 403
    page = as_riverside.get(url("detail", dry_dog.pk))
    assert [place.location.name for place in page.context["places"]] == ["Riverside"]
    assert "Midtown" not in page.content.decode()


def test_filters_stand_in_the_address(as_owner: Client, northpaw: Brand) -> None:
    fernwell = cast.make_brand(name="Fernwell")
    bag = cast.make_product(gtins=["012345678905"])
    dog = NewCard("Large", RuleOfCard(12), [bag], species="dog")
    cat = NewCard("Pate", RuleOfCard(8), [cast.make_product()], species="cat")
    cast.make_program(title="Dry Dog", brand=northpaw, cards=[dog], category="dry")
    cast.make_program(title="Cat Pate", brand=fernwell, cards=[cat, dog], category="wet", fulfilment="direct")
    for asked, found in [
        ({}, ["Cat Pate", "Dry Dog"]),
        ({"brand": str(fernwell.pk)}, ["Cat Pate"]),
        ({"category": "dry"}, ["Dry Dog"]),
        ({"pet": "cat"}, ["Cat Pate"]),
        ({"pet": "dog"}, ["Cat Pate", "Dry Dog"]),
        ({"paid": "direct"}, ["Cat Pate"]),
        ({"q": "NORTH dog"}, ["Dry Dog"]),
        ({"q": "0 12345 67890 5", "category": "dry"}, ["Dry Dog"]),
        ({"q": "4006381333931"}, []),
        ({"sort": "brand"}, ["Cat Pate", "Dry Dog"]),
        ({"sort": "newest"}, ["Cat Pate", "Dry Dog"]),
        ({"brand": "nonsense", "sort": "nonsense", "cursor": "nonsense"}, ["Cat Pate", "Dry Dog"]),
    ]:
        assert sorted(titles(as_owner, "list", **asked)) == found, asked
    assert titles(as_owner, "list", sort="brand") == ["Cat Pate", "Dry Dog"]


def test_filter_of_who_pays_has_the_words_of_the_column(as_owner: Client) -> None:
    cast.make_program(title="Direct", fulfilment="direct")
    page = as_owner.get(url("list"))
    words = [str(label) for _value, label in page.context["asked"].fields["paid"].choices]
    assert words == ["Who pays: anyone", "Distributor", "Brand", "You claim it", "Your own program"]
    assert '<td data-label="Who pays">Brand</td>' in page.content.decode()


def test_filters_answer_htmx_with_the_rows_alone(as_owner: Client, dry_dog: Program) -> None:
    answer = as_owner.get(url("list"), {"q": "dry"}, headers={"HX-Request": "true", "HX-Target": "found"})
    text = answer.content.decode()
    assert text.lstrip().startswith('<div id="found"')
    assert ("<html" in text, "Northpaw Dry Dog" in text) == (False, True)


def test_list_goes_on_behind_50_rows(as_owner: Client, northpaw: Brand) -> None:
    card = NewCard("Card", RuleOfCard(8), [cast.make_product()])
    for number in range(53):
        cast.make_program(title=f"P{number:02}", brand=northpaw, cards=[card])
    first = as_owner.get(url("list"))
    following = re.search(r'href="(\?cursor=[^"]+)" rel="next"', first.content.decode())
    assert following
    second = as_owner.get(url("list") + following[1])
    assert [row.program.title for row in second.context["rows"]] == ["P50", "P51", "P52"]


@pytest.mark.parametrize("name", NAMES)
def test_lists_cost_the_same_for_one_program_and_for_three(
    as_owner: Client, midtown: Location, owner: User, name: str
) -> None:
    cast.make_enrollment(midtown, program=cast.make_program(), by=owner)
    one = queries(as_owner, url(name))
    for _ in range(2):
        cast.make_enrollment(midtown, program=cast.make_program(), by=owner)
    assert (queries(as_owner, url(name)), one <= 16) == (one, True)


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as counted:
        assert client.get(address).status_code == 200
    return len(counted)


# -- the page of a program


def test_page_tells_rules_products_and_how_each_location_takes_part(
    as_owner: Client, midtown: Location, riverside: Location, owner: User, northpaw: Brand, paws: Distributor
) -> None:
    bag = cast.make_product(name="Gold Adult", gtins=["012345678905"], brand=northpaw)
    toy = cast.make_product(name="Rope Toy", prices={}, brand=northpaw)
    program = cast.make_program(
        title="Dry Dog",
        brand=northpaw,
        carriers=[paws],
        cards=[NewCard("Large", RuleOfCard(12, 1, "any", "lesser_or_equal", 24), [bag], rewards=[toy], species="dog")],
        terms="One card a household.",
        requires_email=True,
    )
    cast.make_enrollment(midtown, program=program, by=owner, distributor=paws, account_number="48-1123")
    cast.make_enrollment(riverside, program=program, by=owner)
    text = as_owner.get(url("detail", program.pk)).content.decode()
    for words in [
        "Buy 12, get 1 free of lesser or equal value",
        "A punch counts for 24 months.",
        "One card a household.",
        "The customer's e-mail",
        "0 12345 67890 5",
        "$64.99",
        "Not known",
        "Buy only",
        "Get free only",
        "Since January 1, 2025",
        "48-1123",
        "Paws Distributing",
        "Temporary Holding",
        "<dt>Who pays</dt><dd>Distributor</dd>",
    ]:
        assert words in text, words


def test_page_costs_the_same_for_one_card_and_for_three(as_owner: Client, midtown: Location) -> None:
    def program(count: int) -> Program:
        cards = [NewCard(f"Card {n}", RuleOfCard(8), [cast.make_product() for _ in range(count)]) for n in range(count)]
        return cast.make_program(cards=cards)

    one, three = program(1), program(3)
    for name in ("detail", "products_export", "barcodes", "enroll"):
        first = queries(as_owner, url(name, one.pk))
        assert (queries(as_owner, url(name, three.pk)), first <= 16) == (first, True), name


def test_program_that_begins_later_is_joined_before(as_owner: Client, huxley: Retailer) -> None:
    first = utc_now().date() + timedelta(days=3)
    program = cast.make_program(title="Soon", starts_on=first)
    page = as_owner.get(url("detail", program.pk))
    assert (page.context["can_join"], "This program starts on" in page.content.decode()) == (True, True)
    assert "Starts " in as_owner.get(url("list")).content.decode()
    answer = as_owner.post(url("enroll", program.pk), {"distributor": "holding", "locations": locations_of(page)})
    assert answer.status_code == 302
    with inside(huxley):
        assert set(Enrollment.objects.values_list("from_on", flat=True)) == {first}


def locations_of(page: Any) -> list[str]:
    return [str(place.location.pk) for place in page.context["places"]]


# -- joining


def test_owner_enrolls_both_locations_each_with_its_number_and_undoes_it(
    as_owner: Client, huxley: Retailer, midtown: Location, riverside: Location, dry_dog: Program, paws: Distributor
) -> None:
    asked = as_owner.get(url("enroll", dry_dog.pk), {"distributor": str(paws.pk)})
    assert "Account number of Midtown" in asked.content.decode()
    answer = as_owner.post(
        url("enroll", dry_dog.pk),
        {
            "distributor": str(paws.pk),
            "numbers_for": str(paws.pk),
            "locations": [str(midtown.pk), str(riverside.pk)],
            f"number_{midtown.pk}": "48-1123",
            f"number_{riverside.pk}": "7/9",
        },
        follow=True,
    )
    assert enrolled_at(huxley) == [
        ("Midtown", "Northpaw Dry Dog", "Paws Distributing", "48-1123"),
        ("Riverside", "Northpaw Dry Dog", "Paws Distributing", "7/9"),
    ]
    fresh = answer.context["fresh"]
    assert [row.location.name for row in fresh] == ["Midtown", "Riverside"]
    undone = as_owner.post(url("undo"), {"enrollment": [str(row.pk) for row in fresh]}, follow=True)
    assert "Undone. Not enrolled in “Northpaw Dry Dog”: Midtown, Riverside." in undone.content.decode()
    assert (enrolled_at(huxley), undone.context["fresh"]) == ([], [])


def test_remembered_number_stands_in_the_form(
    as_owner: Client, huxley: Retailer, midtown: Location, dry_dog: Program, paws: Distributor
) -> None:
    with inside(huxley):
        DistributorAccount.objects.create(location=midtown, distributor=paws, number="48-1123")
    text = as_owner.get(url("enroll", dry_dog.pk), {"distributor": str(paws.pk)}).content.decode()
    assert f'name="number_{midtown.pk}" value="48-1123"' in text


def test_numbers_of_one_distributor_are_never_sent_to_another(
    as_owner: Client, huxley: Retailer, midtown: Location, northpaw: Brand, paws: Distributor
) -> None:
    """As without JavaScript: the form was filled with the numbers of one distributor, then another one was chosen."""
    other = cast.make_distributor(name="Other Freight")
    program = cast.make_program(brand=northpaw, carriers=[paws, other])
    with inside(huxley):
        DistributorAccount.objects.create(location=midtown, distributor=other, number="OF-9")
    typed = {
        "distributor": str(other.pk),
        "numbers_for": str(paws.pk),
        "locations": [str(midtown.pk)],
        f"number_{midtown.pk}": "48-1123",
    }
    answer = as_owner.post(url("enroll", program.pk), typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Check the account numbers with Other Freight, then agree again." in text
    assert (f'name="number_{midtown.pk}" value="OF-9"' in text, "48-1123" in text) == (True, False)
    assert enrolled_at(huxley) == []
    agreed = {**typed, "numbers_for": str(other.pk), f"number_{midtown.pk}": "OF-9"}
    assert as_owner.post(url("enroll", program.pk), agreed).status_code == 302
    assert enrolled_at(huxley)[0][2:] == ("Other Freight", "OF-9")


def test_only_distributors_that_serve_and_carry_can_be_chosen(
    as_owner: Client, huxley: Retailer, midtown: Location, northpaw: Brand, paws: Distributor
) -> None:
    far = cast.make_distributor(name="Far Freight", serves=[("US", "WY")])
    idle = cast.make_distributor(name="Idle Freight")
    program = cast.make_program(brand=northpaw, carriers=[paws, far])
    text = as_owner.get(url("enroll", program.pk)).content.decode()
    shown = [name for name in ("Paws Distributing", "Far Freight", "Idle Freight", "Temporary Holding") if name in text]
    assert shown == ["Paws Distributing", "Temporary Holding"]
    for distributor in (far, idle):
        answer = as_owner.post(
            url("enroll", program.pk), {"distributor": str(distributor.pk), "locations": [str(midtown.pk)]}
        )
        assert (answer.status_code, "Choose one from the list." in answer.content.decode()) == (422, True)
    assert enrolled_at(huxley) == []


def test_location_that_the_distributor_does_not_serve_is_left_out(
    as_owner: Client, huxley: Retailer, midtown: Location, dry_dog: Program, paws: Distributor
) -> None:
    casper = cast.make_location(huxley, name="Casper", region="WY")
    text = as_owner.get(url("enroll", dry_dog.pk), {"distributor": str(paws.pk)}).content.decode()
    assert "Casper: not served by this distributor." in text
    both = {
        "distributor": str(paws.pk),
        "numbers_for": str(paws.pk),
        "locations": [str(midtown.pk), str(casper.pk)],
        f"number_{midtown.pk}": "1",
        f"number_{casper.pk}": "2",
    }
    answer = as_owner.post(url("enroll", dry_dog.pk), both)
    assert "Paws Distributing does not deliver to Casper (WY)." in answer.content.decode()
    assert (answer.status_code, enrolled_at(huxley)) == (422, [])  # all or none


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Distributor: Choose who pays you back."),
        ({"distributor": "holding"}, "Locations: Choose at least one."),
        ({"distributor": "holding", "locations": "7"}, "Locations: Choose from the list."),
    ],
)
def test_form_says_what_is_missing(as_owner: Client, dry_dog: Program, typed: dict[str, str], sentence: str) -> None:
    answer = as_owner.post(url("enroll", dry_dog.pk), typed)
    text = answer.content.decode()
    assert (answer.status_code, sentence in text, "<title>Error:" in text) == (422, True, True)


def test_missing_number_is_said_beside_its_field(
    as_owner: Client, midtown: Location, dry_dog: Program, paws: Distributor
) -> None:
    typed = {"distributor": str(paws.pk), "numbers_for": str(paws.pk), "locations": [str(midtown.pk)]}
    answer = as_owner.post(url("enroll", dry_dog.pk), typed)
    sentence = "Paws Distributing asks for it. Copy it from one of their invoices."
    assert answer.context["form"].errors == {f"number_{midtown.pk}": [sentence]}
    text = answer.content.decode()
    assert (f">Account number of Midtown: {sentence}</a>" in text, text.count(sentence)) == (True, 2)


def test_program_that_no_distributor_pays_for_asks_for_none(
    as_owner: Client, huxley: Retailer, midtown: Location
) -> None:
    program = cast.make_program(title="Direct", fulfilment="direct")
    text = as_owner.get(url("enroll", program.pk)).content.decode()
    assert ("No distributor is needed." in text, 'name="distributor"' in text) == (True, False)
    as_owner.post(url("enroll", program.pk), {"locations": [str(midtown.pk)]})
    assert enrolled_at(huxley) == [("Midtown", "Direct", None, "")]


def test_enrolled_everywhere_offers_nothing_and_refuses_once_more(
    as_riverside: Client, riverside: Location, owner: User, dry_dog: Program
) -> None:
    cast.make_enrollment(riverside, program=dry_dog, by=owner)
    assert "All your locations are enrolled already." in as_riverside.get(url("enroll", dry_dog.pk)).content.decode()
    answer = as_riverside.post(url("enroll", dry_dog.pk), {"distributor": "holding", "locations": str(riverside.pk)})
    assert (answer.status_code, "already enrolled" in answer.content.decode()) == (409, True)


def test_administrator_of_one_location_cannot_join_for_another(
    as_riverside: Client, huxley: Retailer, midtown: Location, dry_dog: Program
) -> None:
    typed = {"distributor": "holding", "locations": [str(midtown.pk)]}
    assert as_riverside.post(url("enroll", dry_dog.pk), typed).status_code == 422
    assert enrolled_at(huxley) == []


def test_htmx_gets_the_dialog_then_its_inside_then_the_way_to_the_page(
    as_owner: Client, huxley: Retailer, midtown: Location, dry_dog: Program
) -> None:
    opened = as_owner.get(url("enroll", dry_dog.pk), headers={"HX-Request": "true", "HX-Target": "dialogs"})
    assert opened.content.decode().strip().startswith("<dialog")
    inner = {"HX-Request": "true", "HX-Target": "asked"}
    wrong = as_owner.post(url("enroll", dry_dog.pk), {}, headers=inner)
    assert (wrong.status_code, wrong.content.decode().strip()[:5]) == (422, "<form")
    typed = {"distributor": "holding", "locations": [str(midtown.pk)]}
    done = as_owner.post(url("enroll", dry_dog.pk), typed, headers=inner)
    assert done.headers["HX-Redirect"] == url("detail", dry_dog.pk)
    assert enrolled_at(huxley) == [("Midtown", "Northpaw Dry Dog", None, "")]


# -- changing and leaving


def test_distributor_is_changed_from_today_on(
    as_owner: Client, huxley: Retailer, midtown: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    enrollment = cast.make_enrollment(midtown, program=dry_dog, by=owner)
    address = url("distributor", enrollment.pk)
    assert 'value="holding" selected' in as_owner.get(address).content.decode()
    for number in ("no/#", "4" * 10_000, "<script>", "🐾", "مرحبا"):
        wrong = as_owner.post(address, {"distributor": str(paws.pk), "account_number": number})
        assert (wrong.status_code, "up to 40 letters" in wrong.content.decode()) == (422, True)
    page = as_owner.post(address, {"distributor": str(paws.pk), "account_number": "48-1123"}, follow=True)
    assert "Midtown: Paws Distributing from today on." in page.content.decode()
    assert enrolled_at(huxley) == [("Midtown", "Northpaw Dry Dog", "Paws Distributing", "48-1123")]
    assert page.context["fresh"] == []
    assert as_owner.get(address).status_code == 409


def test_unenrolling_says_what_still_counts(
    as_owner: Client, huxley: Retailer, midtown: Location, owner: User, dry_dog: Program
) -> None:
    enrollment = cast.make_enrollment(midtown, program=dry_dog, by=owner)
    page = as_owner.post(url("unenroll", enrollment.pk), follow=True)
    text = page.content.decode()
    last_day = date_format(midtown.day(utc_now()))
    assert f"Midtown leaves “Northpaw Dry Dog”. Purchases count through {last_day}; earned rewards stay." in text
    assert f"Last day: {last_day}" in text
    assert enrolled_at(huxley) == []
    assert as_owner.post(url("unenroll", enrollment.pk)).status_code == 409


def test_unenrolling_is_undone_by_who_did_it(
    as_owner: Client, huxley: Retailer, midtown: Location, owner: User, dry_dog: Program
) -> None:
    enrollment = cast.make_enrollment(midtown, program=dry_dog, by=owner)
    colleague = cast.make_user()
    cast.make_membership(colleague, retailer=huxley, location=midtown, role="administrator")
    page = as_owner.post(url("unenroll", enrollment.pk), follow=True)
    undo = f'action="{url("stay", enrollment.pk)}"'
    assert undo in page.content.decode()
    assert undo not in cast.signed_in(Client(), colleague).get(url("detail", dry_dog.pk)).content.decode()
    page = as_owner.post(url("stay", enrollment.pk), follow=True)
    assert "Undone. Midtown stays enrolled in “Northpaw Dry Dog”." in page.content.decode()
    assert (enrolled_at(huxley), page.context["left"]) == ([("Midtown", "Northpaw Dry Dog", None, "")], [])
    assert as_owner.post(url("stay", enrollment.pk)).status_code == 409


def test_unenrolling_is_offered_to_be_undone_for_ten_minutes(
    as_owner: Client, midtown: Location, owner: User, dry_dog: Program
) -> None:
    enrollment = cast.make_enrollment(midtown, program=dry_dog, by=owner)
    with inside(midtown.retailer):
        unenroll(enrollment, by=owner, now=utc_now() - timedelta(minutes=11))
    page = as_owner.get(url("detail", dry_dog.pk))
    assert (page.context["left"], "Midtown leaves" in page.content.decode()) == ([], False)
    answer = as_owner.post(url("stay", enrollment.pk))
    assert (answer.status_code, "Enroll it again instead." in answer.content.decode()) == (409, True)


# -- the other retailer, cashiers, strangers


def test_another_retailer_sees_nothing_of_it(
    client: Client, huxley: Retailer, midtown: Location, owner: User, other_owner: User, dry_dog: Program,
    paws: Distributor,
) -> None:  # fmt: skip
    cast.make_product(name="Huxley's secret chew", retailer=huxley)
    own = cast.make_program(title="Huxley baths", retailer=huxley)
    cast.make_enrollment(midtown, program=own, by=owner)
    shared = cast.make_enrollment(
        midtown, program=dry_dog, by=owner, distributor=paws, account_number="HUX-48", now=utc_now()
    )
    other = cast.signed_in(client, other_owner)
    for name in NAMES:
        text = other.get(url(name)).content.decode()
        assert not re.search("Huxley|Midtown|HUX-48", text), name
    assert titles(other, "list") == ["Northpaw Dry Dog"]
    assert titles(other, "enrolled") == []
    for address in (url("detail", dry_dog.pk), url("enroll", dry_dog.pk) + f"?distributor={paws.pk}"):
        assert not re.search("Huxley|Midtown|HUX-48", other.get(address).content.decode()), address
    for name in ("detail", "products_export", "barcodes", "enroll"):
        assert other.get(url(name, own.pk)).status_code == 404, name
    for name in ("unenroll", "stay", "distributor"):
        assert other.post(url(name, shared.pk), {"distributor": "holding"}).status_code == 404, name
    assert other.post(url("undo"), {"enrollment": str(shared.pk)}).status_code == 404
    assert len(enrolled_at(huxley)) == 2


def test_cashier_is_told_who_may(client: Client, cashier: User, dry_dog: Program) -> None:
    answer = cast.signed_in(client, cashier).get(url("list"))
    assert (answer.status_code, "for administrators" in answer.content.decode()) == (403, True)


@pytest.mark.parametrize("enrollment_id", ["9" * 19, "9" * 30])
def test_ids_beyond_every_column_are_not_found(as_owner: Client, enrollment_id: str) -> None:
    for address in (f"/programs/{enrollment_id}/", f"/programs/enrollments/{enrollment_id}/distributor/"):
        assert as_owner.get(address).status_code == 404
    for sent in (enrollment_id, "x", ""):
        assert as_owner.post(url("undo"), {"enrollment": sent}).status_code == 404


# -- what can be taken along


@pytest.fixture
def listed(northpaw: Brand) -> Program:
    bag = cast.make_product(
        name='=Gold, "Adult"', gtins=["012345678905", "4006381333931"], brand=northpaw, species="dog"
    )
    bare = cast.make_product(name="Rope", gtins=[], prices={}, size="", brand=northpaw)
    return cast.make_program(
        title="Dry Dog!", brand=northpaw, cards=[NewCard("Large", RuleOfCard(12), [bag], rewards=[bag, bare])]
    )


HEADING = [
    "Program", "Card", "Brand", "Product", "Size", "Pet", "Barcode", "Suggested price", "Fills the card",
    "May be the reward",
]  # fmt: skip
GOLD = ["Dry Dog!", "Large", "Northpaw", '=Gold, "Adult"', "30 lb", "Dog"]
ROWS = [
    [*GOLD, "4006381333931", "$64.99", "yes", "yes"],
    [*GOLD, "012345678905", "$64.99", "yes", "yes"],
    ["Dry Dog!", "Large", "Northpaw", "Rope", "", "", "", "", "no", "yes"],
]


def test_product_list_opens_as_csv(as_owner: Client, listed: Program) -> None:
    answer = as_owner.get(url("products_export", listed.pk))
    assert 'filename="dry-dog.csv"' in answer.headers["Content-Disposition"]
    read = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    guarded = [[f"'{cell}" if cell.startswith("=") else cell for cell in row] for row in ROWS]
    assert read == [HEADING, *guarded]


def test_product_list_opens_as_spreadsheet(as_owner: Client, listed: Program) -> None:
    answer = as_owner.get(url("products_export", listed.pk), {"as": "xlsx"})
    assert 'filename="dry-dog.xlsx"' in answer.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(answer.getvalue())).active
    read = [[cell or "" for cell in row] for row in sheet.values]
    assert read == [HEADING, *ROWS]


def test_barcode_sheet_has_a_label_for_each_product_once(as_owner: Client, listed: Program) -> None:
    text = as_owner.get(url("barcodes", listed.pk)).content.decode()
    assert text.count('class="label-cell"') == 1
    assert "4 006381 333931" in text
    assert " style=" not in text
