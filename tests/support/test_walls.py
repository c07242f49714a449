"""A ticket is its retailer's, or the platform's; nobody else reads it on either engine, by the ORM or around it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from astro.support.models import Notice, Ticket, TicketMessage
from astro.tenancy.current import NoRetailer, OtherRetailer, across_retailers
from tests.cast import NOW, inside, platform

pytestmark = pytest.mark.django_db


def make(subject):
    ticket = Ticket(key=uuid4(), reference=uuid4().hex[:12], subject=subject, opened_at=NOW, changed_at=NOW)
    ticket.save(force_insert=True)
    TicketMessage(key=uuid4(), ticket=ticket, text=subject, written_at=NOW).save(force_insert=True)
    return ticket


@pytest.fixture
def tickets(huxley, otherpaws):
    with inside(huxley):
        mine = make("Huxley's")
    with inside(otherpaws):
        theirs = make("Other's")
    with platform("of somebody who cannot sign in"):
        nobodys = make("Nobody's")
    return mine, theirs, nobodys


def subjects():
    found = set(Ticket.objects.values_list("subject", flat=True))
    assert found == set(TicketMessage.objects.values_list("text", flat=True))
    assert found == set(Ticket.objects.filter(messages__text__gt="").values_list("subject", flat=True))
    return found


def test_everybody_reads_their_own(tickets, huxley, otherpaws):
    with inside(huxley):
        assert subjects() == {"Huxley's"}
    with inside(otherpaws):
        assert subjects() == {"Other's"}
    with platform("the operator"):
        assert subjects() == {"Nobody's"}
    with across_retailers("the operator"), transaction.atomic():
        assert subjects() == {"Huxley's", "Other's", "Nobody's"}
    with pytest.raises(NoRetailer):
        subjects()


def test_nobody_writes_anothers(tickets, huxley):
    _mine, theirs, nobodys = tickets
    with inside(huxley):
        for ticket in (theirs, nobodys):
            with pytest.raises(OtherRetailer):
                ticket.save()
            with pytest.raises(OtherRetailer):
                TicketMessage(key=uuid4(), ticket=theirs, text="Slipped in", written_at=NOW).save(force_insert=True)
        assert Ticket.objects.update(subject="Mine") == 1
        with pytest.raises(OtherRetailer):
            Notice(text="From a store", from_at=NOW, made_at=NOW).save()
    with platform("the operator"):
        assert Ticket.objects.update(subject="Ours") == 1
    with across_retailers("a test"), transaction.atomic():
        assert subjects_alone() == {"Mine", "Ours", "Other's"}


def subjects_alone():
    return set(Ticket.objects.values_list("subject", flat=True))


@pytest.mark.postgresql
def test_the_database_holds_the_same(tickets, huxley):
    def ask(sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return {value for (value,) in cursor.fetchall()}

    assert ask("select subject from support_ticket") == set()
    with inside(huxley):
        assert ask("select subject from support_ticket") == {"Huxley's"}
        assert ask("select text from support_ticketmessage") == {"Huxley's"}
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            ask("update support_ticket set retailer_id = null returning subject")
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            ask(
                "insert into support_notice (id, text, severity, parts, from_at, made_at)"
                " values (1, 'From a store', 'info', '[]', now(), now()) returning text"
            )
    with platform("the operator"):
        assert ask("select subject from support_ticket") == {"Nobody's"}
