"""Putting a flagged answer right by keyboard: a real browser."""

import pytest
from playwright.sync_api import expect

from astro.checkout.fields.judging import Asking
from astro.checkout.models import FieldKind
from tests import cast
from tests.browser import page_of
from tests.cast import inside
from tests.checkout.fields.asking import answered, check_out, make_field
from tests.checkout.test_actions import a_body, a_line
from tests.kit.axe import findings_everywhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_fields_to_the_right_answer(browser, live_server, owner, huxley, midtown):
    lane = make_field(midtown, "Register", kind=FieldKind.CHOICE, options=("One", "Two"))
    with inside(huxley):
        sally = cast.make_customer(at=midtown, first_name="Sally", last_name="Pet")
    body = {**a_body(a_line(cast.make_product(name="Bag"))), "answers": answered((lane, "Three"))}
    check_out(sally, body, at=midtown, asking=Asking.OF_NOBODY)
    with page_of(browser, live_server, owner) as page:
        page.goto("/checkout/fields/")
        page.get_by_role("link", name="Answers to look at (1)").press("Enter")
        assert findings_everywhere(page) == {}
        page.get_by_label("Search by customer, question or answer").fill("nobody")
        expect(page.get_by_text("No answer is like that.")).to_be_visible()
        page.get_by_label("Search by customer, question or answer").fill("sally")
        page.get_by_role("link", name="Register").press("Enter")
        assert findings_everywhere(page) == {}
        page.get_by_label("The right answer").select_option("Two")
        page.get_by_role("button", name="Put it right").press("Enter")
        expect(page.get_by_text("Put right. What came stays beside it.")).to_be_visible()
        expect(page.get_by_text("Every answer fits its question.")).to_be_visible()
        assert findings_everywhere(page) == {}
        page.get_by_label("Which ones").select_option("right")
        expect(page.get_by_role("row", name="Register")).to_contain_text("Two")
        assert findings_everywhere(page) == {}
