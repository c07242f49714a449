"""The gallery of components, drawn by a real browser and examined there."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import RequestFactory
from playwright.sync_api import Page, Route, expect

from astro.kit.errors import DomainError, refusal_response
from astro.kit.templatetags.kit import PunchGrid, gtin, money, phone, punch_grid
from tests.browser import PATIENCE, complaints_of
from tests.kit.axe import SIZES, findings, findings_everywhere, sideways
from tests.kit.gallery import PAGES, rendered

ADDRESS = "http://gallery.test"


def answer(route: Route) -> None:
    """Serves the gallery under the policy that the product has: scripts and styles from files only."""
    path = route.request.url.removeprefix(ADDRESS).partition("?")[0]
    if path.startswith("/static/"):
        file = finders.find(path.removeprefix("/static/"))
        if file is None:
            route.fulfill(status=404, body="")
        else:
            kind = mimetypes.guess_type(file)[0] or "font/woff2"
            route.fulfill(body=Path(file).read_bytes(), content_type=kind)
    elif path == "/broken/":
        route.fulfill(status=500, body="<p>noise</p><p data-notice>It broke.</p>", content_type="text/html")
    elif path == "/pop-up/":
        route.fulfill(
            body="<dialog data-show><h2>Edit</h2><button data-close>Close</button></dialog>", content_type="text/html"
        )
    else:
        route.fulfill(
            body=rendered(path.strip("/")),
            content_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": "default-src 'self'"},
        )


@pytest.fixture
def open_page(browser):
    """Opens a page of the gallery. Whatever the console complains about fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    context.route(f"{ADDRESS}/**", answer)
    page = context.new_page()
    wrong = complaints_of(page)

    def open_page(name: str) -> Page:
        page.goto(f"{ADDRESS}/{name}/")
        page.evaluate("document.fonts.ready.then(() => null)")
        return page

    yield open_page
    context.close()
    assert [text for text in wrong if "status of 500" not in text and "Response Status" not in text] == []


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page, name):
    page = open_page(name)
    assert findings_everywhere(page) == {}
    assert sideways(page, widths=(1280, 1024, 960, 760, 390, 320)) == {}


@pytest.mark.browser
@pytest.mark.parametrize(("name", "least"), [("gallery_till", 48), ("gallery_customers", 44), ("gallery_parts", 44)])
def test_targets_are_big_enough(open_page, name, least):
    page = open_page(name)
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        small = page.evaluate(
            """least => [...document.querySelectorAll("button, .button, .chip, .input, select, summary")]
                .filter(element => element.checkVisibility() && !element.matches(".link, .banner *"))
                .map(element => [element.textContent.trim(), element.getBoundingClientRect()])
                .filter(([, box]) => box.height < least - 0.5 || box.width < 44)
                .map(([text, box]) => `${text} ${box.width} x ${box.height}`)""",
            least,
        )
        assert small == []


@pytest.mark.browser
def test_main_button_keeps_its_place(open_page):
    """Whatever is in the basket, Check out is where it was, whole, and without scrolling."""
    page = open_page("gallery_till")
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("scrollTo(0, 0)")
        button = page.get_by_role("button", name="Check out", exact=False).last
        full = button.bounding_box()
        page.evaluate("document.querySelectorAll('.today-line').forEach(line => line.hidden = true)")
        assert button.bounding_box() == full
        assert full["height"] >= 60
        assert full["y"] + full["height"] <= height
        page.evaluate("document.querySelectorAll('.today-line').forEach(line => line.hidden = false)")


@pytest.mark.browser
def test_bubble_shows_on_focus_and_goes_with_escape(open_page):
    page = open_page("gallery_till")
    status = page.get_by_role("button", name="Text: mobile on file, not opted in.")
    bubble = status.locator(".bubble")
    expect(bubble).to_be_hidden()
    page.keyboard.press("Tab")
    status.focus()
    expect(bubble).to_be_visible()
    page.keyboard.press("Escape")
    expect(bubble).to_be_hidden()


