"""The link in a Welcome Email: what it opens, what it never opens, and that looking changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.core import signing
from django.test import Client

from astro.activity.models import Event
from astro.customer_app import actions
from astro.customer_app.models import AppAccount, AppLink, AppSession
from astro.customers.actions import add_practice_customer, ask_erasure, change_customer, erase_due, retire_customer
from astro.customers.consent.addresses import address_hash
from astro.customers.models import Act, Channel, Consent, Customer
from astro.kit.clock import utc_now
from astro.kit.models import OutboxRow
from astro.messaging.links import Purpose, Told, make_link
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, PASSWORD, app_link, inside, make_app_account, make_customer, signed_in_to_app

NEW = "a quiet walk by the river"


def get(client: Client, token: str) -> Any:
    return client.get(f"/app/join/{token}/")


def post(client: Client, token: str, password: str = NEW) -> Any:
    return client.post(f"/app/join/{token}/", {"password": password})


def made(token: str, monkeypatch: pytest.MonkeyPatch, *, ago: timedelta, of: Customer) -> str:
    """The same link, made some time ago."""
    then = signing.time.time() - ago.total_seconds()
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", lambda: then)
        with inside(of.retailer):
            return app_link(of)


# What it opens.


def test_looking_shows_the_store_and_the_form_and_changes_nothing(client: Client, token: str, huxley: Retailer) -> None:
    page = get(client, token)
    assert page.status_code == 200
    assert "Your cards at Huxley House" in page.content.decode()
    assert "Betty.Smith@example.com" in page.content.decode()
    assert 'autocomplete="new-password"' in page.content.decode()
    assert not AppAccount.objects.exists()
    assert "astro_app" not in client.cookies
    with inside(huxley):
        assert not AppLink.objects.exists()
        assert not Event.objects.filter(name="app joined").exists()


def test_setting_a_password_opens_the_account_and_signs_in(
    client: Client, token: str, huxley: Retailer, betty: Customer
) -> None:
    answer = post(client, token)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/app/")
    account = AppAccount.objects.get()
    assert (account.email, account.email_folded) == ("Betty.Smith@example.com", "betty.smith@example.com")
    assert account.password.startswith("argon2$")
    assert AppSession.objects.get().account == account
    assert "Your cards at Huxley House" in client.get("/app/").content.decode()
    with inside(huxley):
        link = AppLink.objects.get()
        assert (link.account_id, link.customer, link.ended_at) == (account.pk, betty, None)
        betty.refresh_from_db()
        assert betty.app_since is not None
        assert Event.objects.get(name="app joined").about_id == betty.pk


def test_opening_the_app_joins_no_mailing_list(client: Client, token: str, huxley: Retailer, betty: Customer) -> None:
    get(client, token)
    post(client, token)
    with inside(huxley):
        assert not Consent.objects.exists()
        betty.refresh_from_db()
        assert betty.email_state == "on_file"


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "Type a password."),
        ("short", "Use at least 10 characters"),
        ("password123", "Many people use this password"),
        ("betty.smith@example", "This is mostly “"),
        ("x" * 1001, "Use at most 1000 characters"),
        ("nul\x00 and nul again", "Null characters are not allowed"),
    ],
)
def test_a_poor_password_is_refused_and_nothing_is_half_made(
    client: Client, token: str, password: str, said: str
) -> None:
    answer = post(client, token, password)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not AppAccount.objects.exists()
    assert not AppSession.objects.exists()


def test_the_form_needs_the_csrf_token(token: str) -> None:
    assert post(Client(enforce_csrf_checks=True), token).status_code == 403
    assert not AppAccount.objects.exists()


# What it never opens.


def test_a_used_link_leads_to_signing_in_and_sets_no_password(client: Client, token: str) -> None:
    post(client, token)
    before = AppAccount.objects.values().get()
    thief = Client()
    for answer in (get(thief, token), post(thief, token, "the password of a thief")):
        assert (answer.status_code, answer.headers["Location"]) == (302, "/app/sign-in/")
    assert "You have a password already. Sign in with it." in thief.get("/app/sign-in/").content.decode()
    assert AppAccount.objects.values().get() == before
    assert AppSession.objects.count() == 1, "the thief is not signed in"
    assert get(client, token).headers["Location"] == "/app/", "its owner goes to the cards"


def test_every_other_link_to_the_same_customer_is_used_up_as_well(
    client: Client, token: str, account: AppAccount, betty: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = made(token, monkeypatch, ago=timedelta(days=20), of=betty)
    for link in (token, older):
        assert post(client, link).headers["Location"] == "/app/sign-in/"
    account.refresh_from_db()
    assert check_password(PASSWORD, account.password)


def test_a_link_of_another_store_asks_for_the_password(
    client: Client, account: AppAccount, otherpaws: Retailer, elsewhere_betty: Customer
) -> None:
    with inside(otherpaws):
        token = app_link(elsewhere_betty)
    page = get(client, token).content.decode()
    assert "Add Other Paws to your cards" in page
    assert "Huxley" not in page, "no store tells of another"
    wrong = post(client, token, "not my password")
    assert wrong.status_code == 422
    assert "This is not the password of your Astro app." in wrong.content.decode()
    with inside(otherpaws):
        assert not AppLink.objects.exists()
    assert post(client, token, PASSWORD).headers["Location"] == "/app/"
    with inside(otherpaws):
        assert AppLink.objects.get().customer == elsewhere_betty
    assert "Your cards at Other Paws" in client.get("/app/").content.decode()
    account.refresh_from_db()
    assert check_password(PASSWORD, account.password), "the password stays what it was"


def test_guessing_the_password_at_a_link_is_held_up_like_signing_in(
    client: Client, account: AppAccount, otherpaws: Retailer, elsewhere_betty: Customer
) -> None:
    with inside(otherpaws):
        token = app_link(elsewhere_betty)
    answers = [post(client, token, f"guess number {number}").status_code for number in range(21)]
    assert answers == [422] * 20 + [429]
    assert post(client, token, PASSWORD).status_code == 429
    assert client.post("/app/sign-in/", {"email": account.email, "password": PASSWORD}).status_code == 429


def test_a_link_asked_for_elsewhere_resets_nothing_from_a_store_that_shows_no_cards(
    client: Client, account: AppAccount, otherpaws: Retailer, elsewhere_betty: Customer
) -> None:
    """Whoever reads another store's mail must not get at the cards of this one, even while a reset is asked for."""
    actions.ask_new_password(account.email_folded, now=utc_now() - timedelta(seconds=5))
    with inside(otherpaws):
        token = app_link(elsewhere_betty)
    assert "Add Other Paws to your cards" in get(client, token).content.decode()
    assert post(client, token, NEW).status_code == 422
    account.refresh_from_db()
    assert not check_password(NEW, account.password)


