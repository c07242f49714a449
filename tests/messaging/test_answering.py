"""The links in letters: what each may do, what opening one does (nothing), and what one button does."""

from __future__ import annotations

from datetime import timedelta
from time import time
from urllib.parse import urlencode

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from astro.customers.actions import change_customer, retire_customer
from astro.customers.consent.addresses import address_hash
from astro.customers.consent.wordings import mailing_list
from astro.customers.models import Act, Channel, Consent, Customer, Source
from astro.messaging.links import LIVES_FOR, Purpose, Told, make_link, read_link
from astro.messaging.models import Delivery
from astro.tenancy.stores import store_of
from tests.cast import NOW, inside, make_customer, signed_in
from tests.messaging.mail_server import mail_server
from tests.messaging.mailing import (
    BETTYS,
    ask_by_mail,
    kept,
    path_in,
    send_all,
    set_up,
    state,
    tell_address,
    told,
)  # fmt: skip

pytestmark = pytest.mark.django_db

PAGES = {Purpose.VERIFY: "verify", Purpose.RETURN: "return", Purpose.UNSUBSCRIBE: "unsubscribe"}
FORM = "application/x-www-form-urlencoded"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def kept_here(settings, monkeypatch):
    set_up(settings, port=None)
    monkeypatch.setattr("astro.messaging.answer_views.utc_now", lambda: NOW)


@pytest.fixture
def betty(huxley, midtown):
    tell_address(midtown)
    with inside(huxley):
        return make_customer(at=midtown, first_name="Betty", last_name="Smith", email=BETTYS)


@pytest.fixture
def told_of(betty):
    with inside(betty.retailer):
        return Told(betty.retailer_id, betty.pk, Channel.EMAIL, address_hash(Channel.EMAIL, BETTYS))


def page(purpose: Purpose, told_of: Told) -> str:
    return reverse(f"messaging:{PAGES[purpose]}", args=[make_link(purpose, told_of)])


def visitor() -> Client:
    """Somebody with a browser that keeps no cookies of ours, and no token against forged forms."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False, headers={"User-Agent": "Mail/1.0"})


def ledger(retailer) -> list[tuple[str, str]]:
    with inside(retailer):
        return list(Consent.objects.order_by("id").values_list("act", "source"))


@pytest.mark.django_db(transaction=True)
def test_asked_verified_left_and_came_back(settings, betty, huxley, midtown, cashier):
    """The whole story, over a real mail server: each letter's own links, pressed by its reader."""
    with mail_server() as server:
        set_up(settings, port=server.port)
        ask_by_mail(betty, by=cashier, at=midtown)
        send_all()
        welcome = server.letters.pop().get_body(["plain"]).get_content()

        verify = path_in(welcome, "verify")
        assert b"b\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2@example.com" in visitor().get(verify).content
        assert ledger(huxley) == [("asked", "till")]
        assert visitor().post(verify).status_code == 302
        assert "You are on the mailing list" in visitor().get(verify).content.decode()
        assert state(huxley) == "yes"

        leave = path_in(welcome, "unsubscribe")
        visitor().get(leave)
        assert state(huxley) == "yes"
        assert visitor().post(leave).status_code == 302
        assert "You are unsubscribed" in visitor().get(leave).content.decode()
        assert state(huxley) == "stopped"
        for _ in range(3):
            visitor().post(leave)
        send_all()
        confirmation = server.letters.pop()
        assert server.letters == []
        assert confirmation["Subject"] == "You are unsubscribed from Midtown Pet Supply"
        assert told(huxley) == [("welcome_email", "sent"), ("unsubscribed", "sent")]

        back = path_in(confirmation.get_body(["plain"]).get_content(), "return")
        visitor().get(back)
        assert state(huxley) == "stopped"
        visitor().post(back)
        assert state(huxley) == "yes"
        send_all()
        assert server.letters == []
    assert ledger(huxley) == [("asked", "till"), ("yes", "link"), ("stop", "link"), ("yes", "link")]


