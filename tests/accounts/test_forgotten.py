"""A forgotten password: one page for everyone, a letter for whoever has an address, a link that works once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from astro.accounts.actions import end_membership
from astro.accounts.errors import LinkUsedUp
from astro.accounts.forgotten.actions import ASKED, send_link, use_link
from astro.accounts.forgotten.links import make_token, user_of
from astro.accounts.models import StaffSession, User
from astro.activity.models import Event
from astro.kit.models import OutboxRow, PlainMail
from astro.tenancy.models import AccountState, Retailer
from tests.cast import NOW, PASSWORD, inside, make_user, signed_in

NEW = "seven calm badgers dig"

pytestmark = pytest.mark.django_db


def ask(client: Client, login: str) -> Any:
    return client.post("/sign-in/forgotten/", {"login": login})


def letters() -> list[PlainMail]:
    return list(PlainMail.objects.order_by("pk"))


def link_of(user: User) -> str:
    return f"/sign-in/new-password/{make_token(user)}/"


def test_asking_only_puts_what_was_typed_into_the_outbox(client: Client, owner: User) -> None:
    answer = ask(client, " Owner@HuxleyHouse.example ")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/forgotten/?sent=1")
    row = OutboxRow.objects.get(kind=ASKED)
    assert row.payload == {"login": "owner@huxleyhouse.example"}
    assert letters() == []


def comparable(page: Any) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")\w+', "", page.content.decode())


def shape_of(asked: CaptureQueriesContext) -> list[str]:
    """The statements without their values: those differ by what was typed, as they must."""
    return [re.sub(r"'[^']*'|\b\d+\b", "?", query["sql"]) for query in asked.captured_queries]


def test_page_tells_the_three_reasons_before_and_after(client: Client, db: None) -> None:
    for address in ("/sign-in/forgotten/", "/sign-in/forgotten/?sent=1"):
        page = client.get(address).content.decode()
        assert "is not the one of your account" in page
        assert "spam folder" in page
        assert "Your user name is not an e-mail" in page
        assert "ask an administrator of your store to set a new password for you" in page
        assert 'href="/access-help/"' in page


def test_sign_in_page_leads_there(client: Client, db: None) -> None:
    assert 'href="/sign-in/forgotten/"' in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize("goes_out", [True, False])
def test_page_says_where_no_mail_goes_out(client: Client, settings: Any, *, goes_out: bool) -> None:
    settings.MAIL_GOES_OUT = goes_out
    assert ("This installation sends no mail" in client.get("/sign-in/forgotten/").content.decode()) is not goes_out


def test_whoever_has_an_address_gets_a_link(owner: User) -> None:
    send_link("owner@huxleyhouse.example", now=NOW)
    (letter,) = letters()
    assert (letter.to, letter.subject) == (["owner@huxleyhouse.example"], "Set a new Astro password")
    assert "one hour" in letter.text
    assert re.search(r"http://127\.0\.0\.1:\d+/sign-in/new-password/[\w-]+/\n", letter.text)


def test_a_plain_word_gets_no_letter(cashier: User) -> None:
    """Their administrator sets a new one; nobody else's address is written to either."""
    send_link("huxleycashier", now=NOW)
    assert letters() == []


@pytest.mark.parametrize("login", ["nobody@example.com", "nobody", "", "\x00", "x" * 254])
def test_nobody_gets_no_letter(login: str, owner: User) -> None:
    send_link(login.replace("\x00", ""), now=NOW)
    assert letters() == []


