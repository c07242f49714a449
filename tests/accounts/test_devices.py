"""Browsers that are tills: enrolled, recognised at sign-in, retired; another retailer's is nobody's."""

from typing import Any

import pytest
from django.core.signing import get_cookie_signer
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from astro.accounts.models import Device, StaffSession, User
from astro.accounts.tills import COOKIE, SALT
from astro.activity.models import Event
from astro.tenancy.models import Location, Retailer
from tests.cast import PASSWORD, inside, make_device, signed_in


def enroll(client: Client, location: Location, name: str = "Front counter") -> Any:
    return client.post("/devices/", {"name": name, "location": location.pk})


def sign_in(client: Client, user: User) -> None:
    assert client.post("/sign-in/", {"login": user.login, "password": PASSWORD}).status_code == 302


def devices(retailer: Retailer) -> list[tuple[str, str, bool]]:
    with inside(retailer):
        return [(one.name, one.location.name, one.is_living) for one in Device.objects.select_related("location")]


def test_administrator_makes_this_browser_a_till(
    client: Client, riverside_administrator: User, huxley: Retailer, riverside: Location
) -> None:
    response = enroll(signed_in(client, riverside_administrator), riverside)
    assert response["Location"] == "/devices/"
    cookie = response.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert devices(huxley) == [("Front counter", "Riverside", True)]
    with inside(huxley):
        device = Device.objects.get()
        assert device.secret_hash not in cookie.value
        assert cookie.value.split(":")[0].split(".")[2] not in device.secret_hash
        event = Event.objects.get(name="till enrolled")
        assert (event.about_id, event.by_user_id, event.location, event.facts) == (
            device.pk,
            riverside_administrator.pk,
            riverside,
            {},
        )
    assert StaffSession.objects.get().device_id == device.pk, "this session is on it from now on"
    assert "This browser is the till “Front counter” of Riverside." in client.get("/devices/").content.decode()


def test_next_person_on_this_browser_is_on_the_till(
    client: Client, owner: User, cashier: User, midtown: Location
) -> None:
    enroll(signed_in(client, owner), midtown)
    client.post("/sign-out/")
    sign_in(client, cashier)
    row = StaffSession.objects.get()
    assert (row.location_id, row.device_id is not None) == (midtown.pk, True)
    with inside(midtown.retailer):
        assert row.device_id == Device.objects.get().pk
        assert Device.objects.get().last_seen_on is not None
        assert Event.objects.filter(name="signed in", device_id=row.device_id).exists()


def test_master_signs_in_at_the_tills_location(client: Client, owner: User, riverside: Location) -> None:
    enroll(signed_in(client, owner), riverside)
    client.post("/sign-out/")
    sign_in(client, owner)
    assert StaffSession.objects.get().location_id == riverside.pk


def test_till_counts_only_while_its_location_is_the_one(
    client: Client, owner: User, midtown: Location, riverside: Location
) -> None:
    enroll(signed_in(client, owner), midtown)
    for place, on_till in [(riverside, False), (midtown, True)]:
        client.post("/location/", {"location": place.pk})
        row = StaffSession.objects.get()
        assert (row.location_id, row.device_id is not None) == (place.pk, on_till)


def test_cashier_of_another_location_is_not_on_the_till(
    client: Client, owner: User, cashier: User, riverside: Location, midtown: Location
) -> None:
    enroll(signed_in(client, owner), riverside)
    client.post("/sign-out/")
    sign_in(client, cashier)
    row = StaffSession.objects.get()
    assert (row.location_id, row.device_id) == (midtown.pk, None)


def test_till_of_another_retailer_is_ignored_and_tells_nothing(
    client: Client, owner: User, other_owner: User, elsewhere: Location, huxley: Retailer
) -> None:
    enroll(signed_in(client, other_owner), elsewhere, name="Their secret till")
    client.post("/sign-out/")
    sign_in(client, owner)
    assert StaffSession.objects.get().device_id is None
    page = client.get("/devices/").content.decode()
    assert "Their secret till" not in page
    assert "Elsewhere" not in page
    assert "Make this browser a till" in page


@pytest.mark.parametrize("fault", ["unsigned", "secret", "retailer", "retired", "gone", "nonsense"])
def test_cookie_that_proves_nothing_is_ignored(
    client: Client, owner: User, other_owner: User, midtown: Location, elsewhere: Location, fault: str
) -> None:
    device, cookie = make_device(midtown, by=owner)
    text = f"{cookie.retailer_id}.{cookie.device_id}.{cookie.secret}"
    if fault == "secret":
        text = text[:-1] + ("A" if text[-1] != "A" else "B")
    elif fault == "retailer":
        text = f"{elsewhere.retailer_id}.{cookie.device_id}.{cookie.secret}"
    elif fault == "gone":
        text = f"{cookie.retailer_id}.1.{cookie.secret}"
    elif fault == "nonsense":
        text = "hello"
    elif fault == "retired":
        with inside(midtown.retailer):
            Device.objects.update(retired_at=device.enrolled_at)
    signed = get_cookie_signer(salt=COOKIE + SALT).sign(text)
    client.cookies[COOKIE] = text if fault == "unsigned" else signed
    sign_in(client, owner)
    assert StaffSession.objects.get().device_id is None


