"""What a session stands for: one read, one living membership, out at once when that ends."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from astro.accounts import actions
from astro.accounts.middleware import SignedIn
from astro.accounts.models import StaffSession, User
from astro.accounts.sessions import SessionStore
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, inside, make_device, make_membership, make_retailer, make_user, signed_in

HOME = "/sign-in/work/"
"""The plainest staff page of this module."""


def introduced(key: str | None) -> Any:
    """A request after the middleware, for looking at what it set."""

    class Request:
        session = SessionStore(key)
        COOKIES: dict[str, str] = {}

    request = Request()
    request.META = {"REMOTE_ADDR": "203.0.113.7"}  # type: ignore[attr-defined]
    SignedIn(lambda request: HttpResponse())(request)  # type: ignore[arg-type]
    return request


def test_one_read_brings_session_user_membership_and_retailer(
    client: Client, cashier: User, huxley: Retailer, midtown: Location
) -> None:
    key = signed_in(client, cashier).session.session_key
    with CaptureQueriesContext(
        connection,
    ) as reads:
        request = introduced(key)
        seen = (
            request.user.name,
            request.membership.role,
            request.retailer_id,
            request.retailer.name,
            request.location_id,
            request.device_id,
        )
    assert seen == ("Cass Cashier", "cashier", huxley.pk, "Huxley House", midtown.pk, None)
    assert len(reads) == 1


def test_location_and_device_are_fetched_inside_the_wall_when_touched(
    client: Client, cashier: User, huxley: Retailer, midtown: Location
) -> None:
    device, cookie = make_device(midtown, by=cashier)
    client.force_login(cashier)
    session = client.session
    actions.start_work(session, membership=cashier.memberships.get(), cookie=cookie, now=NOW)
    session.save()
    request = introduced(session.session_key)
    with inside(huxley), CaptureQueriesContext(connection) as reads:
        assert (request.location.name, request.device.pk, bool(request.device)) == ("Midtown", device.pk, True)
    assert len([read for read in reads if read["sql"].upper().startswith("SELECT")]) == 2


def test_signed_out_request_is_nobodys(db: None) -> None:
    with CaptureQueriesContext(connection) as reads:
        request = introduced(None)
    assert (request.user.is_authenticated, request.membership, request.retailer_id) == (False, None, None)
    assert (request.retailer, request.location, request.device) == (None, None, None)
    assert len(reads) == 0


@pytest.mark.parametrize("key", ["\0" * 32, "x" * 31 + "\0", "é" * 32, "x" * 31 + ";"])
def test_a_key_that_cannot_be_ours_is_not_even_asked_for(db: None, key: str) -> None:
    with CaptureQueriesContext(connection) as reads:
        assert introduced(key).membership is None
    assert len(reads) == 0


@pytest.mark.parametrize("key", ["x" * 32, "x", "", "' or 1=1 --", "é" * 32])
def test_made_up_key_is_signed_out(client: Client, db: None, key: str) -> None:
    client.cookies["astro_session"] = key
    assert client.get(HOME).status_code == 302


def test_ended_membership_is_out_at_once(client: Client, cashier: User, owner: User) -> None:
    signed_in(client, cashier)
    assert client.get(HOME).status_code == 200
    actions.end_membership(cashier.memberships.get(), by=owner, now=NOW)
    told = client.get(HOME)
    assert (told.status_code, "Your access was removed" in told.text, owner.email in told.text) == (403, True, True)
    assert client.get(HOME).status_code == 302
    assert not StaffSession.objects.exists()


def test_membership_that_ended_behind_our_back_is_out_too(client: Client, cashier: User) -> None:
    """A session written while the membership was being ended."""
    signed_in(client, cashier)
    cashier.memberships.update(ended_at=NOW)
    assert "was removed" in client.get(HOME).content.decode()
    assert client.get(HOME).status_code == 302
    assert not StaffSession.objects.exists()


def test_person_who_may_not_sign_in_any_more_is_out(client: Client, cashier: User) -> None:
    signed_in(client, cashier)
    User.objects.filter(pk=cashier.pk).update(is_active=False)
    assert client.get(HOME).status_code == 302


def test_new_password_ends_the_other_sessions(client: Client, cashier: User) -> None:
    signed_in(client, cashier)
    cashier.set_password("another fine password")
    cashier.save()
    assert client.get(HOME).status_code == 302
    assert not StaffSession.objects.exists()


def test_session_without_membership_is_no_session(client: Client, cashier: User) -> None:
    client.force_login(cashier)
    assert client.get(HOME).status_code == 302
    assert not StaffSession.objects.exists()


def test_columns_follow_what_the_session_says(
    client: Client, owner: User, huxley: Retailer, riverside: Location
) -> None:
    signed_in(client, owner)
    client.post("/location/", {"location": riverside.pk})
    row = StaffSession.objects.get()
    assert (row.user, row.membership, row.retailer_id, row.location_id, row.device_id) == (
        owner,
        owner.memberships.get(),
        huxley.pk,
        riverside.pk,
        None,
    )


def test_session_cannot_mix_retailers(client: Client, owner: User, other_owner: User, elsewhere: Location) -> None:
    """In the database: neither location nor membership of another retailer."""
    signed_in(client, owner)
    for column, value in {"location_id": elsewhere.pk, "membership_id": other_owner.memberships.get().pk}.items():
        with pytest.raises(IntegrityError), transaction.atomic():
            StaffSession.objects.update(**{column: value})


def test_master_begins_at_the_first_location_by_name(client: Client, owner: User, midtown: Location) -> None:
    signed_in(client, owner)
    assert StaffSession.objects.get().location_id == midtown.pk


def test_master_of_a_store_without_locations_can_sign_in(client: Client, huxley: Retailer, cashier: User) -> None:
    bare = make_retailer(name="Bare")
    user = make_user(user_name="bare")
    make_membership(user, role="master", retailer=bare)
    signed_in(client, user)
    assert StaffSession.objects.get().location_id is None
