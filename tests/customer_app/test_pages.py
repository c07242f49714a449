"""What a customer sees in the app, what they say there, and the walls around it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from astro.accounts.models import User
from astro.customer_app import actions
from astro.customer_app.codes import code_to_show
from astro.customer_app.models import AppAccount, AppSession
from astro.customers.actions import change_customer, retire_customer
from astro.customers.consent.asking import hear
from astro.customers.consent.queries import state_of
from astro.customers.models import Act, Channel, Consent, Customer, CustomerCode, Source
from astro.customers.queries import customer_by_code
from astro.kit.clock import utc_now
from astro.messaging.models import Delivery
from astro.programs.models import Program
from astro.programs.rules import RuleOfCard
from astro.tenancy.models import Location, Retailer
from tests.cast import (
    NOW,
    inside,
    make_app_account,
    make_customer,
    make_enrollment,
    make_product,
    make_program,
    platform,
    signed_in_to_app,
)
from tests.checkout.test_actions import a_body, a_line, check_out


@pytest.fixture
def shopper(client: Client, account: AppAccount, huxley: Retailer) -> Client:
    return signed_in_to_app(client, account, retailer=huxley)


def buy(customer: Customer, quantity: int, *, at: Location, by: User, title: str = "Dry Dog", need: int = 8) -> Program:
    """A checkout of so many units, which go onto a card of their own."""
    bag = make_product(name=f"Bag for {title}")
    program = make_program(title=title, products=[bag], rule=RuleOfCard(need, 1, "any", "none"))
    make_enrollment(at, program=program, by=by)
    now = utc_now()
    with inside(at.retailer):
        check_out(customer, a_body(a_line(bag, quantity), at=now), at=at, by=by, now=now)
    return program


# Cards.


def test_no_cards_yet_is_said_in_a_sentence(shopper: Client) -> None:
    page = shopper.get("/app/").content.decode()
    assert "You have no cards yet." in page
    assert "Buy something at Huxley House" in page


def test_cards_stand_as_the_till_shows_them(
    shopper: Client, betty: Customer, midtown: Location, owner: User, huxley: Retailer
) -> None:
    buy(betty, 5, at=midtown, by=owner)
    with inside(huxley):
        ann = make_customer(at=midtown, first_name="Ann")
    buy(ann, 3, at=midtown, by=owner, title="Ann's own")
    page = shopper.get("/app/").content.decode()
    assert "Dry Dog card" in page
    assert page.count("is-filled") == 5
    assert '<span class="nowrap">5 of 8,</span> <span class="nowrap">3 to go' in page
    assert "Ann" not in page
    assert "free item" not in page


def test_a_full_card_says_that_there_is_something_free(
    shopper: Client, betty: Customer, midtown: Location, owner: User
) -> None:
    program = buy(betty, 3, at=midtown, by=owner, need=3)
    page = shopper.get("/app/").content.decode()
    assert "You have a free item: Dry Dog card" in page
    assert "Ready" in page
    with platform("the tests' program"):
        Program.objects.filter(pk=program.pk).update(ends_on=(utc_now() - timedelta(days=3)).date())
    page = shopper.get("/app/").content.decode()
    assert "free item" not in page, "an ended program gives nothing, so nothing is promised"
    assert "Ended" in page


def test_as_many_questions_for_one_card_as_for_three(
    shopper: Client, betty: Customer, midtown: Location, owner: User
) -> None:
    counts = []
    for number in (1, 2):
        for card in range(number):
            buy(betty, 2, at=midtown, by=owner, title=f"Program {number}{card}")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            shopper.get("/app/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_code_on_top_is_the_one_that_the_till_knows(shopper: Client, huxley: Retailer, betty: Customer) -> None:
    page = shopper.get("/app/").content.decode()
    with inside(huxley):
        code = CustomerCode.objects.get(customer=betty)
        assert (code.kind, customer_by_code(code.code)) == ("app", betty)
    shown = code_to_show(code.code)
    assert shown.in_words in page
    assert shown.outline in page
    assert shown.in_words.replace(" ", "") == code.code


def test_bars_are_dark_where_the_code_says_so() -> None:
    shown = code_to_show("C0D4K9ZQ3T1E")
    dark = [0] * shown.width
    for start, length in re.findall(r"M(\d+) 0h(\d+)v40h-\2z", shown.outline):
        dark[int(start) : int(start) + int(length)] = [1] * int(length)
    assert "".join(map(str, dark)) == "0" * 10 + shown.modules + "0" * 10
    assert len(shown.modules) == 11 * (12 + 2) + 13, "start, twelve characters, check, stop"


# Switches.


def test_the_switches_show_where_things_stand(shopper: Client, huxley: Retailer, betty: Customer) -> None:
    page = shopper.get("/app/account/").content.decode()
    assert "checked" not in page
    assert "Huxley House may send me its news and offers by e-mail." in page
    assert "Message and data rates may" in page
    with inside(huxley):
        hear(Channel.TEXT, betty.phone, Act.YES, source=Source.REPLY, customer=betty, now=NOW)
    page = shopper.get("/app/account/").content.decode()
    assert 'id="switch-text" checked' in page
    assert 'id="switch-email" checked' not in page


def test_switching_on_writes_the_ledger_with_the_words_that_were_shown(
    shopper: Client, account: AppAccount, huxley: Retailer, betty: Customer
) -> None:
    where = {"REMOTE_ADDR": "192.0.2.7", "HTTP_USER_AGENT": "A phone"}
    answer = shopper.post("/app/account/", {"email": "on", "text": "on"}, **where)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/app/account/")
    page = shopper.get("/app/account/").content.decode()
    assert "Your changes are saved." in page
    with inside(huxley):
        said = {row.channel: row for row in Consent.objects.select_related("wording")}
        assert sorted(said) == ["email", "text"]
        for row in said.values():
            assert (row.act, row.source, row.basis, row.customer_id, row.by_id) == (
                "yes",
                "app",
                "express",
                betty.pk,
                None,
            )
            assert row.evidence == {"app_account": account.pk, "ip": "192.0.2.7", "user_agent": "A phone"}
            assert row.wording is not None
            assert row.wording.text in page.replace("&#x27;", "'")
        betty.refresh_from_db()
        assert (betty.email_state, betty.text_state) == ("yes", "yes")


def test_switching_texts_on_has_the_one_confirming_text_sent(
    shopper: Client, huxley: Retailer, betty: Customer
) -> None:
    shopper.post("/app/account/", {"text": "on", "email": "on"})
    shopper.post("/app/account/", {"text": "on"})
    shopper.post("/app/account/", {})
    with inside(huxley):
        delivery = Delivery.objects.get()
        assert (delivery.kind, delivery.channel, delivery.address) == ("subscribed", "text", betty.phone)


def test_switching_off_stops_and_saying_nothing_new_writes_nothing(
    shopper: Client, huxley: Retailer, betty: Customer
) -> None:
    for posted in ({"email": "on"}, {"email": "on"}, {}, {}, {"email": "on"}):
        shopper.post("/app/account/", posted)
    with inside(huxley):
        assert list(Consent.objects.order_by("id").values_list("channel", "act")) == [
            ("email", "yes"),
            ("email", "stop"),
            ("email", "yes"),
        ]
        betty.refresh_from_db()
        assert betty.email_state == "yes"
    shopper.post("/app/account/", {"email": "on"})
    assert "Nothing was changed." in shopper.get("/app/account/").content.decode()


def test_an_unticked_box_that_was_never_on_is_no_stop(shopper: Client, huxley: Retailer, betty: Customer) -> None:
    """Else saving one switch would shut the other channel to the store for good."""
    shopper.post("/app/account/", {"email": "on"})
    with inside(huxley):
        assert state_of(Channel.TEXT, betty.phone) == "on_file"


@pytest.mark.parametrize("act", [Act.STOP, Act.BOUNCED, Act.COMPLAINED])
def test_the_switch_is_the_customers_way_back(
    shopper: Client, huxley: Retailer, betty: Customer, midtown: Location, owner: User, act: Act
) -> None:
    with inside(huxley):
        hear(Channel.EMAIL, betty.email, act, source=Source.HOOK, customer=betty, now=NOW)
    shopper.post("/app/account/", {"email": "on"})
    with inside(huxley):
        assert state_of(Channel.EMAIL, betty.email) == "yes"


@pytest.mark.parametrize(("source", "opens"), [(Source.REPLY, False), (Source.TILL, False), (Source.APP, True)])
def test_texts_that_were_stopped_elsewhere_are_not_switched_on_in_the_app(
    shopper: Client, huxley: Retailer, betty: Customer, source: Source, opens: bool
) -> None:
    """Signing in shows that one reads the e-mail address, not that one holds the phone."""
    with inside(huxley):
        hear(Channel.TEXT, betty.phone, Act.STOP, source=source, customer=betty, now=NOW)
    page = shopper.get("/app/account/").content.decode()
    assert ("switch-text" in page) is opens
    assert ("send START from that phone" in page) is not opens
    shopper.post("/app/account/", {"text": "on"})
    with inside(huxley):
        assert state_of(Channel.TEXT, betty.phone) == ("yes" if opens else "stopped")


def test_texts_need_a_phone_on_file(
    shopper: Client, huxley: Retailer, betty: Customer, midtown: Location, owner: User
) -> None:
    with inside(huxley):
        change_customer(
            betty, first_name="Betty", last_name="Smith", phone="", email=betty.email, at=midtown, by=owner, now=NOW
        )
    page = shopper.get("/app/account/").content.decode()
    assert "To get texts, have your mobile number added at Huxley House." in page
    assert "switch-text" not in page
    shopper.post("/app/account/", {"text": "on"})
    with inside(huxley):
        assert not Consent.objects.exists()
        assert not actions.switch(
            Customer.objects.get(pk=betty.pk),
            Channel.TEXT,
            on=True,
            store=None,
            evidence={},
            now=NOW,  # type: ignore[arg-type]
        )


def test_the_switches_need_the_csrf_token(account: AppAccount, huxley: Retailer) -> None:
    forged = signed_in_to_app(Client(enforce_csrf_checks=True), account, retailer=huxley)
    assert forged.post("/app/account/", {"email": "on"}).status_code == 403
    with inside(huxley):
        assert not Consent.objects.exists()


# Stores and walls.


@pytest.fixture
def at_both(account: AppAccount, otherpaws: Retailer, elsewhere_betty: Customer) -> AppAccount:
    with inside(otherpaws):
        actions.link_account(account, customer=elsewhere_betty, now=NOW)
    return account


def test_who_shops_at_two_stores_chooses_one_and_sees_that_one_only(
    client: Client,
    at_both: AppAccount,
    huxley: Retailer,
    otherpaws: Retailer,
    betty: Customer,
    midtown: Location,
    owner: User,
) -> None:
    buy(betty, 5, at=midtown, by=owner)
    answer = client.post("/app/sign-in/", {"email": at_both.email, "password": "practice makes paws"})
    assert answer.headers["Location"] == "/app/"
    assert client.get("/app/").headers["Location"] == "/app/stores/"
    choice = client.get("/app/stores/").content.decode()
    assert choice.index("Huxley House") < choice.index("Other Paws")
    assert client.post("/app/stores/", {"store": otherpaws.pk}).headers["Location"] == "/app/"
    for path in ("/app/", "/app/account/"):
        page = client.get(path).content.decode()
        assert "Other Paws" in page
        assert not [word for word in ("Huxley", "Midtown", "Betty", "555-0142", "Dry Dog") if word in page]
    client.post("/app/stores/", {"store": huxley.pk})
    assert "Dry Dog" in client.get("/app/").content.decode()
    page = client.get("/app/account/").content.decode()
    assert "(406) 555-0142" in page
    assert not [word for word in ("Other Paws", "Smithers", "Elsewhere") if word in page]


def test_a_switch_at_one_store_says_nothing_to_the_other(
    client: Client,
    at_both: AppAccount,
    huxley: Retailer,
    otherpaws: Retailer,
    betty: Customer,
    elsewhere_betty: Customer,
) -> None:
    signed_in_to_app(client, at_both, retailer=huxley).post("/app/account/", {"email": "on"})
    with inside(huxley):
        assert state_of(Channel.EMAIL, betty.email) == "yes"
    with inside(otherpaws):
        assert state_of(Channel.EMAIL, elsewhere_betty.email) == "on_file"
        assert not Consent.objects.exists()


@pytest.mark.parametrize("kind", ["another retailer", "nobody", "a word", "nothing", "far too long"])
def test_nobody_chooses_a_store_that_is_not_theirs(
    shopper: Client, otherpaws: Retailer, elsewhere_betty: Customer, kind: str
) -> None:
    """She is a customer there, with this very address, but opened no link of theirs."""
    sent = {"another retailer": otherpaws.pk, "nobody": 7, "a word": "x", "nothing": "", "far too long": "9" * 5000}
    assert shopper.post("/app/stores/", {"store": sent[kind]}).status_code == 404
    assert "Other Paws" not in shopper.get("/app/stores/").content.decode()


def test_a_session_that_was_tampered_with_shows_nothing_of_another_retailer(
    shopper: Client, otherpaws: Retailer, elsewhere_betty: Customer
) -> None:
    AppSession.objects.update(at_retailer=otherpaws.pk)
    assert shopper.get("/app/").headers["Location"] == "/app/stores/"
    assert shopper.post("/app/account/", {"email": "on"}).headers["Location"] == "/app/stores/"
    with inside(otherpaws):
        assert not Consent.objects.exists()


def test_another_customers_account_sees_their_own_only(
    shopper: Client, huxley: Retailer, midtown: Location, betty: Customer, owner: User
) -> None:
    buy(betty, 5, at=midtown, by=owner)
    with inside(huxley):
        ann = make_customer(at=midtown, first_name="Ann", last_name="Archer", email="ann@example.com")
        anns = signed_in_to_app(Client(), make_app_account(ann), retailer=huxley)
    for path in ("/app/", "/app/account/"):
        page = anns.get(path).content.decode()
        assert not [word for word in ("Betty", "Dry Dog", "555-0142") if word in page]
        assert "Archer" not in shopper.get(path).content.decode()


@pytest.mark.parametrize("how", ["retired", "another address"])
def test_who_is_no_customer_any_more_sees_nothing(
    shopper: Client, huxley: Retailer, betty: Customer, midtown: Location, owner: User, how: str
) -> None:
    """Also when the store had mistyped the address: whoever reads that one must not go on seeing the cards."""
    with inside(huxley):
        if how == "retired":
            retire_customer(betty, at=midtown, by=owner, now=NOW)
        else:
            names = {"first_name": "Betty", "last_name": "Smith", "phone": betty.phone}
            change_customer(betty, **names, email="right@example.com", at=midtown, by=owner, now=NOW)
    assert shopper.get("/app/").headers["Location"] == "/app/stores/"
    page = shopper.get("/app/stores/").content.decode()
    assert "No store shows its cards here now" in page
    assert "Sign out" in page
    shopper.post("/app/account/", {"email": "on"})
    with inside(huxley):
        assert not Consent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_every_page_stands_in_a_transaction_of_its_own(
    client: Client, account: AppAccount, huxley: Retailer, token: str
) -> None:
    """PostgreSQL refuses a walled question outside of one, which a test inside a transaction cannot notice."""
    for path in ("/app/", "/app/account/", "/app/stores/", "/app/password/"):
        assert signed_in_to_app(client, account, retailer=huxley).get(path).status_code == 200
    assert Client().get(f"/app/join/{token}/").status_code == 302
    assert client.post("/app/account/", {"email": "on"}).status_code == 302
    assert client.post("/app/stores/", {"store": huxley.pk}).status_code == 302
    assert Client().post("/app/forgot/", {"email": account.email}).status_code == 302
    assert (
        Client().post("/app/sign-in/", {"email": account.email, "password": "practice makes paws"}).status_code == 302
    )
    with transaction.atomic(), inside(huxley):
        assert Consent.objects.count() == 1
