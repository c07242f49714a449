"""Tickets: opened once, answered, closed, opened again; told by mail; each person sees their own."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from astro.kit.models import PlainMail
from astro.support.actions import answer, close, open_ticket, reply
from astro.support.errors import SentBefore
from astro.support.letters import reporter_address
from astro.support.models import Ticket, TicketMessage
from tests.cast import NOW, inside, platform, signed_in
from tests.messaging import mailing
from tests.messaging.mail_server import mail_server

SUPPORT = "support@example.com"


def ask(by, key=None, **told):
    told = {"subject": "The till is slow", "text": "Since this morning.", "name": "Olive Owner", **told}
    return open_ticket(key or uuid4(), by=by, now=NOW, **told)


def commanded(capsys, *words):
    call_command("tickets", *words)
    return capsys.readouterr().out


@pytest.mark.django_db
class TestLife:
    def test_sent_twice_it_is_one_ticket(self, huxley, owner, settings):
        settings.SUPPORT_EMAIL = SUPPORT
        with inside(huxley):
            key = uuid4()
            first = ask(owner, key)
            assert ask(owner, key, text="Again").pk == first.pk
            said = uuid4()
            reply(first, key=said, text="More", now=NOW)
            reply(first, key=said, text="More", now=NOW)
            assert [message.text for message in first.messages.all()] == ["Since this morning.", "More"]
        assert PlainMail.objects.count() == 2

    def test_a_key_of_somebody_else_gives_nothing_away(self, huxley, owner, cashier, otherpaws, other_owner):
        with inside(huxley):
            key = ask(owner).key
            with pytest.raises(SentBefore):
                ask(cashier, key)
        with inside(otherpaws):
            with pytest.raises(SentBefore):
                ask(other_owner, key)
            theirs = ask(other_owner)
            with pytest.raises(SentBefore):
                reply(theirs, key=key, text="x", now=NOW)

    def test_open_answered_closed_and_open_again(self, huxley, owner):
        with inside(huxley):
            ticket = ask(owner)
            states = [ticket.state]
            answer(ticket, text="Is the router on?", now=NOW)
            states.append(ticket.state)
            reply(ticket, key=uuid4(), text="It was off.", now=NOW)
            states.append(ticket.state)
            assert close(ticket, now=NOW)
            assert not close(ticket, now=NOW)
            states.append(Ticket.objects.get().state)
            reply(ticket, key=uuid4(), text="It is back.", now=NOW)
            states.append(Ticket.objects.get().state)
        assert states == ["open", "answered", "open", "closed", "open"]

    def test_without_a_support_contact_it_is_kept_and_nobody_is_mailed(self, huxley, owner):
        with inside(huxley):
            ask(owner)
            assert Ticket.objects.count() == 1
        assert not PlainMail.objects.exists()

    def test_the_answer_goes_where_it_was_asked_for(self, huxley, owner, cashier):
        with inside(huxley):
            assert reporter_address(ask(owner)) == "owner@huxleyhouse.example"
            assert reporter_address(ask(owner, email="me@example.com")) == "me@example.com"
            assert reporter_address(ask(cashier)) == ""


@pytest.mark.django_db(transaction=True)
def test_mail_goes_out_and_its_answers_go_to_the_right_person(huxley, owner, settings, capsys):
    settings.SUPPORT_EMAIL = SUPPORT
    with mail_server() as server:
        mailing.set_up(settings, port=server.port)
        with platform("somebody who cannot sign in"):
            ticket = ask(None, name="Betty", store="Midtown", email="betty@example.com", found="Browser: too old")
        mailing.send_all()
        told = commanded(capsys, "answer", ticket.shown_reference.lower(), "Update", "your browser.")
        mailing.send_all(NOW.replace(year=2027))
    to_support, to_betty = server.letters
    assert (to_support["To"], to_support["Reply-To"]) == (SUPPORT, "betty@example.com")
    assert to_support["Subject"] == f"Astro ticket {ticket.shown_reference}: The till is slow"
    for words in ("Since this morning.", "Browser: too old", "Betty", "Midtown"):
        assert words in to_support.get_content()
    assert (to_betty["To"], to_betty["Reply-To"]) == ("betty@example.com", SUPPORT)
    assert "Update your browser." in to_betty.get_content()
    assert "is answered. It is mailed to betty@example.com." in told


@pytest.mark.django_db
def test_an_operator_answers_everybody_from_the_command_line(huxley, owner, otherpaws, other_owner, cashier, capsys):
    assert commanded(capsys, "list") == "No tickets.\n"
    with inside(huxley):
        mine, named = ask(owner), ask(cashier, name="Cass")
    with inside(otherpaws):
        theirs = ask(other_owner, subject="Scanner")
    with platform("somebody who cannot sign in"):
        nobodys = ask(None, name="", subject="I cannot get into Astro", found="Clock: fast")
    listed = commanded(capsys)
    assert [line.split()[0] for line in listed.splitlines()] == [
        one.shown_reference for one in (mine, named, theirs, nobodys)
    ]
    assert "No mail server is set up" in commanded(capsys, "answer", mine.reference, "Yes")
    assert "they read it in Astro" in commanded(capsys, "answer", named.reference, "Yes")
    assert "so it stays" in commanded(capsys, "answer", nobodys.reference, "No")
    assert "is closed." in commanded(capsys, "close", theirs.reference)
    assert "is closed already." in commanded(capsys, "close", theirs.reference)
    assert theirs.shown_reference not in commanded(capsys)
    assert theirs.shown_reference in commanded(capsys, "list", "--state", "closed")
    shown = commanded(capsys, "show", nobodys.reference)
    assert "Clock: fast" in shown
    assert "We, " in shown
    for words in (["show", "T000"], ["answer", mine.reference, " "]):
        with pytest.raises(CommandError):
            call_command("tickets", *words)


@pytest.mark.django_db
class TestScreens:
    def send(self, client, **changed):
        told = {"key": str(uuid4()), "subject": "Scanner", "text": "It beeps twice.", "email": "", **changed}
        return client.post(reverse("support:new_ticket"), told)

    def test_from_asking_to_the_answer(self, client, huxley, cashier):
        client = signed_in(client, cashier)
        assert "You have not asked for help yet" in client.get(reverse("support:tickets")).content.decode()
        answered = self.send(client, key=(key := str(uuid4())))
        assert self.send(client, key=key).url == answered.url
        with inside(huxley):
            (ticket,) = Ticket.objects.all()
            answer(ticket, text="Hold it steady.", now=NOW)
        page = client.get(answered.url).content.decode()
        for words in ("Huxley House, Midtown", "It beeps twice.", "Hold it steady.", "Answered", "We have it."):
            assert words in page
        again = {"key": str(uuid4()), "text": "Thank you."}
        for _twice in range(2):
            assert client.post(reverse("support:replies", args=[ticket.pk]), again).status_code == 302
        client.post(reverse("support:close", args=[ticket.pk]))
        with inside(huxley):
            assert Ticket.objects.get().state == "closed"
            assert TicketMessage.objects.filter(is_ours=False).count() == 2

    def test_nobody_else_of_the_store_reads_it(self, client, huxley, cashier, owner):
        with inside(huxley):
            ticket = ask(cashier)
        client = signed_in(client, owner)
        assert client.get(reverse("support:ticket", args=[ticket.pk])).status_code == 404
        assert ticket.subject not in client.get(reverse("support:tickets")).content.decode()

    def test_search_state_and_export(self, client, huxley, owner):
        with inside(huxley):
            first, second = ask(owner, text="beeps"), ask(owner, subject="=Cards", text="blank page")
            close(second, now=NOW)
        client = signed_in(client, owner)

        def found(**asked):
            page = client.get(reverse("support:tickets"), asked, headers={"HX-Target": "found"}).content.decode()
            return [one.pk for one in (first, second) if one.shown_reference in page]

        assert found() == [first.pk, second.pk]
        assert found(q="BEEPS") == [first.pk]
        assert found(q=second.shown_reference[:9]) == [second.pk]
        assert found(state="closed") == [second.pk]
        assert found(state="nonsense", sort="nonsense", cursor="x") == [first.pk, second.pk]
        assert found(q="no such words") == []
        rows = client.get(reverse("support:export_tickets"), {"state": "closed"}).getvalue().decode()
        assert "'=Cards" in rows
        assert first.shown_reference not in rows

    def test_what_is_wrong_is_said_and_nothing_is_written(self, client, huxley, cashier):
        client = signed_in(client, cashier)
        for changed in ({"subject": " \u200b"}, {"text": "x" * 5001}, {"email": "nobody"}, {"key": "1"}):
            answered = self.send(client, **changed)
            assert answered.status_code == 422
            assert "There is a problem" in answered.content.decode()
        with inside(huxley):
            assert not Ticket.objects.exists()
            ticket = ask(cashier)
        answered = client.post(reverse("support:replies", args=[ticket.pk]), {"key": str(uuid4()), "text": ""})
        assert answered.status_code == 422

    def test_a_flood_is_stopped_and_told_when_to_go_on(self, client, huxley, cashier):
        client = signed_in(client, cashier)
        for _number in range(20):
            assert self.send(client).status_code == 302
        refused = self.send(client)
        assert refused.status_code == 429
        assert "It beeps twice." in refused.content.decode()
        with inside(huxley):
            assert Ticket.objects.count() == 20
