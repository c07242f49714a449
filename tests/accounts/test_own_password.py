"""My account and my password: the current one and a new one; everywhere else one is signed out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.core.exceptions import ValidationError
from django.test import Client, override_settings

from astro.accounts.actions import add_user
from astro.accounts.models import StaffSession, User
from astro.accounts.passwords import SHORTEST, StaffPassword, set_password
from astro.activity.models import Event
from astro.kit.models import PlainMail
from astro.kit.passwords.hashing import Argon2
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, PASSWORD, inside, make_membership, make_user, signed_in

ROOT = Path(__file__).parents[2]
NEW = "seven calm badgers dig"


def change(client: Client, current: str = PASSWORD, password: str = NEW) -> Any:
    return client.post("/me/password/", {"current": current, "password": password})


def test_my_account_says_who_one_is_and_where_one_works(
    client: Client, cashier: User, huxley: Retailer, otherpaws: Retailer, elsewhere: Location
) -> None:
    make_membership(cashier, retailer=otherpaws, role="administrator", location=elsewhere)
    page = signed_in(client, cashier).get("/me/").content.decode()
    for told in ("Cass Cashier", "huxleycashier", "Huxley House", "Cashier, Midtown", "Administrator, Elsewhere"):
        assert told in page
    for link in ("/me/password/", "/me/sessions/"):
        assert f'href="{link}"' in page


def test_every_page_leads_to_my_account(client: Client, cashier: User) -> None:
    assert 'href="/me/"' in signed_in(client, cashier).get("/").content.decode()


def test_support_has_an_account_too(client: Client, db: None) -> None:
    helper = make_user(name="Sue Support", email="sue@astro.example")
    User.objects.filter(pk=helper.pk).update(is_support=True)
    client.post("/sign-in/", {"login": helper.login, "password": PASSWORD})
    for page in ("/me/", "/me/password/", "/me/sessions/"):
        assert client.get(page).status_code == 200, page
    assert change(client).status_code == 302
    helper.refresh_from_db()
    assert helper.check_password(NEW)


def test_changing_it_keeps_this_browser_under_another_key_and_ends_the_others(
    client: Client, owner: User, huxley: Retailer
) -> None:
    here, there = signed_in(client, owner), signed_in(Client(), owner)
    before = here.session.session_key
    answer = change(here)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/me/")
    assert "Your password is changed." in here.get("/me/").content.decode()
    assert here.session.session_key != before
    assert StaffSession.objects.count() == 1
    assert there.get("/me/").headers["Location"].startswith("/sign-in/")
    owner.refresh_from_db()
    assert owner.check_password(NEW)
    with inside(huxley):
        event = Event.objects.get(name="password changed")
    assert (event.about_id, event.by_user_id, event.facts) == (owner.memberships.get().pk, owner.pk, {})
    assert [letter.subject for letter in PlainMail.objects.all()] == ["Your Astro password was changed"]


def test_a_plain_word_gets_no_letter_and_nothing_breaks(client: Client, cashier: User) -> None:
    assert change(signed_in(client, cashier)).status_code == 302
    assert PlainMail.objects.count() == 0


def test_a_wrong_password_now_changes_nothing(client: Client, owner: User) -> None:
    page = change(signed_in(client, owner), current="not my password!")
    assert page.status_code == 422
    assert "This is not your password." in page.content.decode()
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)
    assert StaffSession.objects.count() == 1


def test_guessing_the_password_here_is_held_up_like_signing_in(client: Client, owner: User) -> None:
    signed_in(client, owner)
    statuses = [change(client, current=f"a wrong guess {number}").status_code for number in range(21)]
    assert (set(statuses[:20]), statuses[20]) == ({422}, 429)
    late = change(client)
    assert late.status_code == 429
    assert int(late.headers["Retry-After"]) > 60
    assert "There were too many tries with a wrong password." in late.content.decode()


@pytest.mark.parametrize("password", ["fourteen chars", "passwordpassword", "Huxley House 2026", "Cass Cashier 12", ""])
def test_a_poor_one_is_refused_with_a_sentence(client: Client, cashier: User, password: str) -> None:
    page = change(signed_in(client, cashier), password=password)
    assert page.status_code == 422
    assert 'class="field has-error"' in page.content.decode()
    cashier.refresh_from_db()
    assert cashier.check_password(PASSWORD)


def test_one_that_somebody_else_chose_is_changed_before_anything_else(
    client: Client, owner: User, cashier: User
) -> None:
    set_password(cashier, "four green geese hop", by=owner, now=NOW)
    assert cashier.has_given_password
    client.post("/sign-in/", {"login": "huxleycashier", "password": "four green geese hop"})
    assert client.get("/").headers["Location"] == "/me/password/"
    page = client.get("/me/password/").content.decode()
    assert "Choose your own password" in page
    assert "The password you were given" in page
    assert change(client, current="four green geese hop").headers["Location"] == "/"
    assert client.get("/").status_code == 200
    cashier.refresh_from_db()
    assert not cashier.has_given_password


def test_the_one_that_was_given_cannot_be_kept(client: Client, owner: User, cashier: User) -> None:
    set_password(cashier, "four green geese hop", by=owner, now=NOW)
    client.post("/sign-in/", {"login": "huxleycashier", "password": "four green geese hop"})
    page = change(client, current="four green geese hop", password="four green geese hop")
    assert page.status_code == 422
    assert "This is the password you have now." in page.content.decode()


def test_who_is_kept_out_for_another_reason_is_told_so_here_too(
    client: Client, cashier: User, huxley: Retailer
) -> None:
    huxley.networks = "198.51.100.0/24"
    huxley.save()
    page = signed_in(client, cashier).get("/me/password/")
    assert page.status_code == 403
    assert "IP Address Restricted" in page.content.decode()


def test_acting_as_somebody_ends_with_ones_own_password(owner: User, cashier: User, huxley: Retailer) -> None:
    membership = cashier.memberships.get()
    StaffSession.objects.create(
        session_key="k" * 32,
        session_data="",
        expire_date=NOW.replace(year=2099),
        user=cashier,
        retailer_id=huxley.pk,
        membership_id=membership.pk,
        really_by=owner,
    )
    set_password(owner, NEW, by=owner, now=NOW)
    assert StaffSession.objects.count() == 0


def test_setting_refuses_a_poor_one_whoever_asks(owner: User, cashier: User) -> None:
    for poor in ("short", "huxleycashier 1", "Huxley House 2026"):
        with pytest.raises(ValidationError):
            set_password(cashier, poor, by=owner, now=NOW)
    with pytest.raises(ValidationError):
        add_user(name="Nora New", user_name="nora", password="nora new nora 1")
    cashier.refresh_from_db()
    assert cashier.check_password(PASSWORD)


def test_the_same_characters_from_another_system_are_the_same_password(db: None) -> None:
    """A composed é is set, é in two code points is typed; and the other way round."""
    composed, apart = "café crème brûlée", "cafe\u0301 cre\u0300me bru\u0302le\u0301e"
    for name, kept, typed in (("ann", composed, apart), ("bob", apart, composed)):
        user = make_user(user_name=name, password=kept)
        assert user.check_password(typed)
        assert not user.check_password("cafe creme brulee")


def test_a_long_one_is_taken_whole(db: None) -> None:
    """Longer than the 72 bytes at which some hashes stop reading."""
    long = "a longer walk up the hill than anybody took " * 22
    user = make_user(user_name="ann", password=long)
    assert user.check_password(long)
    assert not user.check_password(long[:-1])
    assert not user.check_password(long[:72])


@pytest.mark.once
def test_the_hash_costs_what_owasp_asks_for() -> None:
    """Asked of a fresh interpreter: tests hash cheaply."""
    asked = "from astro.kit.passwords.hashing import Argon2 as a; print(a.memory_cost, a.time_cost, a.parallelism)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT)
    memory, times, lanes = map(int, told.stdout.split())
    assert (memory >= 19 * 1024, times >= 2, lanes) == (True, True, 1)


class Stronger(Argon2):
    time_cost = 2


def test_a_hash_with_old_numbers_is_made_anew_at_sign_in(client: Client, owner: User) -> None:
    before = owner.password
    assert ",t=1," in before
    with override_settings(PASSWORD_HASHERS=[f"{__name__}.Stronger"]):
        hashers.get_hashers.cache_clear()
        client.post("/sign-in/", {"login": owner.login, "password": PASSWORD})
        owner.refresh_from_db()
        assert ",t=2," in owner.password
        assert client.get("/me/").status_code == 200, "and one is signed in"
    hashers.get_hashers.cache_clear()
    assert owner.password != before


def test_whoever_asks_django_hears_the_same(owner: User) -> None:
    validator = StaffPassword()
    assert str(SHORTEST) in validator.get_help_text()
    validator.validate(NEW, owner)
    validator.validate(NEW)
    with pytest.raises(ValidationError, match="huxleyhouse"):
        validator.validate("Huxley House 2026", owner)