@pytest.mark.browser
def test_dialog_opens_closes_and_gives_the_focus_back(open_page):
    page = open_page("gallery_programs")
    page.get_by_role("button", name="Enroll").click()
    dialog = page.get_by_role("dialog", name="Enroll Northpaw Dry Dog")
    expect(dialog).to_be_visible()
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Enroll")).to_be_focused()


@pytest.mark.browser
def test_dialog_from_the_server_opens_and_leaves(open_page):
    page = open_page("gallery_home")
    page.evaluate("htmx.ajax('GET', '/pop-up/', '#dialogs')")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    dialog.get_by_role("button", name="Close").click()
    page.locator("dialog").wait_for(state="detached")  # gone from the page, not only closed


@pytest.mark.browser
def test_failed_request_is_told_and_takes_nothing_away(open_page):
    page = open_page("gallery_home")
    page.evaluate("htmx.ajax('GET', '/broken/', '.tiles').catch(() => null)")
    expect(page.locator("#notices")).to_have_text("It broke.", use_inner_text=True)
    expect(page.locator(".tiles").first).not_to_be_empty()


@pytest.mark.browser
def test_going_offline_is_told(open_page):
    page = open_page("gallery_home")
    expect(page.get_by_text("Online", exact=True)).to_be_visible()
    page.context.set_offline(True)
    page.locator(".bar").get_by_text("No connection.").wait_for()
    expect(page.get_by_text("Online", exact=True)).to_be_hidden()
    page.context.set_offline(False)
    page.get_by_text("Online", exact=True).wait_for()


def stop_the_clock(page: Page) -> None:
    """The page's time stands still until `run_for`, however slow the machine is."""
    page.clock.install(time=0)
    page.clock.pause_at(1_000)


def press(page: Page, keys: str, *, pause: int) -> None:
    """Types with so many milliseconds between the keys, and after the last."""
    for key in keys:
        page.keyboard.press(key)
        page.clock.run_for(pause)


@pytest.mark.browser
def test_control_k_goes_to_the_search(open_page):
    page = open_page("gallery_customers")
    page.keyboard.press("Control+k")
    expect(page.locator("#q")).to_be_focused()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "keys", "pause", "goes"),
    [
        ("gallery_customers", "gp", 200, True),
        ("gallery_customers", "ggp", 200, True),
        ("gallery_customers", "gp", 30, False),
        ("gallery_customers", "4gpr7", 30, False),
        ("gallery_customers", "gap", 200, False),
        ("gallery_customers", "gp", 2_000, False),
        ("gallery_till", "gp", 200, False),
    ],
)
def test_letters_go_places_in_the_office_but_scans_and_tills_stay(open_page, name, keys, pause, goes):
    page = open_page(name)
    stop_the_clock(page)
    page.evaluate(
        "() => { document.querySelector('[data-go=p]').onclick = event => { event.preventDefault(); window.went = 1 } }"
    )
    press(page, keys, pause=pause)
    page.clock.run_for(500)
    assert page.evaluate("window.went === 1") is goes


@pytest.mark.browser
def test_letters_in_a_field_are_text(open_page):
    page = open_page("gallery_customers")
    stop_the_clock(page)
    page.locator("#q").focus()
    press(page, "gp", pause=200)
    assert page.locator("#q").input_value() == "gp"
    assert page.url.endswith("/gallery_customers/")


@pytest.mark.browser
def test_toast_leaves_by_itself_but_not_under_the_pointer(open_page):
    page = open_page("gallery_home")
    stop_the_clock(page)
    page.evaluate(
        "document.getElementById('toasts').innerHTML = '<div class=toast data-toast><span>Saved.</span></div>'"
    )
    toast = page.get_by_text("Saved.")
    toast.hover()
    page.clock.run_for(30_000)
    assert toast.is_visible()
    page.mouse.move(5, 5)
    page.clock.run_for(9_000)
    assert toast.is_visible()
    page.clock.run_for(2_000)
    expect(toast).to_have_count(0)


def printed_pages(page: Page) -> list[tuple[int, int]]:
    """Width and height of each page that comes out of the printer, in millimetres."""
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True, format="Letter"))
    return [(round(float(width) / 72 * 25.4), round(float(height) / 72 * 25.4)) for width, height in boxes]


