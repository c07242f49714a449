"""Where answers are seen: on the visit, in history and export, on a kept purchase; and the late form that asks them."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from astro.checkout.fields.actions import FieldTerms, change_field, switch_off
from astro.checkout.models import FieldKind, KeptVisit, Visit
from astro.customers.actions import ask_erasure, erase_due
from astro.kit.clock import utc_now
from astro.kit.ids import new_uuid7 as new_key
from tests import cast
from tests.cast import NOW, inside, signed_in
from tests.checkout.fields.asking import answered, check_out, make_field, rows_in
from tests.checkout.fields.test_answers import Redeeming, bring, kept
from tests.checkout.test_actions import a_body, a_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, owner):
    return signed_in(client, owner)


@pytest.fixture
def answers(midtown, owner):
    """A card that is full by one visit with answers, and redeemed by another; one of them flagged."""
    counter = Redeeming(midtown, owner)
    counter.initials = make_field(midtown, "Initials", for_redemptions=True)
    counter.receipt = make_field(midtown, "Receipt")
    make_field(midtown, "Never answered")
    body = kept(
        {"id": str(counter.customer.pk)},
        a_line(counter.bag),
        answers=answered((counter.initials, "<JB>"), (counter.receipt, "=7+1")),
    )
    with inside(midtown.retailer):
        shorter = FieldTerms(label="Receipt", kind=FieldKind.TEXT, longest=1)
        change_field(counter.receipt, shorter, by=owner, at=midtown, now=NOW)
    bring(body, midtown)
    counter.send((counter.initials, "KC"))
    with inside(midtown.retailer):
        renamed = FieldTerms(label="Who", kind=FieldKind.TEXT, for_redemptions=True)
        change_field(counter.initials, renamed, by=owner, at=midtown, now=NOW)
    return counter


def test_the_visit_tells_them_by_the_name_of_their_day(office, midtown, answers):
    with inside(midtown.retailer):
        visit = Visit.objects.get(key=Visit.objects.order_by("-id").first().key)
        first = Visit.objects.order_by("id").first()
    page = office.get(reverse("checkout:visit", args=[visit.key])).text
    assert "<dt>Initials</dt>" in page
    assert "<bdi>&lt;JB&gt;</bdi>" in page
    assert "Does not fit the question" in page
    assert "Who" not in page.replace("Whole", "")
    redeemed = office.get(reverse("checkout:visit", args=[first.key])).text
    assert 'Initials <small class="second">at redemption</small>' in redeemed
    assert "<bdi>KC</bdi>" in redeemed


def test_the_history_tells_them_beside_each_item(office, answers):
    page = office.get(reverse("checkout:history", args=[answers.customer.pk])).text
    assert "Initials <b><bdi>&lt;JB&gt;</bdi></b>" in page
    assert "Initials <b><bdi>KC</bdi></b>" in page
    assert "Receipt <b><bdi>=7+1</bdi></b>" in page
    assert "Never answered" not in page


def test_the_export_has_a_column_for_each_field_that_was_answered(office, midtown, owner, answers):
    with inside(midtown.retailer):
        switch_off(answers.receipt, by=owner, at=midtown, now=NOW)
    answer = office.get(reverse("checkout:history_export", args=[answers.customer.pk]))
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert list(rows[0])[-2:] == ["Who", "Receipt"]
    told = sorted((row["What"], row["Who"], row["Receipt"]) for row in rows)
    assert told == [
        ("Bought", "", ""),
        ("Bought", "", ""),
        ("Bought", "", ""),
        ("Bought", "<JB>", "'=7+1 (Does not fit the question)"),
        ("Free item", "KC", ""),
    ]


def test_the_day_and_its_export_tell_them(office, midtown, answers):
    day = {"on": f"{midtown.day(NOW)}"}
    page = office.get(reverse("checkout:day"), day).text
    assert "Initials <b><bdi>&lt;JB&gt;</bdi></b>" in page
    answer = office.get(reverse("checkout:day_export"), day)
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert list(rows[0])[-3:] == ["Who", "Who (at redemption)", "Receipt"]
    told = [(row["Bought"], row["Punches"], row["Free items"], row["Who"], row["Who (at redemption)"]) for row in rows]
    assert sorted(told) == [("1 x Adult 30 lb", "1", "0", "<JB>", ""), ("3 x Adult 30 lb", "3", "1", "", "KC")]
    assert office.get(reverse("checkout:day_export"), {**day, "as": "xlsx"}).getvalue()[:2] == b"PK"
    given = office.get(reverse("checkout:day_export"), {**day, "only": "given"}).getvalue().decode("utf-8-sig")
    assert len(given.splitlines()) == 2


def test_a_cashier_saves_no_day(client, cashier, answers):
    signed_in(client, cashier)
    assert client.get(reverse("checkout:day_export")).status_code == 403
    assert "day/export" not in client.get(reverse("checkout:day"), {"on": "2026-11-20"}).text


def test_answers_take_no_more_queries_for_many_than_for_one(office, midtown, answers):
    address = reverse("checkout:history", args=[answers.customer.pk])
    office.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        office.get(address)
    for _ in range(3):
        body = {**a_body(a_line(answers.bag)), "answers": answered((answers.initials, "JB"))}
        check_out(answers.customer, body, at=midtown)
    with CaptureQueriesContext(connection) as many:
        office.get(address)
    assert len(few) == len(many)


def test_what_was_erased_is_shown_nowhere(office, midtown, owner, answers):
    with inside(midtown.retailer):
        key = Visit.objects.order_by("-id").first().key
        asked = ask_erasure(answers.customer, by=owner, at=midtown, now=NOW)
        assert asked
        erase_due(today=midtown.day(NOW) + timedelta(days=31), now=NOW + timedelta(days=31))
    assert {value for _label, value, *_rest in rows_in(midtown)} == {""}
    page = office.get(reverse("checkout:visit", args=[key])).text
    assert "<dt>Initials</dt>" not in page


def test_answers_that_wait_with_a_kept_purchase_are_erased_too(midtown, owner, answers):
    unknown = [{"code": "4006381333931", "quantity": 1}]
    body = kept({"id": str(answers.customer.pk)}, unknown=unknown, answers=answered((answers.initials, "JB")))
    bring(body, midtown)
    with inside(midtown.retailer):
        assert KeptVisit.objects.get().body["answers"] == answered((answers.initials, "JB"))
        ask_erasure(answers.customer, by=owner, at=midtown, now=NOW)
        erase_due(today=midtown.day(NOW) + timedelta(days=31), now=NOW + timedelta(days=31))
        assert "answers" not in KeptVisit.objects.get().body


def test_a_kept_purchase_tells_what_waits_with_it(office, midtown, answers):
    body = kept({"note": "the tall one"}, a_line(answers.bag), answers=answered((answers.initials, "<JB>")))
    bring(body, midtown)
    with inside(midtown.retailer):
        pk = KeptVisit.objects.get().pk
    page = office.get(reverse("checkout:kept_one", args=[pk])).text
    assert '<dt>Who</dt><dd class="kept-words"><bdi>&lt;JB&gt;</bdi></dd>' in page


@pytest.fixture
def late(office, midtown, sally_at_midtown):
    """Posts the late form for a receipt of this morning."""
    bag = cast.make_product()
    moment = utc_now() - timedelta(days=1)

    def post(do, key=None, **told):
        form = {
            "key": str(key or new_key(NOW)), "day": f"{midtown.day(moment)}", "time": "10:00", "why": "forgotten",
            "note": "", "product": str(bag.pk), "quantity": "1", "do": do, **told,
        }  # fmt: skip
        return office.post(reverse("checkout:late_new", args=[sally_at_midtown.pk]), form)

    return post


@pytest.fixture
def sally_at_midtown(huxley, midtown):
    with inside(huxley):
        return cast.make_customer(at=midtown, first_name="Sally")


def test_a_late_entry_asks_and_requires_nothing(late, midtown):
    initials = make_field(midtown, "Initials", is_required=True, longest=3)
    found = make_field(midtown, "How found", kind=FieldKind.CHOICE, options=("Friend", "Radio"))
    make_field(midtown, "At redemption", for_visits=False, for_redemptions=True)
    form = late("edit").text
    assert 'maxlength="3"' in form
    assert "How found" in form
    assert "At redemption" not in form
    names = {"initials": f"answer-{initials.pk}", "found": f"answer-{found.pk}"}
    check = late("check", **{names["initials"]: "JB", names["found"]: "Radio"}).text
    assert "<dt>Initials</dt><dd>JB</dd>" in check
    assert f'name="{names["found"]}" value="Radio"' in check
    assert late("save").status_code == 302
    assert rows_in(midtown) == []
    assert late("save", **{names["initials"]: " J  B ", names["found"]: "Radio"}).status_code == 302
    assert rows_in(midtown) == [("Initials", "J B", "", "visit"), ("How found", "Radio", "", "visit")]


def test_a_late_entry_says_what_does_not_fit(late, midtown):
    weight = make_field(midtown, "Weight", kind=FieldKind.NUMBER, highest=9)
    found = make_field(midtown, "How found", kind=FieldKind.CHOICE, options=("Friend", "Radio"))
    refused = late("save", **{f"answer-{weight.pk}": "10", f"answer-{found.pk}": "Sign"})
    assert refused.status_code == 422
    assert "Weight: type a number of up to 9." in refused.text
    assert "Choose one of these." in refused.text
    assert rows_in(midtown) == []


def test_a_late_entry_sent_twice_counts_once_with_its_answers(late, midtown):
    initials = make_field(midtown, "Initials")
    key = new_key(NOW)
    for _ in range(2):
        assert late("save", key, **{f"answer-{initials.pk}": "JB"}).status_code == 302
    assert rows_in(midtown) == [("Initials", "JB", "", "visit")]
