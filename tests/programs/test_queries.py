"""What the till is told: which cards fill where and when, under which rule, and whether anything changed."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from astro.accounts.models import User
from astro.catalog.actions import add_barcode, set_price
from astro.catalog.models import Barcode, Brand, Product
from astro.programs.actions import NewCard, add_version, change_distributor, enroll, unenroll
from astro.programs.models import Program, ProgramItem
from astro.programs.queries import cards_filled_by, catalogue, catalogue_version, enrolled_on
from astro.programs.rules import RuleOfCard
from astro.tenancy.current import platform
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests import cast

NOW = cast.NOW
TODAY = date(2026, 11, 20)
TOMORROW = TODAY + timedelta(days=1)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def gold(northpaw: Brand) -> Product:
    return cast.make_product(name="Gold Adult", size="30 lb", brand=northpaw, gtins=["012345678905"])


@pytest.fixture
def program(northpaw: Brand, gold: Product) -> Program:
    rule = RuleOfCard(12, 1, "any", "lesser_or_equal", 24)
    toy = cast.make_product(name="Rope Toy", brand=northpaw, gtins=[])
    return cast.make_program(
        title="Dry Dog", brand=northpaw, cards=[NewCard("Large bags", rule, [gold], rewards=[gold, toy])]
    )


def titles(location: Location, day: date) -> list[str]:
    return [card.title for card in enrolled_on(location, day=day)]


def test_enrolled_card_has_rule_and_the_products_that_fill_it(
    huxley: Retailer, midtown: Location, riverside: Location, owner: User, program: Program, gold: Product
) -> None:
    cast.make_enrollment(midtown, program=program, by=owner)
    with inside(huxley):
        (card,) = enrolled_on(midtown, day=TODAY)
        assert (card.program_id, card.title, card.brand) == (program.pk, "Large bags", "Northpaw")
        assert (card.need, card.get, card.rule) == (12, 1, RuleOfCard(12, 1, "any", "lesser_or_equal", 24))
        assert card.rule_id == program.versions.get().rules.get().pk
        assert card.product_ids == (gold.pk,)
        assert enrolled_on(riverside, day=TODAY) == []
        (filled,) = cards_filled_by([gold.pk, 7], location=midtown, day=TODAY)[gold.pk]
        assert (filled.program_card_id, filled.rule_id, filled.buy) == (card.program_card_id, card.rule_id, 12)
        assert cards_filled_by([gold.pk], location=riverside, day=TODAY) == {}


def test_card_counts_from_the_first_through_the_last_day(
    huxley: Retailer, midtown: Location, owner: User, program: Program
) -> None:
    with inside(huxley):
        enrollment = enroll(midtown, program=program, distributor=None, by=owner, now=NOW)
        unenroll(enrollment, by=owner, now=NOW + timedelta(days=1))
        days = [YESTERDAY, TODAY, TOMORROW, TOMORROW + timedelta(days=1)]
        assert [titles(midtown, day) for day in days] == [[], ["Large bags"], ["Large bags"], []]


def test_card_is_there_once_whatever_changed_in_between(
    huxley: Retailer, midtown: Location, owner: User, northpaw: Brand
) -> None:
    paws = cast.make_distributor()
    program = cast.make_program(title="Dry Dog", brand=northpaw, carriers=[paws])
    with inside(huxley):
        first = enroll(midtown, program=program, distributor=None, by=owner, now=NOW)
        change_distributor(first, distributor=paws, account_number="1", by=owner, now=NOW)
        assert [titles(midtown, day) for day in (TODAY, TOMORROW)] == [["Dry Dog card"]] * 2


def test_rule_is_that_of_the_day(huxley: Retailer, midtown: Location, owner: User, program: Program) -> None:
    cast.make_enrollment(midtown, program=program, by=owner)
    with platform("test"):
        add_version(program, from_on=TOMORROW, rules={program.cards.get(): RuleOfCard(10, 2)})
    with inside(huxley):
        needs = [(card.need, card.get) for day in (TODAY, TOMORROW) for card in enrolled_on(midtown, day=day)]
        assert needs == [(12, 1), (10, 2)]


def test_product_fills_for_the_days_it_is_listed_and_fills_every_card_that_lists_it(
    huxley: Retailer, midtown: Location, owner: User, program: Program, gold: Product
) -> None:
    second = cast.make_program(title="Also", products=[gold])
    for row in (program, second):
        cast.make_enrollment(midtown, program=row, by=owner)
    with platform("test"):
        ProgramItem.objects.filter(program_card__program=second).update(from_on=TODAY, until_on=TODAY)
    with inside(huxley):
        found = [
            [card.title for card in cards_filled_by([gold.pk], location=midtown, day=day).get(gold.pk, [])]
            for day in (YESTERDAY, TODAY, TOMORROW)
        ]
        assert found == [["Large bags"], ["Also card", "Large bags"], ["Large bags"]]


def test_own_program_bears_the_stores_name_and_is_nobody_elses(
    huxley: Retailer, midtown: Location, owner: User, otherpaws: Retailer, elsewhere: Location, other_owner: User
) -> None:
    cast.make_enrollment(midtown, program=cast.make_program(title="Baths", retailer=huxley), by=owner)
    cast.make_enrollment(elsewhere, program=cast.make_program(title="Cuts", retailer=otherpaws), by=other_owner)
    with inside(huxley):
        assert [(card.title, card.brand) for card in enrolled_on(midtown, day=TODAY)] == [
            ("Baths card", "Huxley House")
        ]


def test_catalogue_is_what_the_till_was_promised(
    huxley: Retailer, midtown: Location, owner: User, program: Program, gold: Product, otherpaws: Retailer
) -> None:
    cast.make_enrollment(midtown, program=program, by=owner)
    own = cast.make_product(name="Own Chew", size="", retailer=huxley, gtins=["4006381333931"], prices={})
    cast.make_product(name="Their secret", retailer=otherpaws)
    with inside(huxley):
        toy = Product.objects.get(name="Rope Toy")
        card = str(program.cards.get().pk)
        told = catalogue(midtown, day=TODAY)
        assert told == {
            "version": catalogue_version(midtown, day=TODAY),
            "products": {
                str(gold.pk): {
                    "name": "Gold Adult", "brand": "Northpaw", "size": "30 lb", "msrp_cents": 6499, "cards": [card],
                },
                str(toy.pk): {
                    "name": "Rope Toy", "brand": "Northpaw", "size": "30 lb", "msrp_cents": 6499, "cards": [],
                },
                str(own.pk): {"name": "Own Chew", "brand": "", "size": "", "msrp_cents": None, "cards": []},
            },
            "codes": {"00012345678905": str(gold.pk), "04006381333931": str(own.pk)},
            "cards": {
                card: {"title": "Large bags", "brand": "Northpaw", "need": 12, "program": str(program.pk)},
            },
            "programs": {str(program.pk): "Dry Dog"},
        }  # fmt: skip


def test_catalogue_names_the_program_that_a_location_missed(
    huxley: Retailer, midtown: Location, owner: User, program: Program, gold: Product
) -> None:
    """Only where the product fills nothing here, and only a program that could be joined: running, and in reach."""

    def missed() -> dict[str, str]:
        with inside(huxley):
            told = catalogue(midtown, day=TODAY)
        return {row["name"]: told["programs"][row["missed"]] for row in told["products"].values() if "missed" in row}

    assert missed() == {"Gold Adult": "Dry Dog"}
    cast.make_program(title="Also dry", products=[gold])
    assert missed() == {"Gold Adult": "Also dry"}
    for title, days in {"Over": {"ends_on": YESTERDAY}, "To come": {"starts_on": TOMORROW}}.items():
        cast.make_program(title=title, products=[cast.make_product(name=title)], **days)
    assert missed() == {"Gold Adult": "Also dry"}
    cast.make_enrollment(midtown, program=program, by=owner)
    assert missed() == {}


def test_program_that_ended_fills_nothing_from_the_day_after(
    huxley: Retailer, midtown: Location, owner: User, northpaw: Brand, gold: Product
) -> None:
    """Although the location never left it: a program ends for everyone."""
    program = cast.make_program(title="Dry Dog", brand=northpaw, products=[gold], ends_on=TODAY)
    cast.make_enrollment(midtown, program=program, by=owner)
    with inside(huxley):
        assert [titles(midtown, day) for day in (TODAY, TOMORROW)] == [["Dry Dog card"], []]
        assert [bool(cards_filled_by([gold.pk], location=midtown, day=day)) for day in (TODAY, TOMORROW)] == [
            True,
            False,
        ]
        today, tomorrow = (catalogue(midtown, day=day) for day in (TODAY, TOMORROW))
        assert (len(today["cards"]), tomorrow["cards"], tomorrow["programs"]) == (1, {}, {})
        assert today["version"] != tomorrow["version"]


def test_own_code_goes_before_the_shared_one_and_retired_products_are_gone(
    huxley: Retailer, midtown: Location, gold: Product
) -> None:
    retired = cast.make_product(name="Gone", gtins=["4006381333931"])
    with platform("test"):
        Product.objects.filter(pk=retired.pk).update(retired_at=NOW)
    with inside(huxley):
        own = Product.objects.create(name="Own Gold")
        Barcode.objects.create(product=own, gtin="00012345678905")
        told = catalogue(midtown, day=TODAY)
        assert told["codes"] == {"00012345678905": str(own.pk)}
        assert list(told["products"]) == [str(gold.pk), str(own.pk)]


def test_catalogue_costs_the_same_for_one_product_and_for_three(
    huxley: Retailer, midtown: Location, owner: User
) -> None:
    def queries() -> dict[str, int]:
        counts = {}
        with inside(huxley):
            place = Location.objects.select_related("retailer").get(pk=midtown.pk)
            products = list(Product.objects.values_list("pk", flat=True))
            for name, ask in {
                "catalogue": lambda: catalogue(place, day=TODAY),
                "version": lambda: catalogue_version(place, day=TODAY),
                "enrolled": lambda: enrolled_on(place, day=TODAY),
                "filled": lambda: cards_filled_by(products, location=place, day=TODAY),
            }.items():
                with CaptureQueriesContext(connection) as counted:
                    assert ask()
                counts[name] = len(counted)
        return counts

    cast.make_enrollment(midtown, program=cast.make_program(), by=owner)
    assert queries() == {"catalogue": 14, "version": 7, "enrolled": 2, "filled": 2}
    for _ in range(2):
        cast.make_enrollment(midtown, program=cast.make_program(), by=owner)
    assert queries() == {"catalogue": 14, "version": 7, "enrolled": 2, "filled": 2}


def _enroll_another(program: Program, gold: Product, midtown: Location, owner: User) -> None:
    enroll(midtown, program=cast.make_program(), distributor=None, by=owner, now=NOW)


def _leave(program: Program, gold: Product, midtown: Location, owner: User) -> None:
    unenroll(program.enrollments.get(), by=owner, now=NOW - timedelta(days=1))


def _list_an_item(program: Program, gold: Product, midtown: Location, owner: User) -> None:
    added = cast.make_product()
    with platform("test"):
        ProgramItem.objects.create(program_card=program.cards.get(), product=added)


def _end_an_item(program: Program, gold: Product, midtown: Location, owner: User) -> None:
    with platform("test"):
        ProgramItem.objects.filter(product=gold).update(until_on=YESTERDAY)


def _add_a_code(program: Program, gold: Product, midtown: Location, owner: User) -> None:
    with platform("test"):
        add_barcode(gold, gtin="96385074", from_on=TODAY)


def _end_a_code(program: Program, gold: Product, midtown: Location, owner: User) -> None:
    with platform("test"):
        Barcode.objects.filter(product=gold).update(until_on=YESTERDAY)


def _change_a_price(program: Program, gold: Product, midtown: Location, owner: User) -> None:
    with platform("test"):
        set_price(gold, currency="USD", msrp_cents=6999, from_on=TODAY)


def _change_own_price(program: Program, gold: Product, midtown: Location, owner: User) -> None:
    set_price(gold, currency="USD", msrp_cents=6999, from_on=TODAY)


def _change_the_rule(program: Program, gold: Product, midtown: Location, owner: User) -> None:
    with platform("test"):
        add_version(program, from_on=TODAY, rules={program.cards.get(): RuleOfCard(10)})


def _add_a_product(program: Program, gold: Product, midtown: Location, owner: User) -> None:
    cast.make_product(gtins=[], prices={})


def _retire_a_product(program: Program, gold: Product, midtown: Location, owner: User) -> None:
    with platform("test"):
        Product.objects.filter(pk=gold.pk).update(retired_at=NOW)


def _end_a_program_that_was_missed(program: Program, gold: Product, midtown: Location, owner: User) -> None:
    with platform("test"):
        Program.objects.filter(title="Missed").update(ends_on=YESTERDAY)


def _start_a_program_for_an_old_item(program: Program, gold: Product, midtown: Location, owner: User) -> None:
    with platform("test"):
        Program.objects.filter(title="To come").update(starts_on=TODAY)


@pytest.mark.parametrize(
    "change",
    [
        _end_a_program_that_was_missed,
        _start_a_program_for_an_old_item,
        _enroll_another,
        _leave,
        _list_an_item,
        _end_an_item,
        _add_a_code,
        _end_a_code,
        _change_a_price,
        _change_own_price,
        _change_the_rule,
        _add_a_product,
        _retire_a_product,
    ],
)
def test_version_changes_with_the_catalogue(
    huxley: Retailer,
    midtown: Location,
    owner: User,
    program: Program,
    gold: Product,
    change: Callable[[Program, Product, Location, User], Any],
) -> None:
    cast.make_enrollment(midtown, program=program, by=owner)
    for title, first_day in {"Missed": YESTERDAY, "To come": TOMORROW}.items():
        cast.make_program(title=title, starts_on=first_day)
    with inside(huxley):
        before = catalogue(midtown, day=TODAY)
        change(program, gold, midtown, owner)
        after = catalogue(midtown, day=TODAY)
    assert {key: before[key] == after[key] for key in ("version",)} == {"version": False}
    assert {**before, "version": ""} != {**after, "version": ""}


def test_version_stays_while_nothing_that_counts_today_changes(
    huxley: Retailer, midtown: Location, riverside: Location, owner: User, otherpaws: Retailer, program: Program,
    gold: Product, northpaw: Brand,
) -> None:  # fmt: skip
    paws = cast.make_distributor()
    paid = cast.make_program(brand=northpaw, carriers=[paws])
    cast.make_enrollment(midtown, program=program, by=owner)
    enrollment = cast.make_enrollment(midtown, program=paid, by=owner)
    with inside(huxley):
        before = catalogue(midtown, day=TODAY)
    with platform("test"):
        set_price(gold, currency="USD", msrp_cents=1, from_on=TOMORROW)
        add_version(program, from_on=TOMORROW, rules={program.cards.get(): RuleOfCard(10)})
        add_barcode(gold, gtin="96385074", from_on=TOMORROW)
    cast.make_product(retailer=otherpaws)
    with inside(huxley):
        change_distributor(enrollment, distributor=paws, account_number="1", by=owner, now=NOW)
        enroll(riverside, program=program, distributor=None, by=owner, now=NOW)
        assert catalogue(midtown, day=TODAY) == before
        assert catalogue_version(midtown, day=TOMORROW) != before["version"]
        assert catalogue_version(riverside, day=TODAY) != before["version"]
