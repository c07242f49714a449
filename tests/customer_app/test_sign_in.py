"""The app's sign-in: nobody learns who has an account, guessing is held up, and its sessions are its own."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.contrib.auth import hashers
from django.test import Client

from astro.accounts.models import User
from astro.customer_app import jobs
from astro.customer_app.models import AppAccount, AppLink, AppSession
from astro.customer_app.sessions import COOKIE, IDLE, hash_of
from astro.customers.actions import change_customer
from astro.customers.models import Customer
from astro.kit.clock import utc_now
from astro.kit.models import OutboxRow
from astro.kit.passwords.hashing import Argon2
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, PASSWORD, app_link, inside, signed_in, signed_in_to_app

NEUTRAL = "We don&#x27;t know this e-mail and password together."


def post(client: Client, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/app/sign-in/", {"email": email, "password": password, **more.pop("data", {})}, **more)


def without_what_differs(response: Any) -> str:
    body = re.sub(r'(csrfmiddlewaretoken" value=)"[^"]*"|hx-headers=\'[^\']*\'', "", response.content.decode())
    return re.sub(r'name="email" value="[^"]*"', "", body)


@pytest.mark.parametrize("email", ["betty.smith@example.com", " Betty.Smith@EXAMPLE.com "])
def test_signs_in_to_the_only_store(client: Client, account: AppAccount, huxley: Retailer, email: str) -> None:
    answer = post(client, email)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/app/")
    session = AppSession.objects.get()
    assert (session.account, session.at_retailer) == (account, huxley.pk)


def test_the_cookie_is_the_apps_own(client: Client, account: AppAccount, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    cookie = post(client, account.email).cookies[COOKIE]
    assert COOKIE == "astro_app"
    told = {name: cookie[name] for name in ("path", "httponly", "samesite", "secure", "max-age")}
    assert told == {"path": "/app/", "httponly": True, "samesite": "Lax", "secure": True, "max-age": 90 * 86400}
    assert AppSession.objects.get().key_hash == hash_of(cookie.value) != cookie.value


def test_unknown_and_wrong_hear_the_same(client: Client, account: AppAccount) -> None:
    refusals = [
        post(client, "nobody@example.com", "wrong"),
        post(client, account.email, "wrong"),
        post(client, "no address at all", "wrong"),
        post(client, account.email, PASSWORD + " "),
    ]
    assert [refusal.status_code for refusal in refusals] == [422] * 4
    bodies = {without_what_differs(refusal) for refusal in refusals}
    assert len(bodies) == 1
    assert NEUTRAL in bodies.pop()
    assert not AppSession.objects.exists()


def test_every_try_costs_one_hash(client: Client, account: AppAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the time it takes does not tell who has an account."""
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
    for email in ("nobody@example.com", account.email):
        hashed.clear()
        post(client, email, "wrong")
        counts.append(len(hashed))
    assert counts == [1, 1]


def test_staff_do_not_sign_in_here_nor_customers_there(client: Client, account: AppAccount, owner: User) -> None:
    assert post(client, owner.email or "").status_code == 422
    assert client.post("/sign-in/", {"login": account.email, "password": PASSWORD}).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_the_twenty_first_wrong_password_is_told_to_wait(client: Client, account: AppAccount) -> None:
    """In real transactions: what the throttle counts survives the refusal that counts it."""
    answers = [post(client, account.email, f"wrong {number}") for number in range(1, 23)]
    assert [answer.status_code for answer in answers] == [422] * 20 + [429] * 2
    assert "Wait 10 minutes, then try again." in answers[-1].content.decode()
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 600
    assert post(client, account.email).status_code == 429, "the right password is refused meanwhile"
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert post(client, account.email, **elsewhere).status_code == 429, "and this address from everywhere"
    assert post(client, "BETTY.smith@example.com", **elsewhere).status_code == 429, "however it is written"