def test_a_yes_is_kept_with_its_words_and_what_proves_it(betty, huxley, told_of):
    visitor().post(page(Purpose.VERIFY, told_of), REMOTE_ADDR="203.0.113.7")
    with inside(huxley):
        said = Consent.objects.select_related("wording").get()
        assert said.wording.text == mailing_list(store_of(huxley))
        assert (said.act, said.basis, said.source, said.customer_id) == (Act.YES, "express", Source.LINK, betty.pk)
        assert said.evidence == {"ip": "203.0.113.7", "user_agent": "Mail/1.0"}
        assert Customer.objects.get(pk=betty.pk).email_state == "yes"


@pytest.mark.parametrize("purpose", PAGES)
@pytest.mark.parametrize("method", ["get", "head"])
def test_reading_a_page_changes_nothing_and_sets_no_cookie(purpose, method, huxley, told_of):
    answer = getattr(visitor(), method)(page(purpose, told_of))
    assert answer.status_code == 200
    assert answer.cookies == {}
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"] == "no-store"
    assert ledger(huxley) == []
    assert told(huxley) == []


@pytest.mark.parametrize("purpose", PAGES)
def test_a_page_shows_nothing_of_the_customer_but_a_masked_address(purpose, told_of):
    words = visitor().get(page(purpose, told_of)).content.decode()
    assert "Midtown Pet Supply" in words
    assert "b•••@example.com" in words
    assert [word for word in ("Betty", "Smith", BETTYS) if word in words] == []


# What a link is not good for.


