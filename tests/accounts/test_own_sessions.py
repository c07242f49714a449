"""Where one is signed in: listed, ended, limited in time, and noted without slowing anything."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from astro.accounts.access import Access
from astro.accounts.models import Membership, Role, StaffSession, User
from astro.accounts.own.browsers import in_words
from astro.accounts.own.sessions import end_sessions_of, sessions_of
from astro.accounts.time_limits import KINDS, over, told
from astro.activity.models import Event
from astro.kit.clock import utc_now
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, PASSWORD, inside, make_device, make_membership, make_user, signed_in

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1 Version/18.1 Mobile Safari/604.1"


def sign_in(login: str, *, agent: str = CHROME, **more: Any) -> Client:
    client = Client(headers={"User-Agent": agent}, **more)
    assert client.post("/sign-in/", {"login": login, "password": PASSWORD}).status_code == 302
    return client


def unused_for(length: timedelta, *, signed_in_at: datetime | None = None) -> None:
    StaffSession.objects.update(
        last_used_at=utc_now() - length, **({"signed_in_at": signed_in_at} if signed_in_at else {})
    )


# What is kept of a session.


def test_signing_in_notes_when_from_where_and_with_what(cashier: User) -> None:
    client = sign_in("huxleycashier", REMOTE_ADDR="203.0.113.7")
    row = StaffSession.objects.get()
    assert (row.address, row.label) == ("203.0.113.7", "Chrome on Windows")
    assert row.signed_in_at is not None
    assert utc_now() - row.signed_in_at < timedelta(minutes=1)
    client.post("/sign-in/work/", {"membership": str(cashier.memberships.get().pk)})
    again = StaffSession.objects.get()
    assert again.session_key != row.session_key
    assert again.signed_in_at == row.signed_in_at, "choosing where to work is no new beginning"


def test_a_session_made_in_any_other_way_has_a_beginning_too(client: Client, cashier: User) -> None:
    client.force_login(cashier)
    assert StaffSession.objects.get().signed_in_at is not None


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome on Windows"),
        (IPHONE, "Safari on iPhone"),
        (f"{CHROME} Edg/141.0", "Edge on Windows"),
        (f"{CHROME} OPR/120.0", "Opera on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.1 Safari/605.1", "Safari on Mac"),
        ("Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130.0", "Samsung Internet on Android"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/141.0 Safari/537.36", "Chrome on ChromeOS"),
        ("curl/8.5.0", ""),
        ("", ""),
        ("<script>alert(1)</script>" * 20, ""),
    ],
)  # fmt: skip
def test_browsers_in_words(agent: str, words: str) -> None:
    assert in_words(agent) == words


# The list.


def test_lists_ones_own_and_marks_this_one(
    cashier: User, owner: User, huxley: Retailer, midtown: Location, client: Client
) -> None:
    sign_in("huxleycashier", agent=IPHONE, REMOTE_ADDR="198.51.100.9")
    sign_in("owner@huxleyhouse.example", agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
    here = sign_in("huxleycashier", REMOTE_ADDR="203.0.113.7")
    page = here.get("/me/sessions/").content.decode()
    shown = ["Chrome on Windows", "Safari on iPhone", "198.51.100.9", "203.0.113.7"]
    assert [one for one in shown if one in page] == shown
    assert "Firefox" not in page, "somebody else's"
    assert page.count("This browser") == 1
    assert page.count('name="session"') == 1, "this one is ended by signing out"
    for row in StaffSession.objects.all():
        assert row.session_key not in page


def test_names_the_till(owner: User, cashier: User, huxley: Retailer, midtown: Location) -> None:
    device, _cookie = make_device(midtown, by=owner, name="Front counter")
    client = sign_in("huxleycashier")
    StaffSession.objects.update(device_id=device.pk)
    assert "till “Front counter”" in client.get("/me/sessions/").content.decode()


def test_ending_one_ends_that_one(cashier: User, huxley: Retailer) -> None:
    phone, other, here = sign_in("huxleycashier", agent=IPHONE), sign_in("huxleycashier"), sign_in("huxleycashier")
    handle = next(
        one.handle for one in sessions_of(cashier, this=None, now=utc_now()) if one.row.label == "Safari on iPhone"
    )
    assert here.post("/me/sessions/", {"session": handle}).status_code == 302
    assert phone.get("/me/").status_code == 302
    assert (other.get("/me/").status_code, here.get("/me/").status_code) == (200, 200)
    with inside(huxley):
        event = Event.objects.get(name="sessions ended")
    assert (event.about_id, event.by_user_id, event.facts) == (
        cashier.memberships.get().pk,
        cashier.pk,
        {"sessions": 1},
    )
    assert here.post("/me/sessions/", {"session": handle}).status_code == 302, "twice changes nothing"
    with inside(huxley):
        assert Event.objects.filter(name="sessions ended").count() == 1


def test_nobody_ends_anothers(owner: User, cashier: User) -> None:
    theirs, here = sign_in("owner@huxleyhouse.example"), sign_in("huxleycashier")
    (handle,) = [one.handle for one in sessions_of(owner, this=None, now=utc_now())]
    here.post("/me/sessions/", {"session": handle})
    here.post("/me/sessions/", {"others": "yes"})
    assert theirs.get("/me/").status_code == 200


def test_ending_all_others_keeps_this_one(cashier: User) -> None:
    others, here = [sign_in("huxleycashier") for _ in range(3)], sign_in("huxleycashier")
    answer = here.post("/me/sessions/", {"others": "yes"}, follow=True)
    assert "3 other sessions were ended." in answer.content.decode()
    assert [client.get("/me/").status_code for client in others] == [302] * 3
    assert here.get("/me/").status_code == 200


def test_an_administrator_ends_those_in_their_own_store_only(
    cashier: User, owner: User, huxley: Retailer, otherpaws: Retailer, elsewhere: Location
) -> None:
    there = make_membership(cashier, retailer=otherpaws, role="cashier", location=elsewhere)
    at_huxley = signed_in(Client(), cashier, membership=cashier.memberships.get(retailer=huxley))
    at_otherpaws = signed_in(Client(), cashier, membership=there)
    assert end_sessions_of(cashier, by=owner, now=NOW, retailer_id=huxley.pk) == 1
    assert (at_huxley.get("/me/").status_code, at_otherpaws.get("/me/").status_code) == (302, 200)
    with inside(huxley):
        assert Event.objects.get(name="sessions ended").by_user_id == owner.pk
    with inside(otherpaws):
        assert not Event.objects.filter(name="sessions ended").exists()


def test_the_list_costs_the_same_for_one_and_for_three(cashier: User, huxley: Retailer) -> None:
    here = sign_in("huxleycashier")
    here.get("/me/sessions/")
    with CaptureQueriesContext(connection) as one:
        here.get("/me/sessions/")
    for _ in range(2):
        sign_in("huxleycashier")
    with CaptureQueriesContext(connection) as three:
        here.get("/me/sessions/")
    assert len(three) == len(one)


# Limits.


def a_row(*, kind: str, unused: timedelta, whole: timedelta) -> StaffSession:
    support = User(name="Sue", email="sue@astro.example", is_support=True)
    row = StaffSession(user=support if kind == "support" else User(name="Cass", user_name="cass"))
    row.is_by_pin, row.device_id = kind == "pin", 7 if kind in ("till", "pin") else None
    row.last_used_at, row.signed_in_at = NOW - unused, NOW - whole
    return row


SECOND = timedelta(seconds=1)


@pytest.mark.once
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_two_limits(kind: str) -> None:
    limits = KINDS[kind]
    assert over(a_row(kind=kind, unused=limits.unused - SECOND, whole=limits.unused), now=NOW) == ""
    assert over(a_row(kind=kind, unused=limits.unused, whole=limits.unused), now=NOW) == f"{kind}.unused"
    assert over(a_row(kind=kind, unused=SECOND, whole=limits.whole - SECOND), now=NOW) == ""
    assert over(a_row(kind=kind, unused=SECOND, whole=limits.whole), now=NOW) == f"{kind}.whole"


@pytest.mark.once
def test_support_acting_as_a_cashier_on_a_till_is_support() -> None:
    row = a_row(kind="till", unused=timedelta(minutes=16), whole=timedelta(hours=1))
    row.really_by = User(name="Sue", email="sue@astro.example", is_support=True)
    assert over(row, now=NOW) == "support.unused"


@pytest.mark.once
def test_a_cashier_has_customers_waiting_on_whichever_browser() -> None:
    row = a_row(kind="office", unused=timedelta(hours=3), whole=timedelta(hours=4))
    assert over(row, now=NOW) == "office.unused"
    row.membership = Membership(retailer_id=7, role=Role.CASHIER)
    assert over(row, now=NOW) == ""


@pytest.mark.once
def test_without_a_beginning_it_is_over() -> None:
    row = a_row(kind="till", unused=SECOND, whole=SECOND)
    row.signed_in_at = None
    assert over(row, now=NOW) == "till.whole"


@pytest.mark.once
def test_the_decision_names_the_numbers() -> None:
    lengths = {told(f"{kind}.{why}") for kind in KINDS for why in ("unused", "whole")}
    assert {re.sub(r"Your basket is kept\.", "", one).strip() for one in lengths} == {
        "You were signed out after 12 hours without use.",
        "You were signed out: 7 days after signing in, one signs in again.",
        "You were signed out after 4 hours without use.",
        "You were signed out: 12 hours after signing in, one signs in again.",
        "You were signed out after 1 hour without use.",
        "You were signed out: 24 hours after signing in, one signs in again.",
        "You were signed out after 15 minutes without use.",
    }
    assert [told(code) for code in ("", "x", "office", "office.x", "<b>.unused")] == [""] * 5
    assert "basket" in told("office.unused")
    assert "basket" not in told("support.unused")


def test_a_session_that_timed_out_says_so_and_leads_back(cashier: User) -> None:
    client = sign_in("huxleycashier")
    unused_for(timedelta(hours=12, minutes=1))
    answer = client.get("/me/sessions/")
    assert answer.headers["Location"] == "/sign-in/?next=/me/sessions/"
    assert StaffSession.objects.count() == 0
    page = client.get(answer.headers["Location"]).content.decode()
    assert "You were signed out after 12 hours without use. Your basket is kept." in page
    wrong = client.post("/sign-in/", {"login": "huxleycashier", "password": "not my password"})
    assert "You were signed out after" not in wrong.content.decode()
    back = client.post("/sign-in/", {"login": "huxleycashier", "password": PASSWORD, "next": "/me/sessions/"})
    assert back.headers["Location"] == "/me/sessions/"
    client.post("/sign-out/")
    assert "You were signed out after" not in client.get("/sign-in/").content.decode(), "told once"


def test_its_cookie_goes_to_the_sign_in_page_alone_and_says_nothing_of_anybody(cashier: User) -> None:
    client = sign_in("huxleycashier")
    unused_for(timedelta(days=2))
    cookie = client.get("/").cookies["astro_ended"]
    assert (cookie.value, cookie["path"], cookie["httponly"], cookie["samesite"]) == (
        "till.unused",
        "/sign-in/",
        True,
        "Lax",
    )


def test_a_long_session_ends_however_busy_it_is(cashier: User) -> None:
    client = sign_in("huxleycashier")
    unused_for(timedelta(seconds=1), signed_in_at=utc_now() - timedelta(days=7, minutes=1))
    assert client.get("/").status_code == 302
    assert StaffSession.objects.count() == 0


def test_signing_in_again_begins_anew_with_another_key(cashier: User) -> None:
    client = sign_in("huxleycashier")
    key = client.session.session_key
    client.post("/sign-out/")
    client.post("/sign-in/", {"login": "huxleycashier", "password": PASSWORD})
    assert client.session.session_key != key
    assert StaffSession.objects.count() == 1


# Noting use.


def writes_of(client: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return [query["sql"] for query in asked.captured_queries if query["sql"].startswith("UPDATE")]


def test_the_usual_request_writes_nothing_and_one_in_five_minutes_one_statement(cashier: User) -> None:
    client = sign_in("huxleycashier")
    assert writes_of(client, "/me/") == []
    unused_for(timedelta(minutes=4, seconds=50))
    assert writes_of(client, "/me/") == []
    unused_for(timedelta(minutes=6))
    assert len(writes_of(client, "/me/")) == 1
    assert StaffSession.objects.filter(last_used_at__gt=utc_now() - timedelta(minutes=1)).count() == 1
    assert writes_of(client, "/me/") == []


def test_what_a_page_asks_by_itself_is_no_use(cashier: User) -> None:
    client = sign_in("huxleycashier")
    unused_for(timedelta(minutes=30))
    before = StaffSession.objects.get().last_used_at
    client.post(reverse("checkout:here", args=[1]), "{}", content_type="application/json")
    client.get("/no/such/page/")
    assert StaffSession.objects.get().last_used_at == before


def test_views_that_pages_ask_by_themselves_say_so() -> None:
    found = {
        name
        for name, view in _views(get_resolver())
        if getattr(view, "is_by_itself", False) or getattr(view, "access", None) is Access.TILL
    }
    assert found == {"checkout:here", "checkout:arrivals", "checkout:waiting"}


def _views(resolver: Any, space: str = "") -> list[tuple[str, Any]]:
    found = []
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            found += _views(entry, inner)
        else:
            found.append((f"{space}{entry.name}", entry.callback))
    return found


def test_a_person_of_two_stores_sees_both_and_no_name_of_a_third(
    cashier: User, huxley: Retailer, otherpaws: Retailer, elsewhere: Location, owner: User
) -> None:
    stranger = make_user(user_name="stranger")
    make_membership(stranger, retailer=otherpaws, role="cashier", location=elsewhere)
    signed_in(Client(), stranger)
    page = sign_in("huxleycashier").get("/me/sessions/").content.decode()
    assert "Huxley House" in page
    assert "Other Paws" not in page