def test_waiting_helps_and_right_passwords_do_not_count(
    client: Client, account: AppAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(22):
        assert post(client, account.email).status_code == 302
        client.post("/app/sign-out/")
    for number in range(21):
        post(client, account.email, f"wrong {number}")
    later = ratelimit.time.time() + 601
    monkeypatch.setattr(ratelimit.time, "time", lambda: later)
    assert post(client, account.email).status_code == 302


def test_odd_input_is_a_page_not_a_crash(client: Client, account: AppAccount) -> None:
    for email, password in [
        ("a" * 10_000, "x"),
        ("\x00", "\x00"),
        ("🐕‍🦺@🐕", "x"),
        ("<script>alert(1)</script>", "x"),
        ("", ""),
        (account.email, "y" * 5000),
    ]:
        answer = post(client, email, password)
        assert answer.status_code == 422
        assert b"<script>alert" not in answer.content


@pytest.mark.parametrize("key", ["", "x", "x" * 5000, '"\\000"', "é\x7f"])
def test_an_odd_cookie_is_nobodys(client: Client, account: AppAccount, key: str) -> None:
    client.cookies[COOKIE] = key
    assert client.get("/app/").headers["Location"] == "/app/sign-in/?next=/app/"


@pytest.mark.parametrize(
    ("asked", "lands"),
    [
        ("/app/account/", "/app/account/"),
        ("/customers/", "/app/"),
        ("https://evil.example/app/", "/app/"),
        ("//evil.example/app/", "/app/"),
        ("javascript:alert(1)", "/app/"),
        ("", "/app/"),
    ],
)
def test_next_stays_in_the_app(client: Client, account: AppAccount, asked: str, lands: str) -> None:
    assert post(client, account.email, data={"next": asked}).headers["Location"] == lands
    assert client.get("/app/sign-in/", {"next": asked}).headers["Location"] == lands, "already signed in"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client: Client, account: AppAccount) -> None:
    asked = client.get("/app/account/").headers["Location"]
    assert asked == "/app/sign-in/?next=/app/account/"
    assert '<input type="hidden" name="next" value="/app/account/">' in client.get(asked).content.decode()


# Sessions.


def test_signing_out_ends_this_device_only(client: Client, account: AppAccount, huxley: Retailer) -> None:
    phone = signed_in_to_app(Client(), account, retailer=huxley)
    tablet = signed_in_to_app(client, account, retailer=huxley)
    key = tablet.cookies[COOKIE].value
    assert tablet.get("/app/sign-out/").status_code == 405
    assert tablet.post("/app/sign-out/").headers["Location"] == "/app/sign-in/"
    assert tablet.get("/app/").status_code == 302
    tablet.cookies[COOKIE] = key
    assert tablet.get("/app/").status_code == 302, "the key itself is worth nothing now"
    assert phone.get("/app/").status_code == 200


def test_a_new_password_signs_out_everywhere_else(client: Client, account: AppAccount, huxley: Retailer) -> None:
    other = signed_in_to_app(Client(), account, retailer=huxley)
    here = signed_in_to_app(client, account, retailer=huxley)
    wrong = here.post("/app/password/", {"current": "wrong", "password": "a quiet walk by the river"})
    assert (wrong.status_code, "This is not your password." in wrong.content.decode()) == (422, True)
    poor = here.post("/app/password/", {"current": PASSWORD, "password": "short"})
    assert (poor.status_code, "at least 10 characters" in poor.content.decode()) == (422, True)
    assert other.get("/app/").status_code == 200
    done = here.post("/app/password/", {"current": PASSWORD, "password": "a quiet walk by the river"})
    assert done.headers["Location"] == "/app/account/"
    assert "Your password is changed." in here.get("/app/account/").content.decode()
    assert other.get("/app/").status_code == 302
    assert AppSession.objects.count() == 1
    assert post(Client(), account.email).status_code == 422
    assert post(Client(), account.email, "a quiet walk by the river").status_code == 302


def test_a_session_ends_after_ninety_idle_days(client: Client, account: AppAccount, huxley: Retailer) -> None:
    signed_in_to_app(client, account, retailer=huxley)
    AppSession.objects.update(ends_at=utc_now())
    assert client.get("/app/").status_code == 302
    jobs.sweep_sessions({}, now=utc_now())
    assert not AppSession.objects.exists()


def test_a_visit_renews_the_session_once_a_day(client: Client, account: AppAccount, huxley: Retailer) -> None:
    signed_in_to_app(client, account, retailer=huxley)
    seen = AppSession.objects.get().last_seen_at
    assert COOKIE not in client.get("/app/").cookies
    assert AppSession.objects.get().last_seen_at == seen
    AppSession.objects.update(last_seen_at=seen - timedelta(days=2))
    answer = client.get("/app/")
    assert answer.cookies[COOKIE]["max-age"] == int(IDLE.total_seconds())
    session = AppSession.objects.get()
    assert session.ends_at - session.last_seen_at == IDLE
    assert session.last_seen_at >= seen


def test_a_living_session_is_not_swept(account: AppAccount, huxley: Retailer) -> None:
    signed_in_to_app(Client(), account, retailer=huxley)
    jobs.sweep_sessions({}, now=utc_now())
    assert AppSession.objects.count() == 1


def test_signing_in_again_makes_a_new_key(client: Client, account: AppAccount) -> None:
    post(client, account.email)
    planted = client.cookies[COOKIE].value
    AppSession.objects.update(ends_at=utc_now() - timedelta(days=1))
    post(client, account.email)
    assert client.cookies[COOKIE].value != planted
    assert AppSession.objects.count() == 1


