"""The pages of merging, splitting, a person's data and erasing, as an administrator goes through them."""

from __future__ import annotations

import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from astro.customers.actions import give_code, write_note
from astro.customers.doubles import look_for_doubles
from astro.customers.models import Customer, LikelyDouble, Merge
from tests.cast import NOW, inside, make_customer, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, owner):
    return signed_in(client, owner)


@pytest.fixture
def pair(midtown):
    with inside(midtown.retailer):
        kept = make_customer(at=midtown, first_name="Betty", last_name="Smith", phone="406 555 0142")
        gone = make_customer(at=midtown, first_name="Betty", last_name="Smith", email="betty@example.com")
        look_for_doubles(today=NOW.date())
    return kept, gone


def words(answer):
    return answer.content.decode()


def test_a_likely_double_is_merged_after_a_look_and_split_again(office, midtown, pair):
    kept, gone = pair
    listed = words(office.get(reverse("customers:doubles")))
    assert "Very similar name" in listed
    asked = f"{reverse('customers:merge')}?kept={kept.pk}&amp;gone={gone.pk}"
    assert asked in listed
    looked = words(office.get(asked.replace("&amp;", "&")))
    assert "<strong" not in looked  # nothing in the result that neither had
    assert looked.count("betty@example.com") == 2
    with inside(midtown.retailer):
        assert not Merge.objects.exists()
    done = office.post(reverse("customers:merge"), {"kept": kept.pk, "gone": gone.pk}, follow=True)
    assert "Two people after all?" in words(done)
    assert "No two accounts look like" in words(office.get(reverse("customers:doubles")))
    with inside(midtown.retailer):
        merge = Merge.objects.get()
    again = office.post(reverse("customers:split", args=[merge.pk]), follow=True)
    assert "These are two accounts." in words(again)
    assert office.post(reverse("customers:split", args=[merge.pk])).status_code == 409
    with inside(midtown.retailer):
        assert Customer.objects.filter(retired_at=None).count() == 2


def test_two_accounts_are_chosen_by_hand_and_either_may_be_the_primary(office, midtown):
    with inside(midtown.retailer):
        ann = make_customer(at=midtown, first_name="Ann", last_name="Lopez")
        joe = make_customer(at=midtown, first_name="Joe", last_name="Garrity")
    page = reverse("customers:doubles")
    assert f"{page}?with={ann.pk}" in words(office.get(page, {"q": "lopez"}))
    assert f"{page}?with={ann.pk}&amp;with={joe.pk}" in words(office.get(page, {"q": "garr", "with": ann.pk}))
    assert "Nobody else matches" in words(office.get(page, {"q": "lopez", "with": ann.pk}))
    queued = words(office.get(page, {"with": [ann.pk, joe.pk]}))
    assert "Combine Customers" in queued
    asked = {"with": [ann.pk, joe.pk], "order": "2"}
    looked = words(office.get(reverse("customers:merge"), asked))
    assert f'name="kept" value="{joe.pk}"' in looked
    assert f'name="gone" value="{ann.pk}"' in looked


@pytest.mark.parametrize(
    "asked", ["?kept=1&gone=2", "?kept=x&gone=", "?with=1&with=99999999999999999999", "?kept=\u0663"]
)
def test_a_merge_of_nobody_is_not_found(office, midtown, asked):
    assert office.get(reverse("customers:merge") + asked).status_code == 404


def test_the_same_one_twice_is_refused_with_a_sentence(office, pair):
    kept, _gone = pair
    both = {"kept": kept.pk, "gone": kept.pk}
    for answer in (office.get(reverse("customers:merge"), both), office.post(reverse("customers:merge"), both)):
        assert answer.status_code == 422
        assert "This is one account." in words(answer)


def test_two_people_leave_the_list(office, midtown, pair):
    with inside(midtown.retailer):
        double = LikelyDouble.objects.get()
    office.post(reverse("customers:two_people", args=[double.pk]))
    assert "No two accounts look like" in words(office.get(reverse("customers:doubles")))


def test_the_till_and_look_up_lead_from_the_old_number_and_code_to_the_kept_one(office, midtown, pair):
    kept, gone = pair
    with inside(midtown.retailer):
        code = give_code(gone, now=NOW)
    office.post(reverse("customers:merge"), {"kept": kept.pk, "gone": gone.pk})
    there = reverse("checkout:till", args=[kept.pk])
    assert office.get(reverse("checkout:till", args=[gone.pk])).headers["Location"] == there
    for asked in ({"code": code.code}, {"q": code.code}, {"q": str(gone.pk)}):
        assert office.get(reverse("checkout:look_up"), asked).headers["Location"] == there, asked


def test_a_persons_data_is_a_page_and_two_files(office, midtown, owner, pair):
    kept, gone = pair
    with inside(midtown.retailer):
        write_note(kept, "=HYPERLINK(1)", by=owner, at=midtown, now=NOW)
    office.post(reverse("customers:merge"), {"kept": kept.pk, "gone": gone.pk})
    url = reverse("customers:told", args=[kept.pk])
    page = words(office.get(url))
    assert "betty@example.com" in page
    assert "(406) 555-0142" in page or "+14065550142" in page
    told = json.loads(office.get(url, {"as": "json"}).content)
    assert told["astro_id"] == str(kept.pk)
    assert [one["Astro ID"] for one in told["sections"]["customer"]] == [str(kept.pk), str(gone.pk)]
    sheet = load_workbook(io.BytesIO(office.get(url, {"as": "xlsx"}).getvalue())).active
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "=HYPERLINK(1)" in cells
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_erasing_asks_first_and_can_be_undone(office, midtown, pair):
    kept, _gone = pair
    url = reverse("customers:erase", args=[kept.pk])
    asked = words(office.get(url))
    assert "Erase in 30 days" in asked
    with inside(midtown.retailer):
        assert Customer.objects.get(pk=kept.pk).erase_on is None
    done = words(office.post(url, follow=True))
    assert "Undo, keep this customer" in done
    assert office.post(url).status_code == 409
    undone = office.post(reverse("customers:undo_erase", args=[kept.pk]), follow=True)
    assert "on your list again, with everything" in words(undone)


def test_the_list_takes_as_many_queries_for_one_pair_as_for_three(office, midtown):
    def count():
        with CaptureQueriesContext(connection) as captured:
            office.get(reverse("customers:doubles"))
        return len(captured)

    def another(name):
        with inside(midtown.retailer):
            for _ in range(2):
                make_customer(at=midtown, first_name=name, last_name="Thornton")
            look_for_doubles(today=NOW.date())

    another("Uma")
    office.get(reverse("customers:doubles"))
    one = count()
    another("Keziah")
    another("Bo")
    assert count() == one
