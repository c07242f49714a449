"""The lists, the page and the pop-up in a real browser: for every eye, at every size, by key and without script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.catalog.models import Distributor
from astro.programs.actions import NewCard
from astro.programs.models import DistributorAccount, Enrollment, Program
from astro.programs.rules import RuleOfCard
from astro.tenancy.models import Location
from tests import cast
from tests.browser import page_of
from tests.kit.axe import faults, findings, findings_everywhere

Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer, owner: User) -> Iterator[Open]:
    """Opens an address as the owner. Anything the page's policy stops, or an error in a script, fails the test."""

    def open_page(path: str, *, script: bool = True) -> Page:
        page = pages.enter_context(
            page_of(browser, live_server, owner, only="Security Policy", java_script_enabled=script)
        )
        page.goto(path)
        return page

    with ExitStack() as pages:
        yield open_page


@pytest.fixture
def shelf(midtown: Location, riverside: Location, owner: User, dry_dog: Program, paws: Distributor) -> Program:
    """Programs in every state: running, in Temporary Holding, to be joined, to begin."""
    cast.make_enrollment(midtown, program=dry_dog, by=owner, distributor=paws, account_number="48-1123")
    waiting = cast.make_program(
        title="Fernwell Cat Pate", carriers=[paws], terms="While it lasts.", requires_email=True
    )
    cast.make_enrollment(riverside, program=waiting, by=owner)
    cast.make_program(title="Birdsong Seed", fulfilment="direct")
    return dry_dog


def test_axe_finds_nothing_in_the_lists_and_on_the_page_of_a_program(open_page: Open, shelf: Program) -> None:
    of_one = f"/programs/{shelf.pk}"
    lists = ["/programs/", "/programs/enrolled/", "/programs/by-location/", "/programs/?q=nothing"]
    screens = [*lists, f"{of_one}/", f"{of_one}/enroll/", f"{of_one}/barcodes/"]
    page, found = open_page("/"), {}
    for screen in screens:
        page.goto(screen)
        found[screen] = faults(page)
    assert found == {screen: {} for screen in screens}


def test_pop_up_enrolls_with_the_remembered_number_and_undo_takes_it_back(
    open_page: Open, shelf: Program, huxley: object, riverside: Location, paws: Distributor
) -> None:
    with cast.inside(riverside.retailer):
        DistributorAccount.objects.create(location=riverside, distributor=paws, number="7/9")
    page = open_page("/programs/")
    page.get_by_role("link", name="Enroll in Northpaw Dry Dog").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Midtown: enrolled already.").wait_for()
    dialog.get_by_role("button", name="I agree and enroll").click()
    dialog.get_by_role("alert").wait_for()
    assert findings(page) == []
    dialog.get_by_label("1. Distributor").select_option("Paws Distributing")
    number = dialog.get_by_label("Account number of Riverside")
    number.wait_for()
    expect(number).to_have_value("7/9")
    assert findings_everywhere(page) == {}
    dialog.get_by_role("button", name="I agree and enroll").click()
    page.get_by_text("Riverside is enrolled").wait_for()
    expect(page).to_have_url(re.compile(f"/programs/{shelf.pk}/$"))
    with cast.inside(riverside.retailer):
        joined = Enrollment.objects.get(location=riverside, program=shelf)
        assert (joined.distributor, joined.account_number) == (paws, "7/9")
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone. Not enrolled in “Northpaw Dry Dog”: Riverside.").wait_for()


@pytest.mark.parametrize("script", [True, False])
def test_grid_enrolls_what_is_ticked_and_undoes_it(
    open_page: Open, shelf: Program, riverside: Location, paws: Distributor, script: bool
) -> None:
    page = open_page("/programs/by-location/", script=script)
    page.get_by_label("Enroll Riverside in Northpaw Dry Dog").check()
    page.get_by_role("button", name="Enroll the selected").click()
    page.get_by_text("1 enrollment begins.").wait_for()
    if script:
        assert findings_everywhere(page) == {}
    page.get_by_role("button", name="I agree and enroll").click()
    page.get_by_text("Choose who pays you back.").first.wait_for()
    page.get_by_label("Distributor").select_option("Paws Distributing")
    page.get_by_label("Account number").fill("7/9")
    page.get_by_role("button", name="I agree and enroll").click()
    page.get_by_text("in the last ten minutes").wait_for()
    with cast.inside(riverside.retailer):
        made = Enrollment.objects.get(location=riverside, program=shelf)
        assert (made.distributor, made.account_number) == (paws, "7/9")