def test_who_was_shut_out_gets_no_letter(owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    send_link(owner.login, now=NOW)
    assert letters() == []


def test_who_was_removed_is_told_whom_to_ask_and_gets_no_link(owner: User) -> None:
    end_membership(owner.memberships.get(), by=None, now=NOW)
    send_link(owner.login, now=NOW)
    (letter,) = letters()
    assert "Your user was removed" in letter.text
    assert "Ask an administrator of your store to add you again" in letter.text
    assert "new-password" not in letter.text


def test_who_never_worked_anywhere_gets_no_letter(db: None) -> None:
    make_user(email="jobless@example.com")
    send_link("jobless@example.com", now=NOW)
    assert letters() == []


def test_of_a_held_store_gets_a_link_all_the_same(owner: User, huxley: Retailer) -> None:
    huxley.held_at, huxley.state = NOW, AccountState.ACTIVE
    huxley.save()
    send_link(owner.login, now=NOW)
    assert [letter.subject for letter in letters()] == ["Set a new Astro password"]


def test_support_gets_a_link_too(db: None) -> None:
    user = make_user(email="helper@astro.example")
    User.objects.filter(pk=user.pk).update(is_support=True)
    send_link(user.login, now=NOW)
    assert [letter.subject for letter in letters()] == ["Set a new Astro password"]


def test_opening_the_link_changes_nothing(client: Client, owner: User) -> None:
    with CaptureQueriesContext(connection) as asked:
        page = client.get(link_of(owner))
    assert page.status_code == 200
    assert [query["sql"] for query in asked.captured_queries if not query["sql"].startswith("SELECT")] == []
    text = page.content.decode()
    assert 'autocomplete="new-password"' in text
    assert 'value="owner@huxleyhouse.example"' in text
    assert "At least 15 characters" in text
    assert "Olive" not in text


def test_setting_it_signs_out_everywhere_tells_the_person_and_signs_nobody_in(
    client: Client, owner: User, huxley: Retailer
) -> None:
    elsewhere = signed_in(Client(), owner)
    answer = client.post(link_of(owner), {"password": NEW})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/")
    assert "Your new password is set." in client.get("/sign-in/").content.decode()
    assert StaffSession.objects.count() == 0
    assert elsewhere.get("/").headers["Location"].startswith("/sign-in/")
    owner.refresh_from_db()
    assert owner.check_password(NEW)
    assert not owner.has_given_password
    (letter,) = letters()
    assert (letter.to, letter.subject) == (["owner@huxleyhouse.example"], "Your Astro password was changed")
    assert "http" in letter.text
    assert "/sign-in/forgotten/" in letter.text
    assert NEW not in letter.text
    with inside(huxley):
        event = Event.objects.get(name="password changed")
        assert (event.about_id, event.by_user_id, event.facts) == (owner.memberships.get().pk, owner.pk, {})
    signs_in = client.post("/sign-in/", {"login": owner.login, "password": NEW})
    assert signs_in.headers["Location"] == "/"


def test_a_link_works_once(client: Client, owner: User) -> None:
    first, second = link_of(owner), link_of(owner)
    client.post(first, {"password": NEW})
    for link in (first, second):
        assert client.get(link).status_code == 404
        late = client.post(link, {"password": "the words of a thief"})
        assert late.status_code == 404
        assert "Ask for a new link" in late.content.decode()
    owner.refresh_from_db()
    assert owner.check_password(NEW)


@pytest.mark.parametrize(("minutes", "works"), [(59, True), (61, False)])
def test_a_link_works_for_an_hour(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch, minutes: int, *, works: bool
) -> None:
    link, now = link_of(owner), PasswordResetTokenGenerator()._now()
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self: now + timedelta(minutes=minutes))
    assert (client.get(link).status_code == 200) is works
    assert (client.post(link, {"password": NEW}).status_code == 302) is works


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "new@huxleyhouse.example"},
        {"is_active": False},
        {"last_login": NOW},
        {"email": None, "user_name": "x"},
    ],
    ids=["another e-mail", "shut out", "signed in since", "no e-mail any more"],
)
def test_a_link_ends_with_what_it_was_made_of(client: Client, owner: User, changes: dict[str, Any]) -> None:
    link = link_of(owner)
    User.objects.filter(pk=owner.pk).update(**changes)
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("token", ["x", "-", "1-2-3", "zzzzzzzzzzzzz-2-3", "é-1-2", "0-0-0", "a" * 500])
def test_what_is_no_link_is_told_like_one_that_is_used_up(client: Client, owner: User, token: str) -> None:
    used = link_of(owner)
    client.post(used, {"password": NEW})
    gone, wrong = Client().get(used), Client().get(f"/sign-in/new-password/{token}/")
    assert (wrong.status_code, comparable(wrong)) == (404, comparable(gone))


def test_a_wrong_proof_costs_the_same_for_somebody_and_for_nobody(client: Client, owner: User) -> None:
    somebody, _dash, proof = make_token(owner).partition("-")
    asked = []
    for token in (f"{somebody}-x{proof}", f"zz-{proof}", f"{somebody}-{proof[:-1]}", "é-é"):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/sign-in/new-password/{token}/")
        asked.append(shape_of(queries))
    assert asked == [asked[0]] * 4


def test_anothers_proof_opens_nothing(owner: User, cashier: User) -> None:
    User.objects.filter(pk=cashier.pk).update(email="cass@huxleyhouse.example")
    mine, theirs = make_token(owner), make_token(User.objects.get(pk=cashier.pk))
    assert user_of(theirs.partition("-")[0] + "-" + mine.partition("-")[2]) is None


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "Type a password."),
        ("short", "Use at least 15 characters"),
        ("passwordpassword", "the same few characters again and again"),
        ("Huxley House 2026", "“huxleyhouse”"),
        ("olive owner 2026", "“oliveowner”"),
        ("otter river " * 84, "Use at most 1000 characters"),
    ],
)
def test_a_poor_one_is_refused_with_a_sentence(client: Client, owner: User, password: str, said: str) -> None:
    link = link_of(owner)
    page = client.post(link, {"password": password})
    assert page.status_code == 422
    assert said in page.content.decode()
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)
    assert client.get(link).status_code == 200, "the link is still good"


def test_the_action_itself_refuses_a_poor_one_and_a_used_link(owner: User) -> None:
    token = make_token(owner)
    with pytest.raises(ValidationError):
        use_link(token, password="short", now=NOW)
    use_link(token, password=NEW, now=NOW)
    with pytest.raises(LinkUsedUp):
        use_link(token, password="another good otter", now=NOW)


def test_five_times_for_the_same_name_then_wait(client: Client, owner: User) -> None:
    for login in ("owner@huxleyhouse.example", "nobody@example.com"):
        answers = [ask(client, login) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [302] * 5 + [429]
        assert "There were too many tries. Wait 60 minutes, then try again." in answers[-1].content.decode()
        assert int(answers[-1].headers["Retry-After"]) > 3000
    assert OutboxRow.objects.filter(kind=ASKED).count() == 10


def test_twenty_times_from_the_same_address_then_wait(client: Client, db: None) -> None:
    statuses = [ask(client, f"guess{number}@example.com").status_code for number in range(21)]
    assert statuses == [302] * 20 + [429]


def test_nothing_typed_is_asked_for(client: Client, db: None) -> None:
    page = ask(client, "")
    assert page.status_code == 422
    assert "Type the e-mail that you sign in with." in page.content.decode()
