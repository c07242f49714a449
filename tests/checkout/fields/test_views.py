"""The administrators' screen: what is asked, added, changed, moved, switched off and on; and what it says no to."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from astro.checkout.fields.actions import MOST_FIELDS
from astro.checkout.models import CheckoutField, FieldKind, FieldPlace
from tests import cast
from tests.cast import inside, signed_in
from tests.checkout.fields.asking import answered, check_out, make_field
from tests.checkout.test_actions import a_body, a_line

pytestmark = pytest.mark.django_db
LIST, NEW = "/checkout/fields/", "/checkout/fields/new/"


@pytest.fixture
def office(client, owner):
    return signed_in(client, owner)


def typed(**told):
    return {
        "label": "Employee initials", "asked": ["visit"], "kind": "text", "longest": "3", "lowest": "", "highest": "",
        "options": "", "where": "everywhere", **told,
    }  # fmt: skip


def labels(response):
    return re.findall(r"<bdi>([^<]*)</bdi>", response.content.decode())


def test_nothing_is_asked_yet(office):
    page = office.get(LIST).content.decode()
    assert "The till asks nothing besides yet." in page
    assert f'href="{NEW}"' in page


def test_a_field_is_added_and_listed(office, midtown, riverside):
    done = office.post(NEW, typed(is_required="on", where="chosen", places=[str(midtown.pk)]), follow=True)
    assert "The tills ask for “Employee initials” from now on." in done.content.decode()
    page = office.get(LIST).content.decode()
    assert labels(office.get(LIST)) == ["Employee initials"]
    assert "<strong>required</strong>" in page
    with inside(midtown.retailer):
        row = CheckoutField.objects.get()
        assert (row.longest, row.is_required, row.for_visits, row.for_redemptions) == (3, True, True, False)
        assert FieldPlace.objects.get().location_id == midtown.pk


@pytest.mark.parametrize(
    ("told", "values"),
    [
        ({"kind": "number", "lowest": "0.5", "highest": "12"}, ("number", Decimal("0.5"), Decimal(12), [], 200)),
        ({"kind": "choice", "options": " Friend \n\nRadio\r\n"}, ("choice", None, None, ["Friend", "Radio"], 200)),
        (
            {"kind": "choice", "options": "A\nB", "longest": "many", "lowest": "x"},
            ("choice", None, None, ["A", "B"], 200),
        ),
        ({"longest": ""}, ("text", None, None, [], 200)),
        ({"asked": ["visit", "redemption"], "lowest": "7", "options": "A"}, ("text", None, None, [], 3)),
    ],
)
def test_kinds(office, midtown, told, values):
    assert office.post(NEW, typed(**told)).status_code == 302
    with inside(midtown.retailer):
        row = CheckoutField.objects.get()
        assert (row.kind, row.lowest, row.highest, row.options, row.longest) == values
        assert row.for_redemptions == ("redemption" in told.get("asked", []))


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"label": ""}, "Type what the till asks."),
        ({"label": "   "}, "Type what the till asks."),
        ({"label": "x" * 61}, "Up to 60 letters fit"),
        ({"label": "RECEIPT number"}, "Another field asks that already."),
        ({"asked": []}, "Choose when it is asked"),
        ({"asked": ["never"]}, "Choose one of these."),
        ({"kind": ""}, "Choose the kind of answer."),
        ({"kind": "colour"}, "Choose one of these."),
        ({"longest": "0"}, "Type a whole number from 1 to 200."),
        ({"longest": "201"}, "Type a whole number from 1 to 200."),
        ({"longest": "three"}, "Type a whole number from 1 to 200."),
        ({"kind": "number", "lowest": "few"}, "Type a number, like 12 or 12.5."),
        ({"kind": "number", "lowest": "9", "highest": "2"}, "smaller than the smallest one"),
        ({"kind": "choice", "options": "Only one"}, "Type 2 to 12 answers, one a line."),
        ({"kind": "choice", "options": "\n".join(map(str, range(13)))}, "Type 2 to 12 answers, one a line."),
        ({"kind": "choice", "options": "Yes\nyes"}, "Two of the answers are the same."),
        ({"kind": "choice", "options": "Yes\n" + "n" * 61}, "An answer holds up to 60 letters."),
        ({"where": "chosen"}, "Choose at least one location"),
        ({"where": "chosen", "places": ["9"]}, "Choose one of these."),
        ({"where": ""}, "Choose where it is asked."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_added(office, midtown, told, sentence):
    make_field(midtown, "Receipt Number")
    refused = office.post(NEW, typed(**told))
    page = refused.content.decode()
    assert (refused.status_code, sentence in page) == (422, True)
    assert "<title>Error:" in page.replace("\n", "")
    with inside(midtown.retailer):
        assert CheckoutField.objects.count() == 1


def test_a_store_of_one_place_is_not_asked_where(client, otherpaws, elsewhere):
    boss = cast.make_user(name="Bo Boss", email="bo@otherpaws.example")
    cast.make_membership(boss, role="master", retailer=otherpaws)
    signed_in(client, boss)
    assert "Where is it asked?" not in client.get(NEW).content.decode()
    told = typed()
    del told["where"]
    assert client.post(NEW, told).status_code == 302


def test_another_store_s_places_cannot_be_chosen(office, midtown, elsewhere):
    assert office.post(NEW, typed(where="chosen", places=[str(elsewhere.pk)])).status_code == 422


def test_a_field_is_changed(office, midtown):
    field = make_field(midtown, "Initials", longest=3)
    page = office.get(reverse("checkout:field", args=[field.pk])).content.decode()
    assert 'value="Initials"' in page
    assert 'value="3"' in page
    assert "This field has answers" not in page
    told = typed(label="Initials", kind="number", highest="9")
    done = office.post(reverse("checkout:field", args=[field.pk]), told, follow=True)
    assert "Answers keep what the field was called on their day." in done.content.decode()
    with inside(midtown.retailer):
        row = CheckoutField.objects.get()
        assert (row.label, row.kind, row.highest) == ("Initials", FieldKind.NUMBER, Decimal(9))


def test_once_answered_its_kind_and_occasion_are_shown_and_stay(office, midtown):
    field = make_field(midtown, "Initials")
    with inside(midtown.retailer):
        sally = cast.make_customer(at=midtown)
    check_out(sally, {**a_body(a_line(cast.make_product())), "answers": answered((field, "JB"))}, at=midtown)
    address = reverse("checkout:field", args=[field.pk])
    page = office.get(address).content.decode()
    assert "This field has answers" in page
    assert len(re.findall(r"<input[^>]* disabled", page)) == 5  # two occasions, three kinds
    assert office.post(address, typed(label="Who", kind="number", asked=["redemption"])).status_code == 302
    with inside(midtown.retailer):
        row = CheckoutField.objects.get()
        assert (row.label, row.kind, row.for_visits, row.for_redemptions) == ("Who", FieldKind.TEXT, True, False)


def test_fields_are_moved_and_the_button_keeps_the_focus(office, midtown):
    fields = [make_field(midtown, name) for name in ("One", "Two", "Three")]
    moves = reverse("checkout:field_moves", args=[fields[2].pk])
    done = office.post(moves, {"way": "up"}, follow=True)
    assert labels(done) == ["One", "Three", "Two"]
    assert done.redirect_chain[-1][0] == f"{LIST}?moved={fields[2].pk}&way=up"
    assert re.findall(r"autofocus>.*?<span[^>]*>([^<]*)", done.content.decode()) == ["Ask Three earlier"]
    done = office.post(moves, {"way": "up"}, follow=True)
    assert labels(done) == ["Three", "One", "Two"]
    assert re.findall(r"autofocus>.*?<span[^>]*>([^<]*)", done.content.decode()) == ["Ask Three later"]  # at the top
    assert labels(office.post(moves, {"way": "down"}, follow=True)) == ["One", "Three", "Two"]
    office.get(f"{LIST}?moved=no-number&way=sideways")


def test_switched_off_and_on_again(office, midtown):
    field = make_field(midtown, "Initials")
    switches = reverse("checkout:field_switches", args=[field.pk])
    page = office.post(switches, {"to": "off"}, follow=True).content.decode()
    assert "“Initials” is asked no more." in page
    assert "Fields that are switched off" in page
    page = office.post(switches, {"to": "on"}, follow=True).content.decode()
    assert "The tills ask for “Initials” again." in page
    assert "Fields that are switched off" not in page


def test_no_more_than_a_till_can_ask(office, midtown):
    for number in range(MOST_FIELDS):
        make_field(midtown, f"Field {number}")
    refused = office.post(NEW, typed())
    assert (refused.status_code, "Switch one off first." in refused.content.decode()) == (422, True)


def test_what_is_typed_is_shown_as_typed(office, midtown):
    make_field(midtown, "<b>Bold</b>", kind=FieldKind.CHOICE, options=("<i>", "&amp;"))
    page = office.get(LIST).content.decode()
    assert "<b>Bold</b>" not in page
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "&lt;i&gt;, &amp;amp;" in page
