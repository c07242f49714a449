"""The list of replies: what waits for a person, what they say it means, and what that changes."""

import csv
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from astro.customers.models import Consent, Customer, Source
from astro.messaging.models import Reply
from astro.messaging.queries import replies_to_read
from astro.messaging.texts.inbound import Incoming, receive
from astro.messaging.texts.reply_listing import ReplyFilter, page_of_replies
from tests.cast import NOW, inside, make_customer, signed_in
from tests.messaging.texting import BETTYS, OURS, state

pytestmark = pytest.mark.django_db

URL = reverse("messaging:replies")


@pytest.fixture
def betty(huxley, midtown):
    with inside(huxley):
        return make_customer(at=midtown, first_name="Betty", last_name="Smith", phone=BETTYS)


def heard(retailer, body, *, sid="SM1", sender=BETTYS, now=NOW):
    with inside(retailer):
        reply = receive(Incoming(sid, sender, OURS, body), now=now)
    assert reply is not None
    return reply


def settled(client, reply, meaning, **told):
    return client.post(reverse("messaging:settle_reply", args=[reply.pk]), {"meaning": meaning, **told})


def exported(client, **asked):
    sheet = client.get(reverse("messaging:export_replies"), asked).getvalue().decode("utf-8-sig")
    return list(csv.reader(sheet.splitlines()))


def test_what_no_keyword_explains_waits_and_the_rest_does_not(client, owner, betty, huxley):
    for number, body in enumerate(["Do you have kittens?", "HELP", "STOP", "No more of these", ""]):
        heard(huxley, body, sid=f"SM{number}", now=NOW + timedelta(minutes=number))
    page = signed_in(client, owner).get(URL).text
    assert "<q>Do you have kittens?</q>" in page
    assert "No words: a picture, or an empty text" in page
    assert "<q>HELP</q>" not in page
    assert page.index("No more of these") < page.index("kittens")
    assert "<q>HELP</q>" in client.get(URL, {"show": "all"}).text
    oldest = client.get(URL, {"sort": "oldest"}).text
    assert oldest.index("kittens") < oldest.index("No more of these")


def test_it_means_stop(client, owner, betty, huxley):
    reply = heard(huxley, "please leave me alone")
    answer = settled(signed_in(client, owner), reply, "stop", next=f"{URL}?sort=oldest")
    assert (answer.status_code, answer["Location"]) == (302, f"{URL}?sort=oldest")
    assert "No more texts go to Betty Smith." in client.get(URL).text
    with inside(huxley):
        said = Consent.objects.get()
        assert (said.act, said.source, said.by, said.customer) == ("stop", Source.REPLY, owner, betty)
        assert said.evidence == {"provider_id": "SM1"}
        assert Customer.objects.get(pk=betty.pk).text_state == "stopped"
        assert not replies_to_read().exists()


def test_nothing_to_do(client, owner, betty, huxley):
    reply = heard(huxley, "Do you have kittens?")
    settled(signed_in(client, owner), reply, "nothing")
    assert state(huxley) == "on_file"
    with inside(huxley):
        reply.refresh_from_db()
        assert (reply.settled_by, Consent.objects.count()) == (owner, 0)
    assert "Looked at by Olive Owner" in client.get(URL, {"show": "all"}).text


def test_settling_twice_changes_nothing(client, owner, betty, huxley):
    reply = heard(huxley, "Do you have kittens?")
    settled(signed_in(client, owner), reply, "nothing")
    settled(client, reply, "stop")
    assert state(huxley) == "on_file"
    keyword = heard(huxley, "HELP", sid="SM2")
    settled(client, keyword, "stop")
    assert state(huxley) == "on_file"


def test_who_became_a_customer_since_is_stopped_too(client, owner, huxley, midtown):
    reply = heard(huxley, "wrong number, stop this")
    with inside(huxley):
        betty = make_customer(at=midtown, phone=BETTYS)
    assert "Not a customer" in signed_in(client, owner).get(URL).text
    settled(client, reply, "stop")
    with inside(huxley):
        betty.refresh_from_db()
        assert betty.text_state == "stopped"


