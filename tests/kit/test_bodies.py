"""A slow sender keeps nobody waiting but itself."""

import io

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.client import encode_multipart

from astro.kit.bodies import WholeBody
from tests import cast

BOUNDARY = "B"
FORM = "application/x-www-form-urlencoded"
PARTS = f"multipart/form-data; boundary={BOUNDARY}"


class Sender(io.BytesIO):
    """A body that notes, at each read, whether a transaction was open."""

    def __init__(self, body):
        super().__init__(body)
        self.in_transaction = []

    def read(self, *size):
        self.in_transaction.append(connection.in_atomic_block)
        return super().read(*size)


class Gone(io.BytesIO):
    def read(self, *size):
        raise OSError("connection reset")


def answered(request, answer):
    return WholeBody(answer)(request)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("content_type", "body"),
    [(FORM, b"login=cass"), ("application/json", b"{}"), (PARTS, encode_multipart(BOUNDARY, {"login": "cass"}))],
)
def test_the_body_is_read_before_a_transaction_is_open(content_type, body):
    strict = Client(enforce_csrf_checks=True)
    strict.get("/sign-in/")  # with its cookie, so that the form is read for its token
    sender = Sender(body)
    strict.post("/sign-in/", body, content_type=content_type, **{"wsgi.input": sender})
    assert sender.in_transaction
    assert not any(sender.in_transaction)


def test_what_was_read_is_there_for_the_view():
    form = RequestFactory().post("/", "name=Betty", content_type=FORM)
    assert answered(form, lambda request: HttpResponse(request.POST["name"])).content == b"Betty"
    parts = RequestFactory().post("/", {"name": "Betty", "file": io.BytesIO(b"x" * 3_000_000)})
    assert answered(parts, lambda request: HttpResponse(request.POST["name"])).content == b"Betty"
    parts.close()
    json = RequestFactory().post("/", b"{}", content_type="application/json")
    assert answered(json, lambda request: HttpResponse(request.body)).content == b"{}"


@pytest.mark.django_db
def test_a_form_is_read_as_utf_8_whatever_it_says_of_itself():
    answer = Client().post("/sign-in/", b"login=Zo%C3%AB", content_type=f"{FORM}; charset=utf-7")
    assert (answer.status_code, "Zoë" in answer.text) == (422, True)


def test_the_view_is_told_what_is_too_large():
    request = RequestFactory().post("/", b"x" * 5_000_000, content_type="application/json")
    with pytest.raises(RequestDataTooBig):
        answered(request, lambda request: HttpResponse(request.body))


@pytest.mark.parametrize("content_type", [FORM, PARTS])
def test_a_sender_who_is_gone_is_no_error(content_type):
    request = RequestFactory().post("/", b"name=Betty", content_type=content_type, **{"wsgi.input": Gone()})
    assert answered(request, lambda request: HttpResponse(request.POST.get("name", "nothing"))).content == b"nothing"


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=" + "x" * 300])
def test_a_form_whose_parts_cannot_be_told_apart_comes_out_empty(client, owner, content_type):
    answer = cast.signed_in(client, owner).post("/customers/new/", b"--x", content_type=content_type)
    assert answer.status_code == 422
    assert "Type the first name." in answer.text
