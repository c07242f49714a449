"""The letter before it is sent, and the local mailbox: shown in frames that can do nothing, to people of the store."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from astro.messaging.deliveries import queue_message
from astro.messaging.models import MessageKind
from tests.cast import NOW, inside, make_customer, signed_in
from tests.messaging.mailing import BETTYS, ask_by_mail, kept, send_all, set_up, tell_address

pytestmark = pytest.mark.django_db

PREVIEW = "messaging:preview_welcome"
TYPED = {"first_name": "Ann & Bob", "last_name": "<b>Smith</b>", "email": "ann@example.com"}


@pytest.fixture(autouse=True)
def kept_here(settings, midtown):
    set_up(settings, port=None)
    tell_address(midtown)


@pytest.fixture
def till(cashier):
    return signed_in(Client(), cashier)


@pytest.fixture
def office(owner):
    return signed_in(Client(), owner)


@pytest.fixture
def betty(huxley, midtown):
    with inside(huxley):
        return make_customer(at=midtown, first_name="Betty", last_name="Smith", email=BETTYS)


def policy_of(answer) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: value for name, _space, value in parts}


def test_the_preview_is_what_will_be_sent(till, betty, huxley, midtown, cashier):
    shown = till.get(reverse(PREVIEW), {"customer": betty.pk}).content.decode()
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    with inside(huxley):
        sent = kept(huxley)[0].html
    assert "Greetings, Betty Smith." in shown
    assert without_links(shown) == without_links(sent)


def without_links(html: str) -> list[str]:
    return [part.partition('"')[2] for part in html.split("https://cards.example.com")]


def test_the_preview_shows_names_as_typed_and_writes_nothing(till, huxley):
    answer = till.post(reverse(PREVIEW), TYPED)
    assert "Greetings, Ann &amp; Bob &lt;b&gt;Smith&lt;/b&gt;." in answer.content.decode()
    assert kept(huxley) == []


@pytest.mark.parametrize("names", [{}, {"first_name": " ", "last_name": ""}, {"first_name": "\x00\x07\u202e"}])
def test_the_preview_shows_something_before_anything_is_typed(till, names):
    assert "Greetings, Pet Owner." in till.post(reverse(PREVIEW), names).content.decode()


def test_the_preview_survives_a_name_of_ten_thousand_characters(till):
    answer = till.post(reverse(PREVIEW), {"first_name": "A" * 10_000})
    assert answer.status_code == 200
    assert len(answer.content) < 40_000


@pytest.mark.parametrize("asked", ["0", "7", "x", "9" * 40, "-1", "1.5", "٣"])
def test_the_preview_of_nobody_is_not_found(till, asked):
    assert till.get(reverse(PREVIEW), {"customer": asked}).status_code == 404


def test_the_preview_of_another_stores_customer_is_not_found(office, otherpaws, elsewhere):
    with inside(otherpaws):
        stranger = make_customer(at=elsewhere)
    assert office.get(reverse(PREVIEW), {"customer": stranger.pk}).status_code == 404


def test_a_frame_of_ours_may_show_the_preview_and_it_can_do_nothing(till):
    answer = till.post(reverse(PREVIEW), TYPED)
    assert policy_of(answer) == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "'self' data:",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'self'",
        "sandbox": "",
    }
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_preview_tells_a_store_without_an_address_what_to_do(till, midtown):
    with inside(midtown.retailer):
        midtown.street = ""
        midtown.save()
    answer = till.post(reverse(PREVIEW), TYPED)
    assert "Your store&#x27;s postal address is missing" in answer.content.decode()
    assert policy_of(answer)["sandbox"] == ""


@pytest.fixture
def mailed(betty, huxley, midtown, cashier):
    ask_by_mail(betty, by=cashier, at=midtown)
    send_all()
    return kept(huxley)[0]


def test_a_kept_letter_is_shown_with_what_it_is(till, mailed):
    words = till.get(reverse("messaging:kept", args=[mailed.pk])).content.decode()
    for said in ("Not sent: demo", BETTYS, "Midtown Pet Supply &lt;stores@example.com&gt;", "List-Unsubscribe-Post"):
        assert said in words
    answer = till.get(reverse("messaging:kept_letter", args=[mailed.pk]))
    assert answer.content.decode() == mailed.html
    assert policy_of(answer)["default-src"] == "'none'"
    assert policy_of(answer)["sandbox"] == "allow-popups allow-popups-to-escape-sandbox"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ({}, True),
        ({"q": "betty"}, True),
        ({"q": "SMITH"}, True),
        ({"q": "example.com"}, True),
        ({"q": "Welcome to"}, True),
        ({"q": "nobody"}, False),
        ({"q": "\x00"}, True),
        ({"channel": "email"}, True),
        ({"channel": "text"}, False),
        ({"channel": "pigeon", "sort": "sideways", "cursor": "x"}, True),
    ],
)
def test_the_mailbox_is_searched(till, mailed, asked, is_found):
    words = till.get(reverse("messaging:mailbox"), asked).content.decode()
    assert (reverse("messaging:kept", args=[mailed.pk]) in words) is is_found
    assert ('class="empty"' in words) is not is_found


def test_an_empty_mailbox_says_what_to_do(till):
    words = till.get(reverse("messaging:mailbox")).content.decode()
    assert "No message was kept yet." in words
    assert reverse("customers:new") in words


def test_the_mailbox_has_pages(till, betty, huxley, midtown):
    with inside(huxley):
        for number in range(51):
            reader = make_customer(at=midtown, email=f"reader{number}@example.com")
            queue_message(
                MessageKind.WELCOME_EMAIL, channel="email", address=reader.email, customer=reader, at=midtown, now=NOW
            )
    send_all()
    answer = till.get(reverse("messaging:mailbox"))
    assert len(answer.context["page"].rows) == 50
    answer = till.get(reverse("messaging:mailbox"), {"cursor": answer.context["page"].next})
    assert len(answer.context["page"].rows) == 1


def test_the_number_of_questions_is_the_same_for_one_and_three(till, mailed, huxley, midtown):
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            till.get(reverse("messaging:mailbox"))
        return len(asked)

    first = count()
    with inside(huxley):
        for number in range(2):
            reader = make_customer(at=midtown, email=f"reader{number}@example.com")
            queue_message(
                MessageKind.WELCOME_EMAIL, channel="email", address=reader.email, customer=reader, at=midtown, now=NOW
            )
    send_all()
    assert count() == first


def test_a_cashier_reads_the_two_messages_that_cashiers_send_and_no_link_to_a_password(
    till, office, mailed, betty, huxley, midtown
):
    with inside(huxley):
        queue_message(MessageKind.APP_LINK, channel="email", address=BETTYS, customer=betty, at=midtown, now=NOW)
    send_all()
    link = next(message for message in kept(huxley) if message.pk != mailed.pk)
    pages = [reverse(f"messaging:{name}", args=[link.pk]) for name in ("kept", "kept_letter")]
    assert [till.get(page).status_code for page in pages] == [404, 404]
    assert [office.get(page).status_code for page in pages] == [200, 200]
    assert len(till.get(reverse("messaging:mailbox")).context["page"].rows) == 1
    assert len(office.get(reverse("messaging:mailbox")).context["page"].rows) == 2