@pytest.mark.browser
def test_receipt_is_one_strip_of_the_roll_in_black(open_page):
    page = open_page("gallery_paper")
    page.evaluate("document.querySelector('.labels').remove()")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator(".receipt").bounding_box()["width"] <= 72 * 96 / 25.4 + 1
    assert page.evaluate("getComputedStyle(document.querySelector('.receipt')).color") == "rgb(0, 0, 0)"
    expect(page.locator(".bar")).to_be_hidden()
    assert printed_pages(page) == [(80, 297)]


@pytest.mark.browser
def test_thirty_labels_are_one_sheet(open_page):
    page = open_page("gallery_paper")
    page.evaluate("document.querySelector('.receipt').remove()")
    page.emulate_media(media="print")
    boxes = page.evaluate("[...document.querySelectorAll('.label-cell')].map(cell => cell.getBoundingClientRect().top)")
    assert (len(boxes), len(set(boxes))) == (30, 10)
    assert printed_pages(page) == [(216, 279)]


@pytest.mark.parametrize(
    ("need", "columns"), [(1, 2), (6, 7), (7, 4), (8, 5), (10, 6), (12, 7), (13, 7), (19, 10), (24, 9)]
)
def test_punch_grid_is_one_row_up_to_seven_and_then_even(need, columns):
    assert punch_grid(need, 0) == PunchGrid(cells=("",) * need, columns=columns, is_full=False, to_go=need)


def test_punch_grid_rings_what_was_made_today():
    assert punch_grid(4, 3, 1).cells == ("is-filled", "is-filled", "is-filled is-today", "")
    assert punch_grid(3, 3, 5).cells == ("is-filled is-today",) * 3
    assert punch_grid(3, 9).is_full


def test_every_layout_of_a_card_has_its_class():
    sheet = (Path(__file__).parents[2] / "astro/kit/static/kit/app.css").read_text(encoding="utf-8")
    wanted = {f".cols-{punch_grid(need, 0).columns} " for need in range(1, 101)}
    assert {name for name in wanted if name not in sheet} == set()


def test_card_says_in_words_what_its_cells_show():
    """A line breaks between the numbers, never inside one."""
    card = engines["django"].from_string('{% include "kit/components/punch_words.html" %}')
    part = '<span class="nowrap">{}</span>'.format
    to_go = part('3 to go<span class="comma">,</span>')
    assert card.render({"need": 8, "filled": 5, "today": 2}).strip() == (
        f'<p>{part("5 of 8,")} {to_go} <small class="nowrap">2 today</small></p>'
    )
    assert card.render({"need": 8, "filled": 5}).strip() == f"<p>{part('5 of 8,')} {part('3 to go')}</p>"
    assert card.render({"need": 12, "filled": 12}).strip() == f"<p>{part('12 of 12')}</p>"


def test_what_people_read():
    assert money(6499) == "$64.99"
    assert money(None) == ""
    assert phone("+14065550142") == "(406) 555-0142"
    assert gtin("00012345678905") == "0 12345 67890 5"


def test_text_of_others_is_escaped():
    page = engines["django"].from_string('{% include "kit/components/notice.html" with text=text %}{% icon name %}')
    html = page.render({"text": "<script>1</script>", "name": '"><b>'})
    assert "<script>" not in html
    assert "<b>" not in html


def test_refusal_to_htmx_goes_to_the_notices():
    request = RequestFactory().post("/cards/", headers={"HX-Request": "true"})
    refused = refusal_response(request, DomainError("This card is full.", status=409))
    assert refused.status_code == 409
    assert (refused["HX-Retarget"], refused["HX-Reswap"]) == ("#notices", "innerHTML")
    assert "This card is full." in refused.text
    assert "<html" not in refused.text


def test_refusal_to_a_browser_is_a_page():
    refused = refusal_response(RequestFactory().post("/cards/"), DomainError("This card is full."))
    assert refused.status_code == 422
    assert "<html" in refused.text
    assert "This card is full." in refused.text


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "409", "500", "503"])
def test_error_pages_need_no_context(name):
    html = engines["django"].get_template(f"{name}.html").render()
    assert "data-notice" in html
    assert 'href="/"' in html
