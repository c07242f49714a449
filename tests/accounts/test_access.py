"""Who may open what, and how the others are told."""

import json
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from astro.accounts.access import Access, administrators, masters, public, staff
from astro.accounts.errors import MastersOnly, WrongRole
from astro.accounts.models import Membership, StaffSession, User
from astro.kit.errors import DomainError
from astro.tenancy.models import Location, Retailer
from tests import cast
from tests.cast import signed_in


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("fine")


def ask(view: Any, role: str | None, path: str = "/page/?a=1", **headers: str) -> HttpResponse:
    request = RequestFactory().get(path, headers=headers)
    request.membership = None if role is None else Membership(retailer_id=1, role=role)  # type: ignore[attr-defined]
    request.location_id = 1  # type: ignore[attr-defined]
    response: HttpResponse = view(request)
    return response


@pytest.mark.parametrize(
    ("guard", "role", "refusal"),
    [
        (staff, "cashier", None),
        (staff, "administrator", None),
        (staff, "master", None),
        (administrators, "cashier", WrongRole),
        (administrators, "administrator", None),
        (administrators, "master", None),
        (masters, "cashier", MastersOnly),
        (masters, "administrator", MastersOnly),
        (masters, "master", None),
    ],
)
def test_each_guard_lets_its_roles_in(guard: Any, role: str, refusal: type[DomainError] | None) -> None:
    if refusal is None:
        assert ask(guard(answer), role).content == b"fine"
        return
    with pytest.raises(refusal) as refused:
        ask(guard(answer), role)
    assert refused.value.status == 403


@pytest.mark.parametrize("path", ["/", "/devices/", "/customers/1/", "/nowhere/"])
def test_browser_keeps_nothing_that_a_signed_in_person_was_answered(client: Client, cashier: User, path: str) -> None:
    signed_in(client, cashier)
    assert client.get(path)["Cache-Control"] == "private, no-store"


def test_view_may_say_itself_how_long_it_is_kept(client: Client, cashier: User) -> None:
    signed_in(client, cashier)
    assert client.get("/checkout/catalogue.json")["Cache-Control"] == "private, no-cache"


def test_public_is_for_everyone() -> None:
    assert ask(public(answer), None).status_code == 200


def test_guards_write_their_name_on_the_view() -> None:
    marks = [guard(answer).access for guard in (staff, administrators, masters)]
    assert marks == [Access.STAFF, Access.ADMINISTRATORS, Access.MASTERS]


def test_signed_out_is_sent_to_sign_in_and_back() -> None:
    response = ask(staff(answer), None)
    assert (response.status_code, response["Location"]) == (302, "/sign-in/?next=/page/%3Fa%3D1")


def test_signed_out_post_comes_back_to_the_page_it_was_on() -> None:
    request = RequestFactory().post("/act/", headers={"Referer": "http://testserver/page/?a=1"})
    request.membership = None  # type: ignore[attr-defined]
    assert staff(answer)(request)["Location"] == "/sign-in/?next=/page/%3Fa%3D1"


def test_signed_out_fragment_moves_the_whole_page() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/page/"}
    response = ask(staff(answer), None, "/fragment/", **headers)
    assert (response.status_code, response["HX-Redirect"]) == (401, "/sign-in/?next=/page/")


@pytest.mark.parametrize("address", ["http://[", "http://a]b/", "//[", ""])
def test_signed_out_with_an_address_that_is_none_comes_back_to_the_start(address: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": address}
    assert ask(staff(answer), None, **headers)["HX-Redirect"] == "/sign-in/?next=/"
    request = RequestFactory().post("/act/", headers={"Referer": address})
    request.membership = None  # type: ignore[attr-defined]
    assert staff(answer)(request)["Location"] == "/sign-in/?next=/"


def test_signed_out_program_is_told() -> None:
    response = ask(staff(answer), None, Accept="application/json")
    assert response.status_code == 401
    assert json.loads(response.content)["error"]["message"] == "You are signed out. Sign in, then try again."


def test_wrong_role_gets_a_page_with_a_sentence(client: Client, cashier: User) -> None:
    response = signed_in(client, cashier).get("/devices/")
    assert response.status_code == 403
    assert "This page is for administrators." in response.content.decode()


def test_master_switches_location_and_the_session_keeps_it(client: Client, owner: User, riverside: Location) -> None:
    signed_in(client, owner)
    response = client.post("/location/", {"location": riverside.pk, "next": "/customers/"})
    assert response["Location"] == "/customers/"
    assert StaffSession.objects.get().location_id == riverside.pk


def test_only_the_master_switches(
    client: Client, cashier: User, riverside_administrator: User, midtown: Location, riverside: Location
) -> None:
    for user, there in [(cashier, riverside), (riverside_administrator, midtown)]:
        signed_in(client, user)
        before = StaffSession.objects.values_list("location_id", flat=True).get()
        assert client.post("/location/", {"location": there.pk}).status_code == 403
        assert StaffSession.objects.values_list("location_id", flat=True).get() == before
        client.post("/sign-out/")


@pytest.mark.parametrize("asked", ["foreign", "1", "", "x", "9" * 5000])
def test_location_that_is_not_ours_is_not_there(client: Client, owner: User, elsewhere: Location, asked: str) -> None:
    signed_in(client, owner)
    place = elsewhere.pk if asked == "foreign" else asked
    assert client.post("/location/", {"location": place}).status_code == 404


def test_administrator_covers_their_location_only(huxley: Retailer, midtown: Location, riverside: Location) -> None:
    one = Membership(retailer=huxley, role="administrator", location=midtown)
    every = Membership(retailer=huxley, role="master")
    reach = [member.covers(place.pk) for member in (one, every) for place in (midtown, riverside)]
    assert reach == [True, False, True, True]


@pytest.mark.django_db
def test_a_store_without_a_location_is_told_so(client: Client) -> None:
    retailer = cast.make_retailer()
    user = cast.make_user()
    cast.make_membership(user, role="master", retailer=retailer)
    answer = signed_in(client, user).get("/")
    assert answer.status_code == 409
    assert "no location yet" in answer.text
