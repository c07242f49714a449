"""Enrolling cells of the grid: what the page says first, all or nothing, twice the same, and taking it back."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from astro.accounts.models import User
from astro.activity.models import Event
from astro.catalog.models import Distributor
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.programs.automatic.actions import choose
from astro.programs.enrolling.actions import enroll_cells, take_back_all
from astro.programs.enrolling.cells import MOST, Cell, payers_of_all
from astro.programs.models import DistributorAccount, Enrollment, Program
from astro.tenancy.current import retailer as inside
from astro.tenancy.models import Location, Retailer
from tests import cast

NOW = cast.NOW
TODAY = date(2026, 11, 20)
GRID = "/programs/by-location/"


def cell(program: Program, place: Location) -> str:
    return f"{program.pk}-{place.pk}"


def joined() -> list[tuple[str, str, str | None, str]]:
    rows = Enrollment.objects.filter(until_on__isnull=True).order_by("program__title", "location__name")
    return list(rows.values_list("program__title", "location__name", "distributor__name", "account_number"))


@pytest.fixture
def as_owner(client: Client, owner: User) -> Client:
    return cast.signed_in(client, owner)


@pytest.fixture
def wet_cat(paws: Distributor) -> Program:
    return cast.make_program(title="Wet Cat", carriers=[paws])


def test_many_cells_are_joined_once_with_the_numbers_that_are_known(
    huxley: Retailer, midtown: Location, riverside: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    direct = cast.make_program(title="Birdsong", fulfilment="direct")
    cells = [(program, place) for program in (dry_dog, direct) for place in (midtown, riverside)]
    with inside(huxley):
        DistributorAccount.objects.create(location=midtown, distributor=paws, number="M1")
        DistributorAccount.objects.create(location=riverside, distributor=paws, number="R1")
        made = enroll_cells(cells, distributor=paws, by=owner, now=NOW)
        expected = [
            ("Birdsong", "Midtown", None, ""),
            ("Birdsong", "Riverside", None, ""),
            ("Northpaw Dry Dog", "Midtown", paws.name, "M1"),
            ("Northpaw Dry Dog", "Riverside", paws.name, "R1"),
        ]
        assert (len(made), joined()) == (4, expected)
        assert enroll_cells(cells, distributor=None, by=owner, now=NOW) == []
        assert (joined(), Event.objects.filter(name="program enrolled").count()) == (expected, 4)
        take_back_all(made, by=owner, now=NOW + timedelta(minutes=10))
        assert (joined(), Enrollment.objects.filter(until_on__gte=TODAY).count()) == ([], 0)


def test_one_refusal_joins_none_and_one_old_enrollment_undoes_none(
    huxley: Retailer, midtown: Location, riverside: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    far = cast.make_location(huxley, name="Far", region="CA")
    with inside(huxley):
        with pytest.raises(DomainError, match="does not deliver to Far"):
            enroll_cells([(dry_dog, midtown), (dry_dog, far)], distributor=paws, account_number="1", by=owner, now=NOW)
        assert joined() == []
        old = enroll_cells([(dry_dog, midtown)], distributor=None, by=owner, now=NOW - timedelta(minutes=11))
        new = enroll_cells([(dry_dog, riverside)], distributor=None, by=owner, now=NOW)
        with pytest.raises(DomainError, match="cannot be undone any more"):
            take_back_all([*new, *old], by=owner, now=NOW)
        assert len(joined()) == 2


def test_only_who_pays_for_everything_everywhere_is_offered(
    huxley: Retailer, midtown: Location, dry_dog: Program, wet_cat: Program, paws: Distributor
) -> None:
    boise = cast.make_location(huxley, name="Boise", region="ID")
    local = cast.make_distributor(name="Local", serves=[("US", "MT")])
    both = cast.make_program(title="Both", carriers=[paws, local])
    direct = cast.make_program(title="Direct", fulfilment="direct")

    def names(*pairs: tuple[Program, Location]) -> list[str]:
        return [row.name for row in payers_of_all([Cell(program, place, TODAY) for program, place in pairs])]

    assert names((both, midtown)) == ["Local", paws.name]
    assert names((both, midtown), (both, boise)) == [paws.name]
    assert names((both, midtown), (dry_dog, midtown)) == [paws.name]
    assert names((both, midtown), (direct, boise)) == ["Local", paws.name]
    far = cast.make_location(huxley, name="Far", region="CA")
    assert names((both, midtown), (wet_cat, far)) == []


def test_page_says_first_what_will_happen_and_then_it_does(
    as_owner: Client, midtown: Location, riverside: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    cast.make_enrollment(midtown, program=dry_dog, by=owner)
    soon = cast.make_program(title="Soon", carriers=[paws], starts_on=utc_now().date() + timedelta(days=9))
    ended = cast.make_program(title="Ended", ends_on=utc_now().date() - timedelta(days=3))
    pairs = [(dry_dog, midtown), (dry_dog, riverside), (soon, midtown), (ended, midtown)]
    asked: dict[str, Any] = {"cell": [cell(*pair) for pair in pairs], "filters": "q=dog&kind=brand"}
    page = as_owner.post(reverse("programs:enrolling"), asked)
    words = page.content.decode()
    assert page.status_code == 200
    assert "2 enrollments begin, all of them or none." in words
    assert "Midtown is left as it is: enrolled already" in words
    assert "Midtown is left as it is: this program has ended" in words
    agreed = {**asked, "agreed": "1"}
    for told, sentence in [
        ({}, "Choose who pays you back."),
        ({"distributor": "7"}, "Choose one from the list."),
        ({"distributor": paws.pk}, "No number is known for Riverside, Midtown."),
        ({"distributor": paws.pk, "account_number": "48#1"}, "Type it as on the invoice"),
    ]:
        refused = as_owner.post(reverse("programs:enrolling"), {**agreed, **told})
        assert (refused.status_code, sentence in refused.content.decode()) == (422, True), told
    done = as_owner.post(reverse("programs:enrolling"), {**agreed, "distributor": paws.pk, "account_number": "7/9"})
    assert done["Location"] == f"{GRID}?q=dog&kind=brand"
    with cast.inside(midtown.retailer):
        assert joined() == [
            ("Northpaw Dry Dog", "Midtown", None, ""),
            ("Northpaw Dry Dog", "Riverside", paws.name, "7/9"),
            ("Soon", "Midtown", paws.name, "7/9"),
        ]
        fresh = list(Enrollment.objects.filter(account_number="7/9").values_list("pk", flat=True))
    again = as_owner.post(reverse("programs:enrolling"), {**agreed, "distributor": paws.pk}, follow=True)
    assert "Everything was enrolled already. Nothing has changed." in again.content.decode()
    assert "You enrolled 2 cells in the last ten minutes." in as_owner.get(GRID).content.decode()
    undone = as_owner.post(reverse("programs:enrolling_undo"), {"enrollment": fresh}, follow=True)
    assert "Undone: 2 enrollments." in undone.content.decode()
    with cast.inside(midtown.retailer):
        assert len(joined()) == 1


def test_button_of_a_program_chooses_all_its_locations(
    as_owner: Client, midtown: Location, riverside: Location, dry_dog: Program
) -> None:
    page = as_owner.post(reverse("programs:enrolling"), {"row": dry_dog.pk})
    assert page.context["joining"] == 2


def test_nothing_too_much_and_strange_cells_are_told(
    as_owner: Client, midtown: Location, elsewhere: Location, dry_dog: Program
) -> None:
    nothing = as_owner.post(reverse("programs:enrolling"), {}, follow=True)
    assert "Nothing is ticked." in nothing.content.decode()
    many = as_owner.post(reverse("programs:enrolling"), {"cell": [f"{n}-1" for n in range(MOST + 1)]})
    assert (many.status_code, f"Choose {MOST} at most" in many.content.decode()) == (422, True)
    theirs = cast.make_program(title="Theirs", retailer=elsewhere.retailer)
    strange = ["", "1", "x-1", f"{dry_dog.pk}-{elsewhere.pk}", f"{theirs.pk}-{midtown.pk}", f"{'9' * 19}-1", "٤-1"]
    for name in strange:
        assert as_owner.post(reverse("programs:enrolling"), {"cell": [name]}).status_code == 404, name


def test_pages_ask_as_often_for_many_cells_as_for_one(
    as_owner: Client, huxley: Retailer, midtown: Location, owner: User, paws: Distributor
) -> None:
    def queries(act: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert act().status_code == 200
        return len(caught)

    programs = [cast.make_program(title=f"Program {n}", carriers=[paws]) for n in range(1)]
    cast.make_enrollment(midtown, program=programs[0], by=owner, now=utc_now())
    other = cast.make_location(huxley, name="Other")
    post = lambda: as_owner.post(  # noqa: E731
        reverse("programs:enrolling"), {"cell": [cell(one, other) for one in programs]}
    )
    as_owner.get(GRID)
    first = queries(lambda: as_owner.get(GRID)), queries(post)
    for n in range(5):
        programs.append(cast.make_program(title=f"More {n}", carriers=[paws]))
        cast.make_enrollment(midtown, program=programs[-1], by=owner, now=utc_now())
    cast.make_location(huxley, name="Third")
    assert (queries(lambda: as_owner.get(GRID)), queries(post)) == first


def test_turning_the_page_keeps_what_was_ticked(
    as_owner: Client, huxley: Retailer, midtown: Location, riverside: Location, paws: Distributor
) -> None:
    programs = [cast.make_program(title=f"Program {n:03d}", carriers=[paws]) for n in range(60)]
    first = as_owner.get(GRID)
    assert (first.context["elsewhere"], ' name="turn"' in first.content.decode()) == ([], True)
    ticked = [cell(programs[0], midtown), cell(programs[3], riverside)]
    asked = {"cell": ticked, "filters": "sort=title", "of": "programs", "turn": first.context["page"].next}
    second = as_owner.post(reverse("programs:enrolling"), asked, follow=True)
    assert [row.program for row in second.context["rows"]] == programs[50:]
    assert sorted(second.context["elsewhere"]) == sorted(ticked)
    assert "2 more are ticked on other pages." in second.content.decode()
    more = [*second.context["elsewhere"], cell(programs[55], midtown)]
    back = {**asked, "cell": more, "turn": second.context["page"].previous}
    page = as_owner.post(reverse("programs:enrolling"), back, follow=True)
    assert page.content.decode().count(" checked") == 2
    assert page.context["elsewhere"] == [cell(programs[55], midtown)]
    done = as_owner.post(
        reverse("programs:enrolling"), {"cell": more, "agreed": "1", "distributor": "holding"}, follow=True
    )
    assert "Enrolled: 3 cells." in done.content.decode()
    again = as_owner.post(reverse("programs:enrolling"), {**asked, "cell": ["x", "1-", "٤-1"]}, follow=True)
    assert again.context["elsewhere"] == [], "what is no cell is not kept"
    assert as_owner.get(GRID).context["elsewhere"] == []


def test_grid_of_offers_leads_back_to_the_offers(as_owner: Client, midtown: Location, paws: Distributor) -> None:
    offer = cast.make_program(title="November", kind="offer", carriers=[paws])
    assert 'name="of" value="offers"' in as_owner.get("/offers/by-location/").content.decode()
    asked = {"cell": [cell(offer, midtown)], "of": "offers", "agreed": "1", "distributor": "holding"}
    assert as_owner.post(reverse("programs:enrolling"), asked)["Location"] == "/offers/by-location/"


def test_the_lists_leave_as_a_file_with_a_column_for_each_location(
    as_owner: Client, midtown: Location, riverside: Location, owner: User, dry_dog: Program, paws: Distributor
) -> None:
    offer = cast.make_program(title="November", kind="offer", carriers=[paws], brand=dry_dog.brand)
    cast.make_enrollment(midtown, program=dry_dog, by=owner, distributor=paws, account_number="1")
    cast.make_enrollment(riverside, program=dry_dog, by=owner)
    with cast.inside(midtown.retailer):
        assert offer.brand is not None
        choose(offer.brand, places={midtown: None}, by=owner, now=utc_now())

    def rows(address: str, **asked: str) -> list[list[str]]:
        file = as_owner.get(reverse(address), asked).getvalue().decode("utf-8-sig")
        return list(csv.reader(file.splitlines()))

    head, row = rows("programs:export")
    assert (head[-2:], row[0], row[-2:]) == (["Midtown", "Riverside"], dry_dog.title, [paws.name, "Temporary Holding"])
    assert rows("offers:export")[1][-2:] == ["Temporary Holding (auto-enrolled)", ""]
    assert len(rows("programs:export", q="nothing of the kind")) == 1
    assert "/programs/export/?as=xlsx" in as_owner.get(reverse("programs:list")).content.decode()
    assert as_owner.get(reverse("programs:export"), {"as": "xlsx"})["Content-Type"].endswith("sheet")