def test_an_account_that_no_store_shows_cards_to_starts_anew(
    client: Client, account: AppAccount, huxley: Retailer, betty: Customer, midtown: Location, owner: Any
) -> None:
    """Else somebody whose one store closed their account could never join again: nobody would send them a reset."""
    old = signed_in_to_app(Client(), account, retailer=huxley)
    with inside(huxley):
        retire_customer(betty, at=midtown, by=owner, now=NOW)
        again = make_customer(at=midtown, first_name="Betty", last_name="Smith", email=account.email)
        token = app_link(again)
    assert post(client, token).headers["Location"] == "/app/"
    assert old.get("/app/").status_code == 302, "signed out"
    with inside(huxley):
        assert AppLink.objects.get(ended_at__isnull=True).customer == again
    assert AppAccount.objects.count() == 1


BAD: dict[str, Any] = {
    "cut": lambda token, betty: token[:-4],
    "cut in the middle": lambda token, betty: token[:20],
    "swapped": lambda token, betty: token[5:] + token[:5],
    "one letter changed": lambda token, betty: ("b" if token[0] != "b" else "c") + token[1:],
    "for another purpose": lambda token, betty: make_link(
        Purpose.VERIFY,
        Told(betty.retailer_id, betty.pk, Channel.EMAIL, address_hash(Channel.EMAIL, betty.email)),
    ),
    "far too long": lambda token, betty: token * 20,
    "not a token": lambda token, betty: "0",
    "odd letters": lambda token, betty: "%00🐕",
    "of an address they do not have": lambda token, betty: make_link(
        Purpose.APP, Told(betty.retailer_id, betty.pk, Channel.EMAIL, address_hash(Channel.EMAIL, "x@example.com"))
    ),
    "of a phone": lambda token, betty: make_link(
        Purpose.APP, Told(betty.retailer_id, betty.pk, Channel.TEXT, address_hash(Channel.TEXT, betty.phone))
    ),
    "of nobody": lambda token, betty: make_link(
        Purpose.APP, Told(betty.retailer_id, 7, Channel.EMAIL, address_hash(Channel.EMAIL, betty.email))
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_link_is_a_clear_page(client: Client, token: str, huxley: Retailer, betty: Customer, kind: str) -> None:
    with inside(huxley):
        bad = BAD[kind](token, betty)
    for answer in (get(client, bad), post(client, bad)):
        assert answer.status_code in (404, 410)
        assert "That did not work" in answer.content.decode()
        assert "Betty" not in answer.content.decode()
    assert not AppAccount.objects.exists()


def test_a_link_with_another_retailers_number_does_not_find_its_customer(
    client: Client, token: str, otherpaws: Retailer, betty: Customer
) -> None:
    with inside(otherpaws):
        hashed = address_hash(Channel.EMAIL, betty.email)
        swapped = make_link(Purpose.APP, Told(otherpaws.pk, betty.pk, Channel.EMAIL, hashed))
    assert post(client, swapped).status_code == 410
    assert not AppAccount.objects.exists()


@pytest.mark.parametrize(("days", "status"), [(29, 200), (31, 410)])
def test_a_link_lives_thirty_days(
    client: Client, token: str, betty: Customer, monkeypatch: pytest.MonkeyPatch, days: int, status: int
) -> None:
    old = made(token, monkeypatch, ago=timedelta(days=days), of=betty)
    assert get(client, old).status_code == status
    if status == 410:
        assert "This link is too old." in get(client, old).content.decode()
        assert post(client, old).status_code == 410


def test_a_changed_address_ends_the_link(
    client: Client, token: str, huxley: Retailer, betty: Customer, midtown: Location, owner: Any
) -> None:
    with inside(huxley):
        change_customer(
            betty,
            first_name="Betty",
            last_name="Smith",
            phone="",
            email="new@example.com",
            at=midtown,
            by=owner,
            now=NOW,
        )
    assert get(client, token).status_code == 410
    assert "has changed since it was sent" in get(client, token).content.decode()
    assert post(client, token).status_code == 410


def test_a_retired_customer_has_no_app(
    client: Client, token: str, huxley: Retailer, betty: Customer, midtown: Location, owner: Any
) -> None:
    with inside(huxley):
        retire_customer(betty, at=midtown, by=owner, now=NOW)
    assert (get(client, token).status_code, post(client, token).status_code) == (410, 410)
    assert not AppAccount.objects.exists()


def test_who_was_erased_has_no_link_no_account_and_no_session(
    client: Client, token: str, huxley: Retailer, betty: Customer, midtown: Location, owner: Any
) -> None:
    post(client, token)
    with inside(huxley):
        ask_erasure(betty, by=owner, at=midtown, now=NOW)
        assert client.get("/app/").headers["Location"] == "/app/stores/", "at once, not only when the day has come"
        assert erase_due(today=midtown.day(NOW) + timedelta(days=31), now=NOW + timedelta(days=31)) == 1
    thief = Client()
    assert (get(thief, token).status_code, post(thief, token).status_code) == (410, 410)
    assert client.get("/app/").headers["Location"] == "/app/sign-in/?next=/app/"
    assert not AppAccount.objects.exists()
    assert not AppSession.objects.exists()


def test_an_account_that_another_store_knows_outlives_erasing_at_one(
    client: Client,
    account: AppAccount,
    huxley: Retailer,
    betty: Customer,
    midtown: Location,
    owner: Any,
    otherpaws: Retailer,
    elsewhere_betty: Customer,
) -> None:
    with inside(otherpaws):
        actions.link_account(account, customer=elsewhere_betty, now=NOW)
    with inside(huxley):
        ask_erasure(betty, by=owner, at=midtown, now=NOW)
        erase_due(today=midtown.day(NOW) + timedelta(days=31), now=NOW + timedelta(days=31))
    signed_in_to_app(client, account, retailer=otherpaws)
    assert "Your cards at Other Paws" in client.get("/app/").content.decode()
    assert "Huxley" not in client.get("/app/stores/").content.decode()


def test_a_link_to_an_account_that_was_merged_leads_to_whoever_has_its_address(
    client: Client, token: str, huxley: Retailer, betty: Customer, midtown: Location, owner: Any
) -> None:
    with inside(huxley):
        retire_customer(betty, at=midtown, by=owner, now=NOW)
        kept = make_customer(at=midtown, first_name="Betty", last_name="Smith-Jones", email=betty.email)
    assert post(client, token).headers["Location"] == "/app/"
    with inside(huxley):
        assert AppLink.objects.get().customer == kept


def test_the_practice_customers_link_opens_no_account(
    client: Client, huxley: Retailer, midtown: Location, owner: Any
) -> None:
    """Everyone who works at the store reads her mail: with anybody's address they could open an account in its name."""
    with inside(huxley):
        sally = add_practice_customer(now=NOW)
        names = {"first_name": sally.first_name, "last_name": sally.last_name, "phone": ""}
        sally = change_customer(sally, **names, email="victim@example.com", at=midtown, by=owner, now=NOW)
        token = app_link(sally)
    answer = post(client, token)
    assert answer.status_code == 403
    assert "there to practice with" in answer.content.decode()
    assert not AppAccount.objects.exists()


def test_two_who_open_the_same_link_at_once_make_one_account(
    client: Client, token: str, huxley: Retailer, betty: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both found no account; the second to save is sent to sign in."""
    with inside(huxley):
        first = make_app_account(betty)
    monkeypatch.setattr("astro.customer_app.joining.account_of", lambda folded: None)
    monkeypatch.setattr("astro.customer_app.actions.account_of", lambda folded: None)
    answer = post(client, token)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/app/sign-in/")
    assert AppAccount.objects.get() == first


# A new password.


def test_a_reset_link_works_once(
    client: Client, account: AppAccount, huxley: Retailer, betty: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in = signed_in_to_app(Client(), account, retailer=huxley)
    before = made("", monkeypatch, ago=timedelta(minutes=10), of=betty)
    client.post("/app/forgot/", {"email": "betty.smith@EXAMPLE.com"})
    row = OutboxRow.objects.get(kind="messaging.app_link")
    assert (row.retailer_id, row.payload) == (huxley.pk, {"customer": betty.pk})
    with inside(huxley):
        link = app_link(betty)
    assert get(client, before).headers["Location"] == "/app/sign-in/", "an older link does not serve"
    page = get(client, link)
    assert "Set a new password" in page.content.decode()
    assert post(client, link).headers["Location"] == "/app/"
    account.refresh_from_db()
    assert check_password(NEW, account.password)
    assert signed_in.get("/app/").status_code == 302, "signed out everywhere else"
    assert client.get("/app/").status_code == 200
    assert post(Client(), link, "the password of a thief").headers["Location"] == "/app/sign-in/"
    account.refresh_from_db()
    assert check_password(NEW, account.password)


def test_a_reset_link_lives_a_day(
    client: Client, account: AppAccount, betty: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.ask_new_password(account.email_folded, now=utc_now() - timedelta(hours=26))
    for hours, door in ((23, 200), (25, 302)):
        link = made("", monkeypatch, ago=timedelta(hours=hours), of=betty)
        assert get(client, link).status_code == door


def test_looking_at_a_reset_link_changes_nothing(
    client: Client, account: AppAccount, huxley: Retailer, betty: Customer
) -> None:
    actions.ask_new_password(account.email_folded, now=utc_now() - timedelta(seconds=2))
    before = AppAccount.objects.values().get()
    with inside(huxley):
        link = app_link(betty)
    assert [get(client, link).status_code for _ in range(3)] == [200, 200, 200]
    assert AppAccount.objects.values().get() == before


def test_the_words_of_consent_are_not_touched_by_a_link(
    client: Client,
    account: AppAccount,
    huxley: Retailer,
    betty: Customer,
    otherpaws: Retailer,
    elsewhere_betty: Customer,
) -> None:
    with inside(otherpaws):
        token = app_link(elsewhere_betty)
    post(client, token, PASSWORD)
    for retailer in (huxley, otherpaws):
        with inside(retailer):
            assert not Consent.objects.filter(act=Act.YES).exists()
