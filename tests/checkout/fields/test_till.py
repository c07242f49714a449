"""What a till gets over HTTP: fields with its catalogue, and a refusal that names the field."""

import json

import pytest
from django.urls import reverse

from astro.checkout.fields.actions import FieldTerms, change_field, move_field, switch_off
from astro.checkout.models import FieldKind, Visit
from astro.kit.clock import utc_now
from astro.kit.ids import id_text
from tests import cast
from tests.cast import NOW, inside, signed_in
from tests.checkout.fields.asking import answered, make_field, rows_in
from tests.checkout.test_actions import a_body, a_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def till(client, cashier):
    return signed_in(client, cashier)


def catalogue(till, etag=None):
    headers = {"If-None-Match": etag} if etag else {}
    return till.get(reverse("checkout:catalogue"), headers=headers)


def test_the_catalogue_is_another_one_when_the_till_asks_something_else(till, midtown, owner):
    how = {"by": owner, "at": midtown, "now": NOW}
    assert catalogue(till).json()["fields"] == []
    etags = [catalogue(till)["ETag"]]

    def look():
        answer = catalogue(till, etags[-1])
        assert answer.status_code == 200
        etags.append(answer["ETag"])
        assert catalogue(till, etags[-1]).status_code == 304
        return [field["label"] for field in answer.json()["fields"]]

    one = make_field(midtown, "One")
    assert look() == ["One"]
    two = make_field(midtown, "Two")
    assert look() == ["One", "Two"]
    with inside(midtown.retailer):
        move_field(two, "up", **how)
    assert look() == ["Two", "One"]
    with inside(midtown.retailer):
        change_field(one, FieldTerms(label="First", kind=FieldKind.TEXT), **how)
    assert look() == ["Two", "First"]
    with inside(midtown.retailer):
        switch_off(two, **how)
    assert look() == ["First"]
    assert len(set(etags)) == len(etags)


def test_another_location_has_fields_of_its_own(till, midtown, riverside):
    make_field(midtown, "Riverside", places=frozenset({riverside.pk}))
    assert catalogue(till).json()["fields"] == []


def test_a_missing_answer_is_refused_with_its_field_and_taken_once_it_is_there(till, huxley, midtown):
    initials = make_field(midtown, "Initials", is_required=True)
    bag = cast.make_product()
    with inside(huxley):
        sally = cast.make_customer(at=midtown)
    address, body = reverse("checkout:visits", args=[sally.pk]), a_body(a_line(bag), at=utc_now())

    def send(**more):
        return till.post(address, json.dumps({**body, **more}), content_type="application/json")

    refused = send()
    told = {"message": "Initials: type an answer, then go on.", "field": f"answer-{id_text(initials.pk)}"}
    assert (refused.status_code, refused.json()["error"]) == (422, told)
    with inside(huxley):
        assert Visit.objects.count() == 0
    assert send(answers=answered((initials, "JB"))).status_code == 200
    assert send(answers=answered((initials, "JB"))).status_code == 200
    assert rows_in(midtown) == [("Initials", "JB", "", "visit")]
