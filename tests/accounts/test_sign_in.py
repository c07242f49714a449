"""The sign-in page: both kinds of name, the same words for every refusal, the throttle, and where it leads."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.contrib.auth import hashers
from django.core.cache import cache
from django.db import connection
from django.test import Client

from astro.accounts import actions
from astro.accounts.models import StaffSession, User
from astro.activity.models import Event
from astro.kit.passwords.hashing import Argon2
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, PASSWORD, inside, make_membership, make_user, signed_in

NEUTRAL = "We don&#x27;t know this name and password together."


def post(client: Client, login: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/sign-in/", {"login": login, "password": password, **more.pop("data", {})}, **more)


@pytest.mark.parametrize("login", ["owner@huxleyhouse.example", " OWNER@HuxleyHouse.example "])
def test_signs_in_by_email(client: Client, owner: User, login: str) -> None:
    response = post(client, login)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert StaffSession.objects.get().user == owner


def test_signs_in_by_user_name(client: Client, cashier: User) -> None:
    response = post(client, "HuxleyCashier")
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert StaffSession.objects.get().user == cashier


def test_signing_in_is_recorded(client: Client, cashier: User, huxley: Retailer, midtown: Location) -> None:
    post(client, "huxleycashier")
    with inside(huxley):
        event = Event.objects.get(name="signed in")
        assert (event.about_id, event.by_user_id, event.location) == (cashier.memberships.get().pk, cashier.pk, midtown)


def test_page_asks_for_either_name_in_one_box(client: Client, db: None) -> None:
    page = client.get("/sign-in/").content.decode()
    assert "E-mail or user name" in page
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "placeholder" not in page


def test_unknown_wrong_shut_out_and_jobless_hear_the_same(client: Client, cashier: User, owner: User, db: None) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    make_user(user_name="jobless")
    refusals = [
        post(client, "nobody"),
        post(client, "nobody@example.com"),
        post(client, "huxleycashier", "wrong"),
        post(client, "owner@huxleyhouse.example"),
        post(client, "jobless"),
    ]
    assert [refusal.status_code for refusal in refusals] == [422] * 5
    bodies = {_without_what_differs(refusal) for refusal in refusals}
    assert len(bodies) == 1
    assert NEUTRAL in bodies.pop()
    assert not StaffSession.objects.filter(user__isnull=False).exists()


def test_every_try_costs_one_hash(client: Client, owner: User, cashier: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the time it takes does not tell who exists."""
    hashed: list[str] = []

    class Counting(Argon2):
        def encode(self, password: str, salt: str) -> str:
            hashed.append("encode")
            return super().encode(password, salt)

        def verify(self, password: str, encoded: str) -> bool:
            hashed.append("verify")
            return super().verify(password, encoded)

    monkeypatch.setattr(hashers, "get_hasher", lambda algorithm="default": Counting())
    monkeypatch.setattr(hashers, "identify_hasher", lambda encoded: Counting())
    counts = []
    for login in ("nobody", "nobody@example.com", "huxleycashier", "owner@huxleyhouse.example"):
        hashed.clear()
        post(client, login, "wrong")
        counts.append(len(hashed))
    assert counts == [1, 1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_twenty_third_wrong_password_is_told_to_wait(client: Client, cashier: User, owner: User) -> None:
    """In real transactions: what the throttle counts survives the refusal that counts it."""
    answers = [post(client, "huxleycashier", f"wrong {number}") for number in range(1, 24)]
    assert [answer.status_code for answer in answers] == [422] * 20 + [429] * 3
    last = answers[-1]
    assert "Wait 10 minutes, then try again." in last.content.decode()
    assert 0 < int(last.headers["Retry-After"]) <= 600
    assert post(client, "huxleycashier").status_code == 429, "the right password is refused meanwhile"
    assert post(client, "owner@huxleyhouse.example").status_code == 429, "and everyone at this address"
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert post(client, "huxleycashier", **elsewhere).status_code == 429, "and this name from everywhere"
    assert post(client, "owner@huxleyhouse.example", **elsewhere).status_code == 302


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_tries_at_once_are_all_counted(cashier: User) -> None:
    """On SQLite writers come one after the other anyway."""

    def guess(number: int) -> int:
        try:
            return post(Client(), "huxleycashier", f"wrong {number}").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as guessers:
        answers = list(guessers.map(guess, range(40)))
    assert (answers.count(422), answers.count(429)) == (20, 20)


def test_counts_outlive_what_strangers_can_add(client: Client, cashier: User) -> None:
    """The cache throws out what it holds when it is full: then many made-up names would set everybody's counts back."""
    for number in range(21):
        post(client, "huxleycashier", f"wrong {number}")
    for number in range(400):
        cache.set(f"zz-{number}", [1.0], 600)
    assert post(client, "huxleycashier").status_code == 429


def test_waiting_helps(client: Client, cashier: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(21):
        post(client, "huxleycashier", f"wrong {number}")
    later = ratelimit.time.time() + 601
    monkeypatch.setattr(ratelimit.time, "time", lambda: later)
    assert post(client, "huxleycashier").status_code == 302


def test_right_passwords_do_not_count(client: Client, cashier: User) -> None:
    for _ in range(22):
        assert post(client, "huxleycashier").status_code == 302
        client.post("/sign-out/")


def test_odd_input_is_a_page_not_a_crash(client: Client, db: None) -> None:
    for login, password in [
        ("a" * 10_000, "x"),
        ("\x00", "\x00"),
        ("🐕‍🦺@🐕", "x"),
        ("<script>", "x"),
        ("", ""),
        ("x", "y" * 5000),
    ]:
        response = post(client, login, password)
        assert response.status_code == 422
        assert b"<script>alert" not in response.content


def test_key_of_the_session_changes(client: Client, cashier: User) -> None:
    """A key that somebody planted before signing in is worth nothing afterwards."""
    planted = client.session
    planted["planted"] = True
    planted.save()
    client.cookies["astro_session"] = planted.session_key
    post(client, "huxleycashier")
    assert client.cookies["astro_session"].value != planted.session_key
    assert not StaffSession.objects.filter(session_key=planted.session_key).exists()


@pytest.mark.parametrize(
    ("asked", "lands"),
    [
        ("/customers/?q=jo", "/customers/?q=jo"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("///evil.example", "/"),
        ("http://testserver/x", "/"),
        ("javascript:alert(1)", "/"),
        ("customers/", "/"),
        ("", "/"),
    ],
)
def test_next_never_leaves_this_site(client: Client, cashier: User, asked: str, lands: str) -> None:
    assert post(client, "huxleycashier", data={"next": asked}).headers["Location"] == lands
    assert client.get("/sign-in/", {"next": asked}).headers["Location"] == lands, "already signed in"


def test_next_is_kept_by_the_form(client: Client, cashier: User) -> None:
    page = client.get("/sign-in/", {"next": "/customers/"}).content.decode()
    assert '<input type="hidden" name="next" value="/customers/">' in page


def test_person_of_two_stores_is_asked_where(
    client: Client, owner: User, otherpaws: Retailer, elsewhere: Location
) -> None:
    make_membership(owner, role="cashier", retailer=otherpaws, location=elsewhere)
    response = post(client, owner.email, data={"next": "/customers/"})
    assert response.headers["Location"] == "/sign-in/work/?next=%2Fcustomers%2F"
    page = client.get(response.headers["Location"]).content.decode()
    assert "Huxley House" in page
    assert "Other Paws, Elsewhere" in page
    there = owner.memberships.get(retailer=otherpaws)
    chosen = client.post("/sign-in/work/", {"membership": there.pk, "next": "/customers/"})
    assert chosen.headers["Location"] == "/customers/"
    assert StaffSession.objects.get().membership == there


def test_nobody_chooses_where_they_do_not_work(client: Client, owner: User, other_owner: User) -> None:
    signed_in(client, owner)
    for membership in (other_owner.memberships.get().pk, 1, "", "x", "9" * 5000):
        assert client.post("/sign-in/work/", {"membership": membership}).status_code == 404


def test_widest_membership_is_taken_then_the_oldest(client: Client, huxley: Retailer, owner: User) -> None:
    """Stable, whatever order the rows come in."""
    with inside(huxley):
        midtown, riverside = Location.objects.order_by("name")
    person = make_user(user_name="both")
    make_membership(person, role="cashier", retailer=huxley, location=midtown)
    runs = make_membership(person, role="administrator", retailer=huxley, location=riverside)
    post(client, "both")
    assert StaffSession.objects.get().membership == runs


def test_signing_out_ends_the_session(client: Client, cashier: User) -> None:
    signed_in(client, cashier)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert not StaffSession.objects.exists()


def test_nothing_else_of_allauth_is_reachable(client: Client, db: None) -> None:
    for path in (
        "/accounts/login/",
        "/accounts/signup/",
        "/signup/",
        "/accounts/password/reset/",
        "/login/",
        "/accounts/",
    ):
        assert client.get(path).status_code == 404


def test_sign_in_needs_the_csrf_token(cashier: User) -> None:
    assert post(Client(enforce_csrf_checks=True), "huxleycashier").status_code == 403


def test_ended_membership_cannot_sign_in(client: Client, cashier: User, owner: User) -> None:
    actions.end_membership(cashier.memberships.get(), by=owner, now=NOW)
    assert post(client, "huxleycashier").status_code == 403
    assert "_auth_user_id" not in client.session


def test_only_the_right_password_tells_that_one_was_removed(client: Client, cashier: User, owner: User) -> None:
    """A wrong one is answered as for anybody; whom nobody ever let in hears the usual sentence as well."""
    wrong_before = _without_what_differs(post(client, "huxleycashier", password="not this one at all"))
    actions.end_membership(cashier.memberships.get(), by=owner, now=NOW)
    told = post(client, "huxleycashier")
    assert "Your access was removed" in told.text
    assert (owner.name in told.text, owner.email in told.text) == (True, True)
    wrong = post(client, "huxleycashier", password="not this one at all")
    assert (wrong.status_code, _without_what_differs(wrong)) == (422, wrong_before)
    make_user(name="Nobody's", user_name="nobodys")
    assert post(client, "nobodys").status_code == 422


def _without_what_differs(response: Any) -> str:
    body = re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]*"', "", response.content.decode())
    return re.sub(r'name="login" value="[^"]*"', "", body)
