"""Access help: the same page for everybody, the echo it asks, and the tickets it sends, signed in or not."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from astro.support.models import Ticket
from tests.cast import inside, platform, signed_in

SAID = [
    "Print the customer's receipt and set it aside. You can add the purchase to their account",
    "Astro is rarely down. If it is, alerts tell us first, and we act fast to resolve it.",
    "Try a different browser. We recommend Google Chrome, as it works best with Astro.",
    "Check your internet connection, or reach out to your internet provider.",
    "Restart the computer.",
    "Make sure that your browser is up to date.",
    "Try this address",
    "The e-mail you type is not the one that belongs to your account.",
    "The mail is in your spam folder.",
    "Your user name is not an e-mail address. Then ask your Admin user to change your password.",
    "“IP Address Restricted”",
    "Reach out to your Admin user.",
    "Another Admin user of your store can add the user again. If it was the only user, write to us below: we make",
    "There may have been a billing issue on your account.",
    "Our support team will get back to you as quickly as possible.",
]
"""Every line of the seed about access troubles, as the page says it."""


@pytest.fixture(autouse=True)
def nothing_counted(db):
    cache.clear()


def send(client, header=True, **changed):
    told = {"key": str(uuid4()), "text": "The page stays white.", "found": "Browser: too old", **changed}
    more = {"HTTP_X_ASTRO_HELP": "1"} if header else {}
    return client.post(reverse("support:send"), json.dumps(told), content_type="application/json", **more)


@pytest.mark.django_db
class TestPage:
    @pytest.mark.parametrize("line", SAID)
    def test_every_line_of_advice_is_there_without_scripts(self, client, line):
        page = client.get(reverse("support:access_help")).content.decode().replace("&#x27;", "'")
        assert line in page

    def test_it_is_the_same_for_everybody_and_asks_no_database(self, owner, django_assert_num_queries):
        client = signed_in(Client(), owner)
        with django_assert_num_queries(0):
            mine = client.get(reverse("support:access_help"))
        assert mine.content == Client().get(reverse("support:access_help")).content
        assert not mine.cookies
        assert "http://testserver/sign-in/" in mine.content.decode()

    def test_sign_in_help_and_refusals_lead_there(self, client, owner):
        url = reverse("support:access_help")
        assert url in client.get(reverse("accounts:sign_in")).content.decode()
        assert url in signed_in(Client(), owner).get(reverse("desk:help")).content.decode()
        for name in ("500.html", "503.html"):
            assert f'href="{url}"' in render_to_string(name)


class TestEcho:
    def test_it_says_back_the_word_the_time_the_cookie_and_the_address(self, client):
        first = client.get(reverse("support:echo"), {"nonce": "a-word"})
        told = first.json()
        assert (told["astro"], told["nonce"], told["cookie"], told["address"]) == ("echo", "a-word", "", "127.0.0.1")
        assert "no-store" in first["Cache-Control"]
        assert client.get(reverse("support:echo"), {"nonce": "b"}).json()["cookie"] == "a-word"

    @pytest.mark.parametrize("nonce", ["", "<script>", "x" * 41, "a\nb"])
    def test_no_other_words_are_said_back(self, client, nonce):
        answered = client.get(reverse("support:echo"), {"nonce": nonce})
        assert answered.json()["nonce"] == ""
        assert not answered.cookies

    def test_a_proxy_that_hides_the_address_breaks_nothing(self, client, settings):
        settings.PROXIES = 1
        assert client.get(reverse("support:echo"), {"nonce": "a"}).json()["address"] in ("", "127.0.0.1")


@pytest.mark.django_db
class TestTickets:
    def test_signed_out_and_sent_twice(self, client):
        key = str(uuid4())
        first = send(client, key=key, email="betty@example.com", store="Midtown", name="Betty")
        again = send(client, key=key, email="betty@example.com")
        assert first.status_code == 201
        assert first.json() == again.json()
        assert first.json()["ticket"]["has_address"]
        with platform("a look"):
            (ticket,) = Ticket.objects.all()
            assert (ticket.found, ticket.store, ticket.opened_by) == ("Browser: too old", "Midtown", None)

    def test_signed_in_it_is_among_my_tickets(self, huxley, owner):
        client = signed_in(Client(enforce_csrf_checks=True), owner)
        assert send(client).status_code == 201
        with inside(huxley):
            assert Ticket.objects.get().opened_by == owner
        page = client.get(reverse("support:tickets")).content.decode()
        assert "I cannot get into Astro" in page

    def test_what_does_not_come_from_the_page_is_refused(self, client):
        assert send(client, header=False).status_code == 400
        for body in ("", "[]", "{", '"x"', "[" * 30_000):
            answered = client.post(
                reverse("support:send"), body, content_type="application/json", headers={"X-Astro-Help": "1"}
            )
            assert answered.status_code in (400, 422)
        for changed in ({"text": " "}, {"key": "x"}, {"email": "nobody"}, {"found": "x" * 4001}, {"text": 7}):
            answered = send(client, **changed)
            assert answered.status_code == 422
            assert answered.json()["error"]["message"]
        with platform("a look"):
            assert not Ticket.objects.exists()

    def test_a_flood_from_one_address_is_stopped(self, client):
        for _number in range(5):
            assert send(client).status_code == 201
        refused = send(client)
        assert (refused.status_code, refused.json()["error"]["field"]) == (429, None)
        assert int(refused["Retry-After"]) > 3000
        with platform("a look"):
            assert Ticket.objects.count() == 5

    def test_without_scripts_by_a_form(self, client):
        page = client.get(reverse("support:write"))
        key = page.context["form"].initial["key"]
        told = {"key": str(key), "text": "It stays white.\u0000", "email": "", "name": "Betty\r\nBcc: x"}
        answered = client.post(reverse("support:write"), told)
        assert answered.status_code == 302
        with platform("a look"):
            ticket = Ticket.objects.get()
        assert ticket.name == "Betty Bcc: x"
        assert ticket.shown_reference in client.get(answered.url).content.decode()
        assert client.post(reverse("support:write"), {**told, "text": ""}).status_code == 422
        assert "T000" not in client.get(reverse("support:write"), {"sent": "T000<b>"}).content.decode()
