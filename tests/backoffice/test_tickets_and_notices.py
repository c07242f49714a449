"""Support answers everybody in the browser, and tells all stores at once."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core import mail
from django.urls import reverse

from astro.kit.clock import utc_now
from astro.support.actions import open_ticket
from astro.support.models import Notice, Ticket, TicketState
from astro.tenancy.current import platform
from tests.cast import inside, make_support, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sue(client):
    support = make_support()
    client.force_login(support)
    return support


def ask(retailer, by, subject: str) -> Ticket:
    with inside(retailer):
        told = {"subject": subject, "text": "It beeps.", "by": by, "name": by.name, "store": retailer.name}
        return open_ticket(uuid4(), **told, now=utc_now())


def ask_as_stranger() -> Ticket:
    with platform("a stranger asks"):
        return open_ticket(uuid4(), subject="Locked out", text="It says no.", by=None, name="Nell", now=utc_now())


def url(route: str, ticket: Ticket) -> str:
    return reverse(f"backoffice:{route}", args=[ticket.retailer_id or 0, ticket.pk])


def subjects(client, **query: str) -> list[str]:
    page = client.get(reverse("backoffice:tickets"), query)
    return [ticket.subject for ticket in page.context["page"].rows]


def test_tickets_of_all_stores_and_of_strangers_wait_in_one_list(
    client, sue, huxley, otherpaws, owner, other_owner
) -> None:
    ask(huxley, owner, "The scanner")
    ask(otherpaws, other_owner, "The printer")
    ask_as_stranger()
    assert subjects(client) == ["The scanner", "The printer", "Locked out"], "the longest waiting first"
    assert subjects(client, q="huxley") == ["The scanner"]
    assert subjects(client, q="it says no") == ["Locked out"]
    assert subjects(client, state="closed") == []
    file = client.get(reverse("backoffice:export_tickets")).getvalue().decode()
    assert "The printer" in file
    assert "It beeps." not in file


def test_an_answer_reaches_the_store_and_the_ticket_leaves_the_list_when_it_is_closed(
    client, sue, huxley, owner
) -> None:
    ticket = ask(huxley, owner, "The scanner")
    assert "It beeps." in client.get(url("ticket", ticket)).content.decode()
    assert client.post(url("answers", ticket), {"text": " "}).status_code == 422
    assert client.post(url("answers", ticket), {"text": "Turn it round."}).status_code == 302
    store = signed_in(type(client)(), owner)
    shown = store.get(reverse("support:ticket", args=[ticket.pk])).content.decode()
    assert "Turn it round." in shown
    assert "Answered" in shown
    assert client.post(url("closing", ticket)).status_code == 302
    assert subjects(client) == []
    assert subjects(client, state="closed") == ["The scanner"]
    with inside(huxley):
        assert Ticket.objects.get().state == TicketState.CLOSED
    assert mail.outbox == []


def test_a_stranger_is_answered_on_behalf_of_the_platform(client, sue) -> None:
    ticket = ask_as_stranger()
    page = client.get(url("ticket", ticket)).content.decode()
    assert "nobody will read the answer" in page
    assert client.post(url("answers", ticket), {"text": "Ask an administrator."}).status_code == 302


def test_a_ticket_is_found_in_its_own_store_only(client, sue, huxley, otherpaws, owner) -> None:
    ticket = ask(huxley, owner, "The scanner")
    for retailer_id in (otherpaws.pk, 0):
        assert client.get(reverse("backoffice:ticket", args=[retailer_id, ticket.pk])).status_code == 404


def test_a_notice_stands_on_every_stores_pages_until_it_is_taken_back(client, sue, huxley, owner) -> None:
    page = reverse("backoffice:notices")
    assert client.post(page, {"text": " ", "severity": "warning"}).status_code == 422
    assert client.post(page, {"text": "Mail is late.", "severity": "nonsense"}).status_code == 422
    assert client.post(page, {"text": "Mail is late.", "severity": "warning", "hours": "0"}).status_code == 422
    assert client.post(page, {"text": "Mail is late.", "severity": "warning", "hours": "2"}).status_code == 302
    store = signed_in(type(client)(), owner)
    assert "Mail is late." in store.get("/").content.decode()
    notice = Notice.objects.get()
    assert (notice.until_at - notice.from_at).total_seconds() == 7200
    assert client.post(reverse("backoffice:notice_endings", args=[notice.pk])).status_code == 302
    assert "Mail is late." not in store.get("/").content.decode()
    assert "Over" in client.get(page).content.decode()
