"""A customer list from the file to the customers and back, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from astro.accounts.models import User
from astro.importer import running
from astro.kit.clock import utc_now
from tests.browser import page_of, send_by_keys
from tests.importer.lists import long_list, worked_off
from tests.kit.axe import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, owner: User) -> Iterator[Page]:
    with page_of(browser, live_server, owner, but="status of 422") as page:
        yield page


def test_a_list_by_keyboard_with_leaving_and_coming_back_and_undone(
    desk: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "SLICE", 50)
    file = tmp_path / "Kunden – alt.csv"
    rows = long_list(120).replace("Email", "Email,SMS opt in,Born").replace("@example.com\n", "@example.com,yes,\n")
    file.write_text(f"{rows}Ann,,12,,,\n", encoding="utf-8")

    desk.goto("/customers/upload/")
    assert faults(desk) == {}
    desk.get_by_role("link", name="Upload a list").first.click()
    desk.get_by_role("button", name="Upload").click()
    expect(desk.get_by_role("alert")).to_contain_text("Choose the file with your list.")
    assert faults(desk) == {}
    desk.get_by_label("Drop your file here").set_input_files(file)
    desk.get_by_role("button", name="Upload").focus()
    desk.keyboard.press("Enter")

    expect(desk.get_by_role("heading", level=1)).to_have_text("What are these columns?")
    expect(desk.get_by_label("Mobile", exact=True)).to_have_value("phone")
    expect(desk.get_by_label("Born")).to_have_value("")
    expect(desk.get_by_text("Full names without a comma")).to_be_hidden()
    assert faults(desk) == {}
    desk.get_by_label("Born").select_option("pet1_birthday")
    desk.get_by_label("I have proof").check()
    send_by_keys(desk)
    expect(desk.get_by_role("alert")).to_contain_text("Write in a sentence where the proof can be seen")
    desk.get_by_label("Where the proof is").fill("Sign-up sheets in the blue folder")
    send_by_keys(desk)

    expect(desk.get_by_role("heading", level=1)).to_have_text("Checking the list")
    assert faults(desk) == {}
    worked_off(now=utc_now())
    expect(desk.get_by_role("heading", level=1)).to_have_text("Checked: nothing is added yet")
    expect(desk.locator(".upload-counts li").first).to_have_text(re.compile("120 new"))
    assert faults(desk) == {}
    send_by_keys(desk)

    expect(desk.get_by_role("heading", level=1)).to_have_text("Adding the customers")
    desk.get_by_role("link", name="Uploaded lists").click()
    expect(desk.get_by_text("Being added")).to_be_visible()
    worked_off(now=utc_now())
    desk.get_by_role("link", name="Kunden – alt.csv").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("The list is in")
    expect(desk.get_by_text("120 times yes")).to_be_visible()
    assert faults(desk) == {}
    with desk.expect_download() as download:
        desk.get_by_role("link", name="CSV", exact=True).click()
    assert '"Ann","","12"' in Path(download.value.path()).read_text(encoding="utf-8-sig")

    desk.get_by_role("button", name="Undo").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Taking the list back")
    worked_off(now=utc_now())
    expect(desk.get_by_role("heading", level=1)).to_have_text("The list is taken back")
    expect(desk.get_by_text("120 customers are as before.")).to_be_visible()
    desk.get_by_role("link", name="Uploaded lists").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Uploaded lists")
    assert faults(desk) == {}