def test_no_page_is_kept_by_a_cache(client: Client, account: AppAccount, token: str, huxley: Retailer) -> None:
    for path in ("/app/sign-in/", "/app/forgot/"):
        assert "no-store" in client.get(path).headers["Cache-Control"]
    assert "no-store" in client.get(f"/app/join/{token}/").headers["Cache-Control"]
    signed_in_to_app(client, account, retailer=huxley)
    for path in ("/app/", "/app/account/", "/app/stores/", "/app/password/"):
        assert "no-store" in client.get(path).headers["Cache-Control"]


# Two doors.


def test_a_staff_session_opens_no_page_of_the_app_and_the_other_way_round(
    client: Client, account: AppAccount, huxley: Retailer, owner: User
) -> None:
    staff = signed_in(Client(), owner)
    for path in ("/app/", "/app/account/", "/app/stores/", "/app/password/"):
        assert staff.get(path).headers["Location"] == f"/app/sign-in/?next={path}"
        assert staff.post(path, {}).status_code in (302, 405)
    shopper = signed_in_to_app(client, account, retailer=huxley)
    for path in ("/", "/customers/", "/checkout/", "/devices/"):
        assert shopper.get(path).headers["Location"].startswith("/sign-in/?next=")


def test_both_in_one_browser_see_their_own(
    client: Client, account: AppAccount, otherpaws: Retailer, other_owner: User, huxley: Retailer
) -> None:
    """Who works at Other Paws and shops at Huxley House: each page stands in its own retailer."""
    both = signed_in(client, other_owner)
    both = signed_in_to_app(both, account, retailer=huxley)
    page = both.get("/app/account/").content.decode()
    assert "Betty Smith" in page
    assert "Huxley House" in page
    assert "Otto Other" not in page
    assert "Other Paws" not in page
    assert "Other Paws" in both.get("/").content.decode()
    both.post("/app/account/", {"email": "on"})
    both.post("/app/sign-out/")
    assert both.get("/").status_code == 200, "still at work"


# Forgetting the password.


def test_forgetting_says_the_same_to_everyone(
    client: Client, account: AppAccount, huxley: Retailer, midtown: Location, owner: User, betty: Customer
) -> None:
    answers = [client.post("/app/forgot/", {"email": email}) for email in (account.email, "nobody@example.com", "x")]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {(302, "/app/forgot/?sent=1")}
    assert {without_what_differs(answer) for answer in answers} == {""}
    assert "If this address has a password here" in client.get("/app/forgot/?sent=1").content.decode()
    assert OutboxRow.objects.filter(kind="messaging.app_link").count() == 1


def test_no_mail_goes_to_an_address_that_shows_no_cards_any_more(
    client: Client, account: AppAccount, huxley: Retailer, midtown: Location, owner: User, betty: Customer
) -> None:
    with inside(huxley):
        names = {"first_name": "Betty", "last_name": "Smith", "phone": ""}
        change_customer(betty, **names, email="new@example.com", at=midtown, by=owner, now=NOW)
    client.post("/app/forgot/", {"email": account.email})
    assert not OutboxRow.objects.filter(kind="messaging.app_link").exists()


def test_asking_twice_in_a_moment_sends_one_mail(client: Client, account: AppAccount) -> None:
    for _ in range(3):
        client.post("/app/forgot/", {"email": account.email})
    assert OutboxRow.objects.filter(kind="messaging.app_link").count() == 1


def test_asking_again_leaves_the_first_mail_good(
    client: Client, account: AppAccount, huxley: Retailer, betty: Customer
) -> None:
    client.post("/app/forgot/", {"email": account.email})
    early = utc_now() - timedelta(minutes=3)
    AppAccount.objects.update(reset_asked_at=early)
    with inside(huxley):
        first = app_link(betty)
    client.post("/app/forgot/", {"email": account.email})
    assert AppAccount.objects.get().reset_asked_at == early
    assert OutboxRow.objects.filter(kind="messaging.app_link").count() == 2
    assert client.get(f"/app/join/{first}/").status_code == 200


def test_the_sixth_asking_for_one_address_waits(client: Client, db: None) -> None:
    answers = [client.post("/app/forgot/", {"email": "nobody@example.com"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "There were too many tries." in answers[-1].content.decode()
    assert client.post("/app/forgot/", {"email": "other@example.com"}).status_code == 302
    assert client.post("/app/forgot/", {"email": ""}).status_code == 422


def test_the_account_holds_no_more_than_it_needs(account: AppAccount, huxley: Retailer, betty: Customer) -> None:
    assert account.password.startswith("argon2$")
    with inside(huxley):
        assert AppLink.objects.get().customer_id == betty.pk