def test_grid_is_a_list_for_each_program_on_a_phone(open_page: Open, shelf: Program) -> None:
    page = open_page("/programs/by-location/")
    page.set_viewport_size({"width": 390, "height": 844})
    cell = page.locator("td[data-label=Riverside]").first
    first, second = page.locator("tbody tr").nth(0).bounding_box(), page.locator("tbody tr").nth(1).bounding_box()
    assert first
    assert second
    assert second["y"] > first["y"] + first["height"]
    expect(cell).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_focus_begins_on_the_first_field_of_the_pop_up_and_on_what_is_wrong(open_page: Open, shelf: Program) -> None:
    page = open_page("/programs/")
    page.get_by_role("link", name="Enroll in Northpaw Dry Dog").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("1. Distributor")).to_be_focused()
    dialog.get_by_role("button", name="I agree and enroll").click()
    expect(dialog.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("link", name="Enroll in Birdsong Seed").click()
    expect(dialog.get_by_label("Midtown")).to_be_focused()


def test_axe_finds_nothing_where_a_location_left_just_now(open_page: Open, shelf: Program) -> None:
    page = open_page(f"/programs/{shelf.pk}/")
    page.get_by_role("button", name="Unenroll Midtown").click()
    page.get_by_text("Midtown leaves “Northpaw Dry Dog”.").wait_for()
    assert faults(page) == {}


def test_filters_change_the_rows_and_the_address(open_page: Open, shelf: Program) -> None:
    page = open_page("/programs/")
    page.get_by_label("Who pays").select_option("Brand")
    page.get_by_text("1 program", exact=True).wait_for()
    expect(page.locator("tbody th")).to_have_text(["Birdsong Seed"])
    expect(page).to_have_url(re.compile("paid=direct"))
    page.get_by_role("link", name="Birdsong Seed", exact=True).click()
    page.get_by_role("heading", name="Your locations").wait_for()
    page.go_back()
    page.get_by_role("heading", name="Frequent Buyer").wait_for()
    expect(page.locator("tbody th")).to_have_text(["Birdsong Seed"])
    page.keyboard.press("Control+k")
    page.keyboard.type("nothing so called")
    page.get_by_text("No program fits these filters.").wait_for()


def test_everything_works_without_script(open_page: Open, shelf: Program, riverside: Location) -> None:
    page = open_page("/programs/", script=False)
    page.get_by_label("Brand", exact=True).select_option("Northpaw")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Enroll in Northpaw Dry Dog").click()
    page.get_by_label("1. Distributor").select_option("Paws Distributing")
    page.get_by_role("button", name="I agree and enroll").click()
    page.get_by_label("Account number of Riverside").fill("7/9")
    page.get_by_role("button", name="I agree and enroll").click()
    page.get_by_role("link", name="Change distributor of Riverside").click()
    page.get_by_label("Account number").fill("8/1")
    page.get_by_role("button", name="Change distributor").click()
    page.get_by_text("Riverside: Paws Distributing from today on.").wait_for()
    page.get_by_role("button", name="Unenroll Riverside").click()
    page.get_by_text("Riverside leaves “Northpaw Dry Dog”.").wait_for()
    with cast.inside(riverside.retailer):
        assert not Enrollment.objects.filter(location=riverside, program=shelf, until_on__isnull=True).exists()
    page.get_by_role("button", name="Undo unenrolling Riverside").click()
    page.get_by_text("Undone. Riverside stays enrolled in “Northpaw Dry Dog”.").wait_for()
    with cast.inside(riverside.retailer):
        running = Enrollment.objects.get(location=riverside, program=shelf, until_on__isnull=True)
        assert running.account_number == "8/1"


def test_thirty_one_products_are_two_sheets(open_page: Open, northpaw: object, tmp_path: Path) -> None:
    products = [cast.make_product() for _ in range(31)]
    program = cast.make_program(cards=[NewCard("Card", RuleOfCard(8), products)])
    page = open_page(f"/programs/{program.pk}/barcodes/")
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") == 2
