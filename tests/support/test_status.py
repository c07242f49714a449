"""The status page and the operator's notices: told quickly, to everybody, and while the database is away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from astro.customers.models import Channel
from astro.desk import status_part
from astro.desk.operating.messages import look_at_messages
from astro.desk.operating.milestones import TILLS, note_milestone
from astro.kit.clock import utc_now
from astro.kit.outbox.schedules import put_due_moments
from astro.messaging.models import Delivery, MessageKind
from astro.support import status, watching
from astro.support.models import PartState
from astro.support.notices import forget
from astro.support.parts import Finding, Part, PartCondition
from tests.cast import NOW, inside, signed_in

MINUTE = timedelta(minutes=1)


@pytest.fixture
def away(monkeypatch):
    """A database that answers nobody."""

    def refuse(*args, **kwargs):
        raise OperationalError("no answer")

    def go(is_away=True):
        if is_away:
            for name in ("ensure_connection", "cursor"):
                monkeypatch.setattr(connection, name, refuse)
        else:
            monkeypatch.undo()

    return go


def told(client):
    body = client.get("/status.json").json()
    return body, {one["name"]: one["condition"] for one in body["components"]}


def commanded(capsys, *words):
    call_command("notice", *words)
    return capsys.readouterr().out


def changes():
    return list(PartState.objects.filter(is_change=True).order_by("since", "id").values_list("part", "condition"))


@pytest.mark.django_db
class TestPage:
    def test_everything_works(self, client):
        body, parts = told(client)
        assert body["condition"] == "works"
        assert parts == {
            "web": "works", "database": "works", "worker": "works", "mail": "off", "texts": "off", "till": "works"
        }  # fmt: skip
        page = client.get("/status/").content.decode()
        for words in ("Everything works.", "Recording purchases", "Not set up", "Nothing has changed so far."):
            assert words in page
        assert "csrf" not in page

    def test_it_is_looked_at_once_in_some_seconds(self, client):
        told(client)
        with CaptureQueriesContext(connection) as asked:
            for _time in range(5):
                told(client)
                client.get("/status/")
        assert len(asked) == 0

    def test_while_the_database_is_away_it_says_what_it_cannot_tell(self, client, owner, away, capsys):
        call_command("notice", "We are moving house.")
        client = signed_in(client, owner)
        told(client)
        status.forget()
        away()
        body, parts = told(client)
        page = client.get("/status/").content.decode()
        live, ready = client.get("/live"), client.get("/ready")
        helped = client.get("/access-help/")
        away(False)
        assert body["condition"] == "down"
        assert (parts["web"], parts["database"], parts["worker"], parts["mail"]) == (
            "works",
            "down",
            "unknown",
            "unknown",
        )
        assert body["changes"] is None
        assert body["notices"][0]["text"] == "We are moving house."
        assert "We cannot tell" in page
        assert (live.status_code, ready.status_code, helped.status_code) == (200, 503, 200)

    def test_every_other_page_says_that_astro_is_away_for_a_moment(self, owner, away):
        client = signed_in(Client(raise_request_exception=False), owner)
        away()
        answered = client.get(reverse("desk:home"))
        away(False)
        assert (answered.status_code, answered["Retry-After"]) == (503, "30")
        for words in ("Astro is away for a moment", "print the receipt and set it aside", "/access-help/", "/status/"):
            assert words in answered.content.decode()

    def test_what_is_late_is_told(self, client, settings, midtown):
        settings.MAIL_ROUTE = "smtp"
        now = utc_now()
        put_due_moments(now=now - timedelta(hours=1))
        note_milestone(TILLS, {"oldest_at": (now - timedelta(hours=2)).isoformat()}, now=now)
        with inside(midtown.retailer):
            kind, token = MessageKind.WELCOME_EMAIL, "a-name-nobody-can-guess"
            waiting = Delivery(
                kind=kind, channel=Channel.EMAIL, token=token, created_at=now, changed_at=now, attempts=2
            )
            waiting.save(force_insert=True)
        look_at_messages(now=now)
        body, parts = told(client)
        assert body["condition"] == "down"
        assert (parts["worker"], parts["till"], parts["mail"], parts["texts"]) == ("slow", "slow", "down", "off")
        with inside(midtown.retailer):
            Delivery.objects.update(sent_at=now, state="sent")
        look_at_messages(now=now)
        status.forget()
        assert told(client)[1]["mail"] == "works"

    def test_a_part_that_breaks_breaks_nothing_else(self, client, monkeypatch):
        def look(now):
            raise ValueError

        monkeypatch.setattr(status_part, "PARTS", [Part("web", "Pages", look), *status_part.PARTS[1:]])
        _body, parts = told(client)
        assert (parts["web"], parts["database"]) == ("unknown", "works")


@pytest.mark.django_db
def test_changes_are_written_down_with_their_moment(client, monkeypatch):
    condition = {"now": PartCondition.WORKS}
    parts = [
        Part("database", "Recording purchases", lambda now: Finding(PartCondition.WORKS)),
        Part("worker", "Work", lambda now: Finding(PartCondition.WORKS)),
        Part("mail", "E-mail", lambda now: Finding(condition["now"])),
    ]
    monkeypatch.setattr(status_part, "PARTS", parts)
    for minute in range(3):
        watching.watch(now=NOW + minute * MINUTE)
    assert (changes(), PartState.objects.count()) == ([], 3)
    condition["now"] = PartCondition.DOWN
    watching.watch(now=NOW + 3 * MINUTE)
    condition["now"] = PartCondition.WORKS
    watching.watch(now=NOW + 60 * MINUTE)
    assert changes() == [("mail", "down"), ("worker", "down"), ("worker", "works"), ("mail", "works")]
    gone = PartState.objects.get(part="worker", condition="down")
    assert gone.since == NOW + 3 * MINUTE
    body, _parts = told(client)
    assert {(one["label"], one["condition"]) for one in body["changes"]} >= {("E-mail", "down"), ("Work", "works")}


@pytest.mark.django_db
class TestNotices:
    def test_it_stands_on_every_page_until_put_away(self, client, owner, cashier, capsys):
        assert "No notice" in commanded(capsys)
        said = commanded(capsys, "Mail  is\nlate.", "--component", "mail", "--severity", "info", "--until", "+2h")
        assert said.startswith("For information (mail), from ")
        assert said.endswith(": Mail is late.\n")
        client = signed_in(client, owner)
        page = client.get(reverse("desk:help")).content.decode()
        assert "Mail is late." in page
        notice_id = int(page.split("/help/notices/")[1].split("/")[0])
        put_away = client.post(reverse("support:hide_notice", args=[notice_id]), {"next": "/help/"})
        assert put_away.url == "/help/"
        assert "Mail is late." not in client.get(reverse("desk:help")).content.decode()
        assert "Mail is late." in signed_in(Client(), cashier).get(reverse("desk:help")).content.decode()
        assert "Mail is late." in Client().get("/status/").content.decode()
        assert "1 notices taken back." in commanded(capsys, "--clear")
        status.forget()
        assert "Mail is late." not in Client().get("/status/").content.decode()

    def test_a_page_asks_for_them_only_now_and_then(self, client, owner, capsys):
        commanded(capsys, "Mail is late.")
        client = signed_in(client, owner)
        forget()
        with CaptureQueriesContext(connection) as first:
            client.get(reverse("desk:help"))
        with CaptureQueriesContext(connection) as second:
            client.get(reverse("desk:help"))
        assert [query["sql"] for query in second if "support_notice" in query["sql"]] == []
        assert len([query for query in first if "support_notice" in query["sql"]]) == 1

    def test_from_and_until(self, client, capsys):
        commanded(capsys, "Tomorrow we move.", "--from", "+1d", "--until", "+2d")
        commanded(capsys, "Now.", "--until", "2999-01-01T00:00")
        assert [notice["text"] for notice in told(client)[0]["notices"]] == ["Now."]
        assert "2 notices taken back." in commanded(capsys, "--clear")
        for words in (["x", "--until", "soon"], ["x", "--until", "2001-01-01T00:00"], [" ", "--severity", "info"]):
            with pytest.raises(CommandError):
                call_command("notice", *words)


def test_the_pages_that_need_nobody_are_those_of_the_middleware():
    from astro.support.middleware import NEED_NOBODY

    names = ("support:status", "support:status_json", "support:access_help", "support:echo", "live", "ready")
    assert {reverse(name) for name in names} == NEED_NOBODY
    order = django_settings.MIDDLEWARE
    assert order.index("astro.support.middleware.WithoutSession") < order.index(
        "django.contrib.sessions.middleware.SessionMiddleware"
    )