def test_good_cookie_made_the_same_way_is_taken(client: Client, owner: User, midtown: Location) -> None:
    """The test above is about the faults, not about how it signs."""
    device, cookie = make_device(midtown, by=owner)
    text = f"{cookie.retailer_id}.{cookie.device_id}.{cookie.secret}"
    client.cookies[COOKIE] = get_cookie_signer(salt=COOKIE + SALT).sign(text)
    sign_in(client, owner)
    assert StaffSession.objects.get().device_id == device.pk
    assert COOKIE in client.cookies


def test_retiring_signs_out_whoever_is_on_it(
    client: Client, owner: User, cashier: User, midtown: Location, huxley: Retailer
) -> None:
    till = Client()
    enroll(signed_in(till, owner), midtown)
    till.post("/sign-out/")
    sign_in(till, cashier)
    signed_in(client, owner)
    with inside(huxley):
        device = Device.objects.get()
    for _ in range(2):
        client.post(f"/devices/{device.pk}/retirements/")
    assert till.get("/sign-in/work/").status_code == 302
    assert client.get("/devices/").status_code == 200
    assert devices(huxley) == [(device.name, "Midtown", False)]
    with inside(huxley):
        assert Event.objects.filter(name="till retired", about_id=device.pk).count() == 1


def test_retiring_this_browser_keeps_the_administrator_in(client: Client, owner: User, midtown: Location) -> None:
    enroll(signed_in(client, owner), midtown)
    with inside(midtown.retailer):
        device = Device.objects.get()
    response = client.post(f"/devices/{device.pk}/retirements/")
    assert response.cookies[COOKIE].value == ""
    assert StaffSession.objects.get().device_id is None
    assert "Make this browser a till" in client.get("/devices/").content.decode()


def test_browser_is_one_till_only(client: Client, owner: User, midtown: Location, riverside: Location) -> None:
    enroll(signed_in(client, owner), midtown)
    response = enroll(client, riverside, name="Another")
    assert response.status_code == 409
    assert "This browser is already the till “Front counter”." in response.content.decode()
    assert len(devices(midtown.retailer)) == 1


def test_name_is_taken_once_per_location(client: Client, owner: User, midtown: Location, riverside: Location) -> None:
    make_device(midtown, by=owner, name="Front counter")
    response = enroll(signed_in(client, owner), midtown)
    assert response.status_code == 422
    assert "There is already a till called “Front counter” here." in response.content.decode()
    assert COOKIE not in client.cookies
    assert enroll(client, riverside).status_code == 302


def test_name_of_a_retired_till_is_free_again(client: Client, owner: User, midtown: Location) -> None:
    device, _cookie = make_device(midtown, by=owner, name="Front counter")
    signed_in(client, owner).post(f"/devices/{device.pk}/retirements/")
    assert enroll(client, midtown).status_code == 302


@pytest.mark.parametrize("name", ["", " ", "x" * 10_000])
def test_odd_names_are_refused_in_the_form(client: Client, owner: User, midtown: Location, name: str) -> None:
    response = enroll(signed_in(client, owner), midtown, name=name)
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "🐕 Kasse", "صندوق"])
def test_names_of_all_kinds_are_shown_as_typed(client: Client, owner: User, midtown: Location, name: str) -> None:
    assert enroll(signed_in(client, owner), midtown, name=name).status_code == 302
    page = client.get("/devices/").content.decode()
    assert "<script>alert" not in page
    assert name.replace("<", "&lt;").replace(">", "&gt;") in page


def test_administrator_sees_and_makes_tills_of_their_location_only(
    client: Client, riverside_administrator: User, owner: User, midtown: Location, riverside: Location
) -> None:
    theirs, _cookie = make_device(midtown, by=owner, name="Midtown till")
    make_device(riverside, by=owner, name="Riverside till")
    page = signed_in(client, riverside_administrator).get("/devices/").content.decode()
    assert ("Riverside till" in page, "Midtown till" in page) == (True, False)
    assert enroll(client, midtown).status_code == 422
    assert client.post(f"/devices/{theirs.pk}/retirements/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_whole_way_in_real_transactions(client: Client, owner: User, midtown: Location) -> None:
    """Without a test's own transaction around it, every door must open one for itself, or the wall refuses."""
    sign_in(client, owner)
    assert enroll(client, midtown).status_code == 302
    assert "Front counter" in client.get("/devices/").content.decode()
    with inside(midtown.retailer):
        device = Device.objects.get()
    assert client.post(f"/devices/{device.pk}/retirements/").status_code == 302
    assert client.post("/location/", {"location": midtown.pk}).status_code == 302
    assert client.get("/sign-in/work/").status_code == 200
    assert client.post("/sign-out/").status_code == 302


def test_devices_page_asks_as_often_for_one_as_for_three(client: Client, owner: User, midtown: Location) -> None:
    signed_in(client, owner)
    counts = []
    for made in (1, 2):
        for _ in range(made):
            make_device(midtown, by=owner)
        with CaptureQueriesContext(connection) as reads:
            client.get("/devices/")
        counts.append(len(reads))
    assert counts[0] == counts[1]