def cut(token: str) -> str:
    return token[: len(token) // 2]


def grown(token: str) -> str:
    return token + "x"


def swapped(token: str) -> str:
    return ("X" if token[5] != "X" else "Y").join([token[:5], token[6:]])


def long(token: str) -> str:
    return token * 9


SPOILED = [cut, grown, swapped, long, str.upper, lambda token: "7", lambda token: "preview", lambda token: "é'\"<b>"]


@pytest.mark.parametrize("purpose", PAGES)
@pytest.mark.parametrize("spoil", SPOILED)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_spoiled_link_does_nothing(purpose, spoil, method, huxley, told_of):
    url = reverse(f"messaging:{PAGES[purpose]}", args=[spoil(make_link(purpose, told_of))])
    answer = getattr(visitor(), method)(url)
    assert answer.status_code == 404
    assert "This link is not whole" in answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert ledger(huxley) == []


@pytest.mark.parametrize("made_for", Purpose)
@pytest.mark.parametrize("used_for", PAGES)
def test_a_link_is_good_for_one_thing_only(made_for, used_for, huxley, told_of):
    url = reverse(f"messaging:{PAGES[used_for]}", args=[make_link(made_for, told_of)])
    assert (visitor().post(url).status_code == 302) is (made_for == used_for)
    assert (len(ledger(huxley)) == 1) is (made_for == used_for)


@pytest.mark.parametrize("purpose", Purpose)
def test_links_live_as_long_as_they_say(purpose, told_of, monkeypatch):
    token = make_link(purpose, told_of)
    at = time()
    monkeypatch.setattr(signing.time, "time", lambda: at + timedelta(days=29).total_seconds())
    assert read_link(purpose, token) == told_of
    monkeypatch.setattr(signing.time, "time", lambda: at + timedelta(days=31).total_seconds())
    if purpose in LIVES_FOR:
        assert visitor().get(reverse("messaging:verify", args=[token])).status_code in (404, 410)
        with pytest.raises(Exception, match="too old"):
            read_link(purpose, token)
    else:
        monkeypatch.setattr(signing.time, "time", lambda: at + timedelta(days=36500).total_seconds())
        assert read_link(purpose, token) == told_of


def test_an_old_link_to_verify_says_so(huxley, told_of, monkeypatch):
    url = page(Purpose.VERIFY, told_of)
    at = time()
    monkeypatch.setattr(signing.time, "time", lambda: at + timedelta(days=31).total_seconds())
    for method in ("get", "post"):
        answer = getattr(visitor(), method)(url)
        assert answer.status_code == 410
        assert "This link is too old" in answer.content.decode()
    assert ledger(huxley) == []


def test_a_link_outlives_a_change_of_the_secret_key(settings, told_of):
    token = make_link(Purpose.UNSUBSCRIBE, told_of)
    settings.SECRET_KEY = "another" * 10
    assert read_link(Purpose.UNSUBSCRIBE, token) == told_of


def test_a_link_signs_nobody_in(told_of):
    client = visitor()
    for purpose in PAGES:
        client.get(page(purpose, told_of))
        client.post(page(purpose, told_of))
    assert client.cookies == {}
    assert client.get(reverse("customers:list")).status_code == 302


def test_a_signed_in_stranger_answers_in_the_store_of_the_link(huxley, otherpaws, other_owner, told_of):
    client = signed_in(Client(), other_owner)
    client.post(page(Purpose.VERIFY, told_of))
    assert (ledger(huxley), ledger(otherpaws)) == ([("yes", "link")], [])


# Addresses change, people go.


def changed(betty, midtown, email: str = "new@example.com") -> None:
    with inside(midtown.retailer):
        details = {"first_name": "Betty", "last_name": "Smith", "phone": "", "email": email}
        change_customer(betty, **details, at=midtown, by=None, now=NOW)


def test_verifying_an_address_that_is_theirs_no_more_is_refused(betty, huxley, midtown, told_of):
    changed(betty, midtown)
    url = page(Purpose.VERIFY, told_of)
    words = visitor().get(url).content.decode()
    assert "This address is no longer on file" in words
    assert "new" not in words.replace("news", "")
    assert visitor().post(url).status_code == 410
    assert ledger(huxley) == []


def test_leaving_works_for_an_address_that_is_theirs_no_more(betty, huxley, midtown, told_of):
    changed(betty, midtown)
    assert visitor().post(page(Purpose.UNSUBSCRIBE, told_of)).status_code == 302
    assert (state(huxley), state(huxley, "new@example.com")) == ("stopped", "on_file")
    assert told(huxley) == []
    changed(betty, midtown, BETTYS)
    with inside(huxley):
        assert Customer.objects.get(pk=betty.pk).email_state == "stopped"


def test_leaving_by_an_old_letter_is_confirmed_to_the_address_of_that_letter(betty, huxley, midtown, cashier, told_of):
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    changed(betty, midtown)
    visitor().post(page(Purpose.UNSUBSCRIBE, told_of))
    send_all()
    assert told(huxley) == [("welcome_email", "kept"), ("unsubscribed", "kept")]
    with inside(huxley):
        assert {one.address for one in Delivery.objects.all()} == {BETTYS}


def test_links_of_somebody_who_is_no_customer_any_more(betty, huxley, midtown, told_of):
    with inside(huxley):
        retire_customer(betty, at=midtown, by=None, now=NOW)
    assert visitor().post(page(Purpose.VERIFY, told_of)).status_code == 410
    assert visitor().post(page(Purpose.UNSUBSCRIBE, told_of)).status_code == 302
    assert ledger(huxley) == [("stop", "link")]


def test_links_of_somebody_erased(betty, huxley, midtown, cashier, told_of):
    """The customer's row is without a name or an address; the stop is heard by the hash and confirmed to nobody."""
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    with inside(huxley):
        Customer.objects.filter(pk=betty.pk).update(
            first_name="", last_name="", email="", email_folded="", retired_at=NOW, erased_at=NOW
        )
        Delivery.objects.update(address="")
    assert visitor().post(page(Purpose.VERIFY, told_of)).status_code == 410
    assert visitor().post(page(Purpose.UNSUBSCRIBE, told_of)).status_code == 302
    assert state(huxley) == "stopped"
    assert told(huxley) == [("welcome_email", "kept")]


def test_links_of_an_account_that_was_merged_are_those_of_whoever_has_its_address(betty, huxley, midtown, told_of):
    with inside(huxley):
        Customer.objects.filter(pk=betty.pk).update(retired_at=NOW)
        other = make_customer(at=midtown, first_name="Betty", last_name="Smythe", email=BETTYS)
    assert visitor().post(page(Purpose.VERIFY, told_of)).status_code == 302
    with inside(huxley):
        assert Customer.objects.get(pk=other.pk).email_state == "yes"


# RFC 8058.


def one_click(told_of: Told) -> str:
    return reverse("messaging:one_click", args=[make_link(Purpose.UNSUBSCRIBE, told_of)])


@pytest.mark.parametrize(
    "how",
    [
        {"data": urlencode(ONE_CLICK), "content_type": FORM},
        {"data": "List-Unsubscribe=One-Click", "content_type": f"{FORM}; charset=utf-8"},
        {"data": ONE_CLICK},
    ],
    ids=["form", "with its letters", "multipart"],
)
def test_one_click_is_one_post_any_number_of_times(how, huxley, told_of):
    for _ in range(3):
        answer = visitor().post(one_click(told_of), **how)
        assert (answer.status_code, answer.content, answer.cookies) == (200, b"", {})
    assert ledger(huxley) == [("stop", "link")]
    assert told(huxley) == [("unsubscribed", "queued")]
    with inside(huxley):
        assert Consent.objects.get().evidence["one_click"] is True


@pytest.mark.parametrize(
    "how",
    [
        {"data": "", "content_type": FORM},
        {"data": "List-Unsubscribe=Two-Clicks", "content_type": FORM},
        {"data": "list-unsubscribe=One-Click", "content_type": FORM},
        {"data": "List-Unsubscribe=One-Click&List-Unsubscribe=No", "content_type": FORM},
        {"data": "List-Unsubscribe=One-Click", "content_type": "text/plain"},
        {"data": '{"List-Unsubscribe": "One-Click"}', "content_type": "application/json"},
    ],
)
def test_any_other_body_is_no_one_click(how, huxley, told_of):
    assert visitor().post(one_click(told_of), **how).status_code == 400
    assert ledger(huxley) == []


def test_opening_the_address_of_one_click_leads_to_the_page_with_the_button(huxley, told_of):
    answer = visitor().get(one_click(told_of))
    assert (answer.status_code, answer.headers["Location"]) == (302, page(Purpose.UNSUBSCRIBE, told_of))
    assert ledger(huxley) == []


def test_the_header_of_a_letter_is_that_address(betty, huxley, midtown, cashier, told_of):
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    header = kept(huxley)[0].headers["List-Unsubscribe"]
    path = header.removeprefix("<https://cards.example.com").removesuffix(">")
    assert visitor().post(path, ONE_CLICK).status_code == 200
    assert state(huxley) == "stopped"


# The store's own page.


def test_terms_say_what_customers_may_know(huxley, midtown):
    tell_address(midtown)
    words = visitor().get(reverse("messaging:terms", args=[huxley.pk])).content.decode()
    for said in (
        "Midtown Pet Supply",
        "12 Main Street",
        "(406) 555-0100",
        "Up to 4 texts a month",
        "Message and data rates may apply",
        "You need not agree",
        "STOP",
        "HELP",
        "never sold, and never shared",
    ):
        assert said in words


def test_there_are_no_terms_of_a_store_that_is_not_here():
    assert visitor().get(reverse("messaging:terms", args=[7])).status_code == 404


def test_nobody_can_say_yes_for_an_address_that_was_typed_for_the_practice_customer(betty, told_of, huxley):
    """Its letter stays in the mailbox, where every cashier reads it: the link proves nothing about the address."""
    with inside(huxley):
        Customer.objects.filter(pk=betty.pk).update(is_practice=True)
    for purpose in (Purpose.VERIFY, Purpose.RETURN):
        answer = Client().post(reverse(f"messaging:{PAGES[purpose]}", args=[make_link(purpose, told_of)]))
        assert (answer.status_code, "practice customer" in answer.text) == (409, True)
    with inside(huxley):
        assert not Consent.objects.filter(act=Act.YES).exists()
