import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.translation import gettext_lazy

from astro.kit.errors import DomainError, Refusals

SENTENCE = "This card is full. Redeem it <first>."


class CardIsFull(DomainError):
    """A refusal of some module."""


def refused(*, error=None, **request):
    made = RequestFactory().post("/cards/", **request)
    return Refusals(lambda request: HttpResponse()).process_exception(made, error or CardIsFull(SENTENCE, field="card"))


def test_a_refusal_carries_its_sentence_status_and_field():
    error = CardIsFull(gettext_lazy("Not now."), status=409, field="card")
    assert (str(error), error.status, error.as_json()) == ("Not now.", 409, {"message": "Not now.", "field": "card"})
    assert (DomainError("x").status, DomainError("x").field) == (422, None)


@pytest.mark.parametrize("request_kind", [{"content_type": "application/json"}, {"HTTP_ACCEPT": "application/json"}])
def test_a_program_is_answered_in_json(request_kind):
    response = refused(**request_kind)
    assert (response.status_code, response["Content-Type"]) == (422, "application/json")
    assert json.loads(response.content) == {"error": {"message": SENTENCE, "field": "card"}}


@pytest.mark.django_db
def test_a_person_is_answered_with_a_page():
    response = refused(HTTP_ACCEPT="text/html,*/*;q=0.8", error=CardIsFull(SENTENCE, status=409))
    page = response.content.decode()
    assert (response.status_code, "<html" in page) == (409, True)
    assert "This card is full. Redeem it &lt;first&gt;." in page


def test_htmx_is_answered_with_a_fragment():
    response = refused(HTTP_HX_REQUEST="true", HTTP_ACCEPT="*/*")
    fragment = response.content.decode()
    assert (response.status_code, "<html" in fragment) == (422, False)
    assert "This card is full. Redeem it &lt;first&gt;." in fragment


def test_other_errors_pass():
    assert refused(error=ValueError("x")) is None
    assert Refusals(lambda request: HttpResponse("ok"))(RequestFactory().get("/")).content == b"ok"
