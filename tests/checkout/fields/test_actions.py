"""What an administrator settles: what is asked, where, in which order, and what stays as it is once it was answered."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from astro.activity.models import Event
from astro.checkout.fields.actions import (
    MOST_FIELDS,
    FieldTerms,
    FixedByAnswers,
    TooManyFields,
    add_field,
    change_field,
    move_field,
    switch_off,
    switch_on,
)
from astro.checkout.fields.queries import fields_asked, fields_for_catalogue
from astro.checkout.models import AskedFor, CheckoutField, FieldKind, FieldPlace
from astro.tenancy.current import OtherRetailer
from tests import cast
from tests.cast import NOW, inside
from tests.checkout.fields.asking import answered, check_out, make_field
from tests.checkout.test_actions import a_body, a_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def how(midtown, owner):
    return {"by": owner, "at": midtown, "now": NOW}


def labels(place, asked_for=AskedFor.VISIT):
    with inside(place.retailer):
        return [field.label for field in fields_asked(place, asked_for)]


def events(place):
    with inside(place.retailer):
        rows = Event.objects.filter(name__startswith="checkout field").order_by("id")
        return [(row.name, row.facts) for row in rows]


def test_fields_are_asked_in_their_order_where_and_when_they_belong(huxley, midtown, riverside):
    make_field(midtown, "Everywhere")
    make_field(midtown, "Riverside", places=frozenset({riverside.pk}))
    make_field(midtown, "Both", places=frozenset({riverside.pk, midtown.pk}), for_redemptions=True)
    make_field(midtown, "Redeem", for_visits=False, for_redemptions=True)
    assert labels(midtown) == ["Everywhere", "Both"]
    assert labels(riverside) == ["Everywhere", "Riverside", "Both"]
    assert labels(midtown, AskedFor.REDEMPTION) == ["Both", "Redeem"]


def test_what_the_till_is_told(huxley, midtown):
    make_field(midtown, "Initials", longest=3, is_required=True)
    make_field(midtown, "Weight", kind=FieldKind.NUMBER, lowest=Decimal("0.500"), for_redemptions=True)
    make_field(midtown, "Found", kind=FieldKind.CHOICE, options=("Friend", "Radio"))
    with inside(huxley):
        told = [{name: value for name, value in one.items() if name != "id"} for one in fields_for_catalogue(midtown)]
    assert told == [
        {"label": "Initials", "kind": "text", "required": True, "longest": 3, "for": ["visit"]},
        {"label": "Weight", "kind": "number", "lowest": "0.5", "for": ["visit", "redemption"]},
        {"label": "Found", "kind": "choice", "options": ["Friend", "Radio"], "for": ["visit"]},
    ]


def test_moving(midtown, how):
    one, two, three = (make_field(midtown, name) for name in ("One", "Two", "Three"))
    with inside(midtown.retailer):
        switch_off(two, **how)
        move_field(three, "up", **how)  # past the one that is switched off
        assert labels(midtown) == ["Three", "One"]
        move_field(three, "up", **how)
        move_field(one, "down", **how)
        move_field(two, "up", **how)
        assert labels(midtown) == ["Three", "One"]
        switch_on(two, **how)
        assert labels(midtown) == ["Three", "Two", "One"]
    assert [name for name, _facts in events(midtown)][3:] == [
        "checkout field switched off",
        "checkout field moved",
        "checkout field switched on",
    ]


def test_switching_twice_is_written_once(midtown, how):
    field = make_field(midtown)
    with inside(midtown.retailer):
        for act in (switch_off, switch_off, switch_on, switch_on):
            act(field, **how)
    told = ["checkout field added", "checkout field switched off", "checkout field switched on"]
    assert [name for name, _facts in events(midtown)] == told


def test_kind_and_occasion_stay_once_somebody_answered(midtown, riverside, how):
    field = make_field(midtown)
    terms = FieldTerms(label="Number", kind=FieldKind.NUMBER, for_redemptions=True, highest=Decimal(9))
    with inside(midtown.retailer):
        change_field(field, terms, **how)
        sally = cast.make_customer(at=midtown)
    check_out(sally, {**a_body(a_line(cast.make_product())), "answers": answered((field, "7"))}, at=midtown)
    with inside(midtown.retailer):
        for other in ({"kind": FieldKind.TEXT}, {"for_visits": False}, {"for_redemptions": False}):
            with pytest.raises(FixedByAnswers):
                change_field(field, replace(terms, **other), **how)
        told = replace(terms, label="How many", highest=None, places=frozenset({riverside.pk}), is_required=True)
        change_field(field, told, **how)
        change_field(field, told, **how)
        row = CheckoutField.objects.get()
        assert (row.label, row.highest, row.is_everywhere, row.is_required) == ("How many", None, False, True)
        assert FieldPlace.objects.get().location_id == riverside.pk
        change_field(field, replace(told, places=None), **how)
        assert FieldPlace.objects.count() == 0
    fields = [facts["fields"] for name, facts in events(midtown) if name == "checkout field changed"]
    assert fields == [
        ["label", "kind", "for_redemptions", "highest"],
        ["label", "is_required", "is_everywhere", "highest"],
        ["is_everywhere"],
    ]


def test_only_so_many_are_asked(midtown, how):
    fields = [make_field(midtown, f"Field {number}") for number in range(MOST_FIELDS)]
    with inside(midtown.retailer):
        with pytest.raises(TooManyFields):
            make_field(midtown, "One too many")
        switch_off(fields[0], **how)
        make_field(midtown, "In its place")
        with pytest.raises(TooManyFields):
            switch_on(fields[0], **how)
        assert len(labels(midtown)) == MOST_FIELDS


def test_what_belongs_to_another_kind_is_left_out(midtown, how):
    terms = FieldTerms(label="X", kind=FieldKind.TEXT, options=("A",), lowest=Decimal(1), highest=Decimal(2), longest=9)
    with inside(midtown.retailer):
        row = add_field(terms, **how)
        assert (row.options, row.lowest, row.highest, row.longest) == ([], None, None, 9)


def test_a_field_is_asked_somewhere_and_only_at_own_locations(midtown, elsewhere, how):
    with inside(midtown.retailer):
        with pytest.raises(IntegrityError), transaction.atomic():
            add_field(FieldTerms(label="X", kind=FieldKind.TEXT, for_visits=False), **how)
        with pytest.raises((IntegrityError, OtherRetailer)), transaction.atomic():
            add_field(FieldTerms(label="X", kind=FieldKind.TEXT, places=frozenset({elsewhere.pk})), **how)
        assert CheckoutField.objects.count() == 0


def test_fields_of_another_store_are_not_asked(midtown, elsewhere):
    make_field(elsewhere, "Theirs", is_required=True)
    assert labels(midtown) == []