def test_a_reply_whose_owner_was_erased(client, owner, betty, huxley):
    """Its number is gone, its hash is not: a customer without a number is not taken for its owner."""
    with inside(huxley):
        nobody = make_customer(at=betty.seen_at.get().location, first_name="Nia")
    reply = heard(huxley, "please leave me alone")
    with inside(huxley):
        Reply.objects.update(sender="", customer=None, body="")
    assert "Erased" in signed_in(client, owner).get(URL).text
    settled(client, reply, "stop")
    assert state(huxley) == "stopped"
    with inside(huxley):
        nobody.refresh_from_db()
        assert (nobody.text_state, Consent.objects.get().customer) == ("none", None)


def test_search_by_words_name_and_number(client, owner, betty, huxley):
    heard(huxley, "Do you have KITTENS?")
    heard(huxley, "wrong number", sid="SM2", sender="+14065550199")

    def found(**asked):
        with inside(huxley):
            return [row.provider_id for row in page_of_replies(ReplyFilter(asked), cursor=None).rows]

    assert found(q="kittens") == found(q="smith") == found(q="555-0142") == found(q="BÉTTY") == ["SM1"]
    assert found(q="0199") == ["SM2"]
    assert found(q="12\x00") == found(q="%") == []
    assert sorted(found(show="nonsense", sort="nonsense")) == ["SM1", "SM2"]
    signed_in(client, owner)
    assert "No text has “dragon” in it." in client.get(URL, {"q": "dragon"}).text
    only = client.get(URL, {"q": "kittens"}, headers={"HX-Request": "true", "HX-Target": "found"}).text
    assert only.lstrip().startswith('<div id="found"')


def test_many_come_in_pages(client, owner, huxley):
    for number in range(52):
        heard(huxley, f"text {number:02}", sid=f"SM{number}", now=NOW + timedelta(seconds=number))
    first = signed_in(client, owner).get(URL)
    assert first.text.count("<q>") == 50
    assert "text 51" in first.text
    with inside(huxley):
        page = page_of_replies(ReplyFilter({}), cursor=None)
    second = client.get(URL, {"cursor": page.next}).text
    assert ("text 01" in second, second.count("<q>")) == (True, 2)


def test_words_of_strangers_stay_words(client, owner, huxley):
    heard(huxley, "<script>alert(1)</script>=1+1")
    page = signed_in(client, owner).get(URL).text
    assert "<script>alert" not in page
    assert exported(client)[1][5] == "<script>alert(1)</script>=1+1"


def test_export_guards_formulas_and_follows_the_filter(client, owner, betty, huxley):
    heard(huxley, "=HYPERLINK(1)")
    heard(huxley, "HELP", sid="SM2")
    signed_in(client, owner)
    assert exported(client)[1:] == [
        ["2026-11-20", "(406) 555-0142", str(betty.pk), "Betty", "Smith", "'=HYPERLINK(1)", "Not understood", "", ""]
    ]
    assert len(exported(client, show="all")) == 3
    assert client.get(reverse("messaging:export_replies"), {"as": "xlsx"}).getvalue().startswith(b"PK")


def test_nothing_waits(client, owner, huxley):
    page = signed_in(client, owner).get(URL).text
    assert "Nothing waits to be read." in page
    assert "Nobody has texted your store yet." in client.get(URL, {"show": "all"}).text


def test_another_stores_replies_are_not_there(client, other_owner, betty, huxley):
    reply = heard(huxley, "Do you have kittens?")
    signed_in(client, other_owner)
    assert "kittens" not in client.get(URL, {"show": "all"}).text
    assert settled(client, reply, "stop").status_code == 404
    assert state(huxley) == "on_file"


def test_as_many_questions_for_one_reply_as_for_three(client, owner, betty, huxley):
    heard(huxley, "one")
    signed_in(client, owner)
    client.get(URL)
    with CaptureQueriesContext(connection) as one:
        client.get(URL)
    for number in (2, 3):
        heard(huxley, "more", sid=f"SM{number}")
    with CaptureQueriesContext(connection) as three:
        client.get(URL)
    assert len(one) == len(three)


def test_the_form_asks_for_its_token(owner, betty, huxley):
    reply = heard(huxley, "no more")
    strict = signed_in(Client(enforce_csrf_checks=True), owner)
    assert settled(strict, reply, "stop").status_code == 403
    assert state(huxley) == "on_file"
