"""A customer's page: the whole story, told in as many questions for a long one as for a short one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from astro.accounts.models import User
from astro.cards.models import Reward
from astro.customers.actions import (
    add_pet,
    add_tag,
    change_customer,
    joined_app,
    merge_customers,
    retire_customer,
    set_tags,
    write_address,
    write_note,
)
from astro.customers.consent.asking import hear
from astro.customers.models import Act, Change, Channel, Customer, Source
from astro.customers.pets import read_pet
from astro.kit.clock import utc_now
from astro.messaging.models import Delivery, DeliveryState, MessageKind
from astro.programs.models import Enrollment
from astro.tenancy import features
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, inside, make_customer, make_enrollment, make_product, make_program, signed_in
from tests.checkout.buying import buy
from tests.project.access_matrix import a_gift

pytestmark = pytest.mark.django_db
WORDS = "Huxley House: Reply YES to get our offers.\nReply STOP to end."


@pytest.fixture
def office(client: Client, owner: User) -> Client:
    return signed_in(client, owner)


@pytest.fixture
def ben(huxley: Retailer, midtown: Location) -> Customer:
    with inside(huxley):
        return make_customer(
            first_name="Ben", last_name="Ortiz", phone="4065550142", email="ben@example.com", at=midtown
        )


def told(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def send(customer: Customer, *, by: User, at: Location, number: int = 0, **fields: object) -> None:
    settled = {"state": DeliveryState.SENT, "reason": "", **fields}
    when = NOW + timedelta(minutes=number)
    Delivery(
        customer=customer, channel=Channel.EMAIL, kind=MessageKind.WELCOME_EMAIL, address=customer.email,
        address_hash="0" * 64, token=f"{customer.pk}-{number}", by=by, location=at, created_at=when, changed_at=when,
        **settled,
    ).save()  # fmt: skip


def test_an_empty_page_says_what_there_is_not(office: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        one = make_customer(first_name="Ann", last_name="Lee", at=midtown)
    text = told(office, f"/customers/{one.pk}/")
    for words in ("Ann Lee", "No Email on File", "No phone on file", "No address on file", "No pets on file.",
                  "No tags.", "Nothing written down.", "Ann has no cards yet.", "No visit yet.",
                  "Nothing was sent yet.", "Nobody asked them yet", "Nothing was changed since they were added.",
                  "Email: No e-mail on file", f"<dd>{one.pk}</dd>", "Last at Midtown"):  # fmt: skip
        assert words in text, words
    assert "Internal Customer ID" not in text


def test_the_page_tells_who_they_are(
    office: Client, huxley: Retailer, midtown: Location, ben: Customer, owner: User
) -> None:
    home = {"postcode": "59901", "street": "1 Main St", "street2": "Apt 2", "city": "Kalispell", "region": "MT"}
    with inside(huxley):
        write_address(ben, home, by=owner, at=midtown, now=NOW)
        pet = read_pet(name="Biscuit", kind="dog", breed="Beagle", birth_year=2021, birth_month=5, today=NOW.date())
        add_pet(ben, pet, by=owner, at=midtown, now=NOW)
        tag = add_tag("VIP", now=NOW)
        set_tags(ben, [tag.pk], by=owner, at=midtown, now=NOW)
        joined_app(ben, now=NOW)
        features.switch_on(features.INTERNAL_CUSTOMER_ID, now=NOW)
        change_customer(
            ben, first_name="Ben", last_name="Ortiz", phone=ben.phone, email=ben.email, internal_id="B-7", at=midtown,
            by=owner, now=NOW,
        )  # fmt: skip
    text = told(office, f"/customers/{ben.pk}/")
    for words in ('href="mailto:ben@example.com"', "(406) 555-0142", "1 Main St, Apt 2<br>Kalispell, MT 59901",
                  "<strong>Biscuit</strong>", "Dog, Beagle, born May 2021",
                  f'href="/customers/?place=all&amp;tag={tag.pk}">VIP', "Uses it since November 20, 2026", "B-7",
                  "App: Uses the app"):  # fmt: skip
        assert words in text, words


def test_the_page_tells_cards_rewards_and_visits(office: Client, huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        buyer = a_gift(midtown).customer
        Reward.objects.filter(customer=buyer).update(state="ready")
    text = told(office, f"/customers/{buyer.pk}/")
    for words in ("Bags of Midtown card", "A free item waits. Earned at Midtown on", "Bag of Midtown",
                  f'href="/checkout/{buyer.pk}/history/"', "Gil of Midtown", "1 punch"):  # fmt: skip
        assert words in text, words


def test_a_card_whose_program_the_location_left_says_that_it_is_frozen(
    office: Client, huxley: Retailer, midtown: Location, owner: User
) -> None:
    product = make_product()
    program = make_program(products=[product])
    enrollment = make_enrollment(midtown, program=program, by=owner, now=utc_now())
    with inside(huxley):
        buyer = make_customer(at=midtown)
    buy(buyer, product, at=midtown)
    assert "Frozen here" not in told(office, f"/customers/{buyer.pk}/")
    with inside(huxley):
        Enrollment.objects.filter(pk=enrollment.pk).update(until_on=midtown.day(utc_now()) - timedelta(days=1))
    text = told(office, f"/customers/{buyer.pk}/")
    assert ("Frozen here" in text, "takes no part now" in text) == (True, True)


def test_the_page_tells_messages_by_whom_and_what_became_of_them(
    office: Client, huxley: Retailer, midtown: Location, ben: Customer, cashier: User
) -> None:
    with inside(huxley):
        send(ben, by=cashier, at=midtown, number=1)
        send(ben, by=cashier, at=midtown, number=2, state=DeliveryState.FAILED, reason="The address does not exist.")
    text = told(office, f"/customers/{ben.pk}/")
    for words in ("Welcome Email", "Sent", "Could not be sent", "The address does not exist.", "Cass Cashier"):
        assert words in text, words


def test_consent_is_told_word_for_word_with_its_proof(
    office: Client, huxley: Retailer, midtown: Location, ben: Customer, cashier: User
) -> None:
    with inside(huxley):
        where = {"location": midtown, "by": cashier, "words": WORDS}
        hear(Channel.TEXT, ben.phone, Act.ASKED, source=Source.TILL, customer=ben, now=NOW, **where)
        evidence = {"reply": "Yes <b>please</b>", "ip": "203.0.113.7"}
        hear(Channel.TEXT, ben.phone, Act.YES, source=Source.REPLY, customer=ben, evidence=evidence, now=NOW)
    text = told(office, f"/customers/{ben.pk}/")
    for words in ("Text: said yes", "express", "by a reply", "Text: asked", "at the till", "Cass Cashier · Midtown",
                  "Huxley House: Reply YES to get our offers.<br>Reply STOP to end.",
                  ">Yes &lt;b&gt;please&lt;/b&gt;</dd>", "203.0.113.7"):  # fmt: skip
        assert words in text, words


def test_what_was_said_about_the_number_before_is_told_too(
    office: Client, huxley: Retailer, midtown: Location, ben: Customer
) -> None:
    with inside(huxley):
        hear(Channel.TEXT, "+14065550142", Act.STOP, source=Source.REPLY, customer=None, now=NOW)
        other = make_customer(first_name="Else", phone="4065550199", at=midtown)
        hear(Channel.TEXT, other.phone, Act.STOP, source=Source.REPLY, customer=other, now=NOW)
    text = told(office, f"/customers/{ben.pk}/")
    assert text.count("Text: said stop") == 1
    assert "said before this address was theirs" in text


def test_who_changed_what(office: Client, huxley: Retailer, midtown: Location, ben: Customer, cashier: User) -> None:
    with inside(huxley):
        change_customer(
            ben, first_name="Benny", last_name="Ortiz", phone="", email=ben.email, at=midtown, by=cashier, now=NOW
        )
    text = told(office, f"/customers/{ben.pk}/")
    assert "<del>Ben</del>" in text
    assert "<ins>Benny</ins>" in text
    assert "taken off: +14065550142" in text
    assert "Cass Cashier · Midtown" in text


def test_a_long_story_costs_as_much_as_a_short_one(
    office: Client, huxley: Retailer, midtown: Location, ben: Customer, cashier: User
) -> None:
    def add(numbers: range) -> None:
        with inside(huxley):
            for number in numbers:
                hear(Channel.TEXT, ben.phone, Act.ASKED, source=Source.TILL, customer=ben, words=f"{number}", now=NOW)
                write_note(ben, f"More {number}", by=cashier, at=midtown, now=NOW)
                send(ben, by=cashier, at=midtown, number=number)
                add_pet(ben, read_pet(name=f"{number}", today=NOW.date()), by=cashier, at=midtown, now=NOW)

    add(range(1))
    told(office, f"/customers/{ben.pk}/")
    with CaptureQueriesContext(connection) as few:
        told(office, f"/customers/{ben.pk}/")
    add(range(1, 12))
    with CaptureQueriesContext(connection) as many:
        text = told(office, f"/customers/{ben.pk}/")
    assert len(many) == len(few)
    assert text.count("Show all") == 3


@pytest.mark.parametrize("part", ["visits", "messages", "consent", "changes"])
def test_each_long_part_goes_on_page_by_page(
    office: Client, huxley: Retailer, midtown: Location, ben: Customer, cashier: User, part: str
) -> None:
    empty = told(office, f"/customers/{ben.pk}/{part}/")
    assert "Ben Ortiz" in empty
    if part == "visits":
        assert "No visit yet." in empty
        return
    with inside(huxley):
        for number in range(120):
            if part == "messages":
                send(ben, by=cashier, at=midtown, number=number)
            elif part == "consent":
                hear(Channel.EMAIL, ben.email, Act.ASKED, source=Source.TILL, customer=ben, now=NOW)
            else:
                write_note(ben, f"Note {number}", by=cashier, at=midtown, now=NOW)
    seen, cursor = [], ""
    for _page in range(3):
        response = office.get(f"/customers/{ben.pk}/{part}/?cursor={cursor}")
        shown = response.context["part"]
        seen += [str(row) if part == "messages" else str(getattr(row, "row", row)) for row in shown.rows]
        cursor = shown.next
    assert (len(seen), cursor) == (120, None)


def test_a_note_is_written_in_place(office: Client, huxley: Retailer, ben: Customer, owner: User) -> None:
    response = office.post(f"/customers/{ben.pk}/note/", {"note": "Rings twice.\r\nBarks <b>once</b>."})
    assert response.headers["Location"] == f"/customers/{ben.pk}/"
    text = told(office, f"/customers/{ben.pk}/")
    assert "Rings twice.<br>Barks &lt;b&gt;once&lt;/b&gt;." in text
    with inside(huxley):
        change = Change.objects.get(field="note")
    assert (change.new, change.by_id) == ("Rings twice.\nBarks <b>once</b>.", owner.pk)
    refused = office.post(f"/customers/{ben.pk}/note/", {"note": "x" * 1001})
    assert refused.status_code == 422
    assert "A note can have 1,000 characters." in refused.content.decode()
    assert "x" * 1001 in refused.content.decode()


def test_the_page_of_a_merged_account_leads_to_the_kept_one(
    client: Client, cashier: User, owner: User, huxley: Retailer, midtown: Location, ben: Customer
) -> None:
    with inside(huxley):
        kept = make_customer(first_name="Benjamin", last_name="Ortiz", at=midtown)
        merge = merge_customers(kept, ben, by=cashier, at=midtown, now=NOW)
    till = signed_in(client, cashier)
    response = till.get(f"/customers/{ben.pk}/", follow=True)
    assert response.redirect_chain == [(f"/customers/{kept.pk}/", 302)]
    text = response.content.decode()
    assert "Ben Ortiz was combined with Benjamin Ortiz" in text
    assert f'href="/customers/merges/{merge.pk}/"' in told(signed_in(Client(), owner), f"/customers/{kept.pk}/")
    assert "<dt>Combined</dt>" in text


def test_a_removed_customer_is_there_for_administrators_alone(
    client: Client, cashier: User, owner: User, huxley: Retailer, midtown: Location, ben: Customer
) -> None:
    with inside(huxley):
        retire_customer(ben, at=midtown, by=cashier, now=NOW)
    assert signed_in(client, cashier).get(f"/customers/{ben.pk}/").status_code == 404
    text = told(signed_in(Client(), owner), f"/customers/{ben.pk}/")
    assert "by Cass Cashier" in text
    assert f'action="/customers/{ben.pk}/restore/"' in text
    with inside(huxley):
        Customer.objects.filter(pk=ben.pk).update(erased_at=NOW)
    assert signed_in(Client(), owner).get(f"/customers/{ben.pk}/").status_code == 404


def test_a_cashier_sees_the_story_and_cannot_take_it_away(
    client: Client, cashier: User, huxley: Retailer, ben: Customer
) -> None:
    text = told(signed_in(client, cashier), f"/customers/{ben.pk}/")
    assert f'href="/checkout/{ben.pk}/"' in text
    for address in ("remove/", "data/", "erasure/"):
        assert f'href="/customers/{ben.pk}/{address}' not in text
    assert "An administrator can export or erase their data" in text


def test_an_administrator_finds_what_to_do_with_their_data(office: Client, ben: Customer) -> None:
    text = told(office, f"/customers/{ben.pk}/")
    for address in ("data/", "erasure/", "remove/", "edit/"):
        assert f'href="/customers/{ben.pk}/{address}' in text


def test_what_will_be_erased_says_so(office: Client, huxley: Retailer, ben: Customer) -> None:
    with inside(huxley):
        Customer.objects.filter(pk=ben.pk).update(erase_on=NOW.date() + timedelta(days=30))
    assert "Their data will be erased on December 20, 2026." in told(office, f"/customers/{ben.pk}/")


def test_nobody_else_s_story_is_told(
    office: Client, otherpaws: Retailer, elsewhere: Location, huxley: Retailer, ben: Customer
) -> None:
    with inside(otherpaws):
        theirs = make_customer(first_name="Secret", at=elsewhere)
    for address in ("", "visits/", "messages/", "consent/", "changes/", "remove/"):
        assert office.get(f"/customers/{theirs.pk}/{address}").status_code == 404
    for address in ("note/", "restore/", "remove/"):
        assert office.post(f"/customers/{theirs.pk}/{address}", {"note": "x"}).status_code == 404
    assert office.get(f"/customers/{2**80}/").status_code == 404
