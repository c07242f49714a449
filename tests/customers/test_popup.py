"""The pop-up with everything that is known of a pet owner: all of it saved at once, sending and stopping at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from astro.customers.actions import (
    add_pet,
    add_tag,
    archive_tag,
    change_customer,
    retire_customer,
    retire_pet,
    set_tags,
    write_address,
)
from astro.customers.consent.asking import hear
from astro.customers.models import Act, Address, Change, Channel, Consent, Customer, CustomerTag, Pet, Source, Tag
from astro.customers.pets import read_pet
from astro.kit.clock import utc_now
from astro.kit.models import OutboxRow
from astro.tenancy import features
from tests.cast import NOW, inside, make_customer, signed_in
from tests.customers.forms_sent import as_it_stands

pytestmark = pytest.mark.django_db

HOME = {"postcode": "59901", "street": "1 Main St", "street2": "", "city": "Kalispell", "region": "MT", "country": "US"}
AT_ONCE = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def till(client: Client, cashier) -> Client:
    return signed_in(client, cashier)


@pytest.fixture
def betty(huxley, midtown, cashier) -> Customer:
    with inside(huxley):
        betty = make_customer(
            at=midtown, first_name="Betty", last_name="Smith", phone="406-555-0142", email="betty@example.com"
        )
        add_pet(betty, read_pet(name="Rex", kind="dog", age=4, today=NOW.date()), by=cashier, at=midtown, now=NOW)
        for label in ("VIP", "Breeder"):
            add_tag(label, now=NOW)
        return betty


def address_of(customer: Customer, part: str = "popup") -> str:
    return f"/customers/{customer.pk}/{part}/"


def opened(till: Client, customer: Customer, part: str = "popup") -> str:
    response = till.get(address_of(customer, part))
    assert response.status_code == 200
    return response.content.decode()


def form(till: Client, customer: Customer, part: str = "popup", **changed: Any) -> dict[str, list[str]]:
    return as_it_stands(opened(till, customer, part), "account", **changed)


def test_it_opens_with_everything_that_is_known(till, huxley, midtown, cashier, betty) -> None:
    with inside(huxley):
        write_address(betty, HOME, by=cashier, at=midtown, now=NOW)
        vip = Tag.objects.get(label="VIP")
        set_tags(betty, [vip.pk], by=cashier, at=midtown, now=NOW)
        rex = Pet.objects.get()
    sent = form(till, betty)
    shown = {name: values[0] for name, values in sent.items()}
    assert shown["first_name"] == "Betty"
    assert (shown["phone"], shown["email"]) == ("(406) 555-0142", "betty@example.com")
    assert (shown["pets"], shown["pet-0-id"], shown["pet-0-name"], shown["pet-0-kind"]) == (
        "1",
        str(rex.pk),
        "Rex",
        "dog",
    )
    assert shown["pet-0-age"] == "4"
    assert (shown["postcode"], shown["city"], shown["country"]) == ("59901", "Kalispell", "US")
    assert sent["tags"] == [str(vip.pk)]


def test_saved_as_it_stands_nothing_changes(till, huxley, midtown, cashier, betty) -> None:
    with inside(huxley):
        write_address(betty, HOME, by=cashier, at=midtown, now=NOW)
        hear(Channel.EMAIL, betty.email, Act.YES, source=Source.LINK, customer=betty, now=NOW)
        before = Change.objects.count()
    assert till.post(address_of(betty), form(till, betty)).status_code == 204
    with inside(huxley):
        assert Change.objects.count() == before
        assert Customer.objects.get().email_state == "yes"


def test_all_tabs_are_saved_at_once(till, huxley, betty) -> None:
    with inside(huxley):
        tags = list(Tag.objects.values_list("pk", flat=True))
    changed = form(
        till,
        betty,
        first_name="Betty & Bob",
        phone="406-555-0143",
        note="Likes the corner\nby the window",
        pets=2,
        pet__0__name="Rexie",
        pet__1__name="Miso",
        pet__1__kind="cat",
        pet__1__birth_month=5,
        tags=tags,
        **HOME,
    )
    response = till.post(address_of(betty), changed)
    assert (response.status_code, response.content) == (204, b"")
    with inside(huxley):
        row = Customer.objects.get()
        assert (row.name, row.phone) == ("Betty & Bob Smith", "+14065550143")
        assert row.note == "Likes the corner\nby the window"
        pets = [(pet.name, pet.kind, pet.born_month) for pet in Pet.objects.filter(retired_at=None)]
        assert pets == [("Rexie", "dog", None), ("Miso", "cat", 5)]
        assert Address.objects.get().street == "1 Main St"
        assert set(CustomerTag.objects.values_list("tag_id", flat=True)) == set(tags)


def test_what_is_emptied_or_ticked_off_goes(till, huxley, midtown, cashier, betty) -> None:
    with inside(huxley):
        write_address(betty, HOME, by=cashier, at=midtown, now=NOW)
        set_tags(betty, Tag.objects.values_list("pk", flat=True), by=cashier, at=midtown, now=NOW)
    empty = dict.fromkeys(("postcode", "street", "city", "region"), "")
    changed = form(till, betty, pet__0__gone="on", pet__0__age="a lot", tags=None, **empty)
    assert till.post(address_of(betty), changed).status_code == 204
    with inside(huxley):
        assert not Pet.objects.filter(retired_at=None).exists()
        assert not Address.objects.exists()
        assert not CustomerTag.objects.exists()


WRONG = {
    "no name": ({"first_name": " "}, "Type the first name."),
    "half a phone": ({"phone": "555"}, "id_phone_error"),
    "an e-mail that is none": ({"email": "betty"}, "This is not a whole e-mail address."),
    "an e-mail with a line break": ({"email": "b@example.com\r\nBcc: all@example.com"}, "id_email_error"),
    "half an address": ({"street": "1 Main St"}, "Type the postcode."),
    "a pet of an odd age": ({"pet__0__age": "very"}, "Type the age in whole years"),
    "a pet born tomorrow": ({"pet__0__birth_year": "2999"}, "Type the year of birth with four digits"),
    "a tag that is none": ({"tags": ["7"]}, "One of these tags was archived."),
    "too many pets": (
        {"pets": "21", **{f"pet__{number}__name": "Fish" for number in range(1, 21)}},
        "A customer can have 20 pets here.",
    ),
    "a name of 10,000 characters": ({"last_name": "x" * 10_000}, "A name can have 100 characters"),
    "a note with a bell in it": ({"note": "ding\x07"}, "invisible control character"),
}


@pytest.mark.parametrize(("changed", "sentence"), WRONG.values(), ids=WRONG)
def test_one_wrong_tab_writes_nothing(till, huxley, betty, changed, sentence) -> None:
    """What was typed comes back, with the sentence, and none of the other tabs is saved."""
    sent = form(till, betty, **{"last_name": "Jones", "note": "New", **changed})
    response = till.post(address_of(betty), sent)
    shown = response.content.decode()
    assert (response.status_code, sentence in shown) == (422, True)
    assert as_it_stands(shown, "account")["last_name"] == sent["last_name"]
    with inside(huxley):
        row = Customer.objects.get()
        assert (row.last_name, row.note, row.phone) == ("Smith", "", "+14065550142")
        assert [pet.name for pet in Pet.objects.all()] == ["Rex"]
        assert not Address.objects.exists()


def test_what_somebody_else_has_is_said_with_the_way_to_them(till, huxley, midtown, betty) -> None:
    with inside(huxley):
        ben = make_customer(at=midtown, first_name="Ben", last_name="Ortiz", phone="406-555-0199")
    response = till.post(address_of(betty), form(till, betty, phone="(406) 555-0199", pet__0__name="Max"))
    shown = response.content.decode()
    assert response.status_code == 422
    assert "Ben Ortiz has this number already." in shown
    assert f'href="/checkout/{ben.pk}/"' in shown
    with inside(huxley):
        assert Pet.objects.get().name == "Rex"


def test_what_another_till_saved_meanwhile_is_not_overwritten(till, huxley, midtown, cashier, betty) -> None:
    sent = form(till, betty, phone="406-555-0177", last_name="Jones", pet__0__name="Max")
    with inside(huxley):
        change_customer(
            betty, first_name="Betty", last_name="Smith", phone="406-555-0188", email=betty.email,
            at=midtown, by=cashier, now=NOW,
        )  # fmt: skip
        add_pet(betty, read_pet(name="Miso", today=NOW.date()), by=cashier, at=midtown, now=NOW)
    response = till.post(address_of(betty), sent)
    shown = response.content.decode()
    assert response.status_code == 409
    assert "Somebody else changed this customer while you had it open" in shown
    assert "Pet Owner Mobile Phone: now (406) 555-0188 (Cass Cashier). You had: 406-555-0177." in shown
    with inside(huxley):
        assert (Customer.objects.get().last_name, Pet.objects.first().name) == ("Smith", "Rex")
    again = as_it_stands(shown, "account")
    assert again["last_name"] == ["Jones"], "what nobody else touched is as it was typed"
    assert (again["phone"], again["pet-0-name"], again["pet-1-name"]) == (["(406) 555-0188"], ["Rex"], ["Miso"])
    assert till.post(address_of(betty), again).status_code == 204
    with inside(huxley):
        row = Customer.objects.get()
        assert (row.last_name, row.phone) == ("Jones", "+14065550188")


def test_a_pet_that_another_till_took_off_does_not_come_back(till, huxley, midtown, cashier, betty) -> None:
    sent = form(till, betty, first_name="Beth")
    with inside(huxley):
        retire_pet(Pet.objects.get(), by=cashier, at=midtown, now=NOW)
    response = till.post(address_of(betty), sent)
    shown = response.content.decode()
    assert response.status_code == 409
    assert "Pets: “Rex, Dog, born about 2022” was taken off (Cass Cashier)." in shown
    assert as_it_stands(shown, "account")["first_name"] == ["Beth"]
    with inside(huxley):
        assert not Pet.objects.filter(retired_at=None).exists()


def test_a_tag_that_was_archived_meanwhile_is_said(till, huxley, midtown, cashier, betty) -> None:
    with inside(huxley):
        vip = Tag.objects.get(label="VIP")
    sent = form(till, betty, tags=[vip.pk])
    with inside(huxley):
        archive_tag(vip, by=cashier, at=midtown, now=NOW)
    response = till.post(address_of(betty), sent)
    assert response.status_code == 422
    assert "One of these tags was archived. Choose again." in response.content.decode()


def test_a_changed_email_is_unverified_again(till, huxley, betty) -> None:
    with inside(huxley):
        hear(Channel.EMAIL, betty.email, Act.YES, source=Source.LINK, customer=betty, now=NOW)
    assert "Email Verified" in opened(till, betty)
    assert till.post(address_of(betty), form(till, betty, email="betty@new.example")).status_code == 204
    shown = opened(till, betty)
    assert "Email Verified" not in shown
    assert "Send Welcome Email" in shown
    with inside(huxley):
        assert Customer.objects.get().email_state == "on_file"


def test_a_verified_email_has_a_button_that_cannot_be_pressed(till, huxley, betty) -> None:
    with inside(huxley):
        hear(Channel.EMAIL, betty.email, Act.YES, source=Source.LINK, customer=betty, now=NOW)
    shown = opened(till, betty)
    button = shown[: shown.index("Email Verified")].rpartition("<button")[2]
    assert "disabled" in button
    assert "Send Welcome Email" not in shown


@pytest.mark.parametrize(("channel", "name"), [("email", "Welcome Email"), ("text", "SMS Opt In Text")])
def test_sending_acts_at_once_and_again_only_later(till, huxley, betty, channel, name) -> None:
    url = address_of(betty, f"ask/{channel}")
    response = till.post(url, **AT_ONCE)
    shown = response.content.decode()
    assert response.status_code == 200
    assert f"The {name} is on its way." in shown
    assert f"Send {name} again" in shown
    assert "on you can send it again." in shown
    assert f"{name} sent" in shown, "it stands in the list of messages"
    with inside(huxley):
        assert OutboxRow.objects.filter(kind="messaging.request").count() == 1
        said = Consent.objects.get()
        assert (said.act, said.by.name, said.wording is not None) == ("asked", "Cass Cashier", True)
    again = till.post(url, **AT_ONCE)
    assert again.status_code == 422
    assert "This was sent just now. From " in again.content.decode()
    with inside(huxley):
        assert OutboxRow.objects.filter(kind="messaging.request").count() == 1


def test_the_customer_said_stop_acts_at_once(till, huxley, betty) -> None:
    response = till.post(address_of(betty, "stop/text"), **AT_ONCE)
    shown = response.content.decode()
    assert response.status_code == 200
    assert "No more texts go to this number." in shown
    assert "Opted out" in shown
    assert "Only the customer can take that back" in shown
    assert 'form="ask-text"' not in shown
    with inside(huxley):
        assert Customer.objects.get().text_state == "stopped"
    refused = till.post(address_of(betty, "ask/text"), **AT_ONCE)
    assert refused.status_code == 422
    assert "nothing may be sent to it" in refused.content.decode()


def test_where_nothing_is_on_file_nothing_is_sent_or_stopped(till, huxley, midtown) -> None:
    with inside(huxley):
        bare = make_customer(at=midtown)
    for act in ("ask", "stop"):
        response = till.post(address_of(bare, f"{act}/email"), **AT_ONCE)
        assert response.status_code == 422
        assert "There is no e-mail address on file." in response.content.decode()
    assert till.post(address_of(bare, "ask/fax"), **AT_ONCE).status_code == 404
    with inside(huxley):
        assert not Consent.objects.exists()


def test_messages_tell_who_and_when_and_of_which_address(till, huxley, midtown, cashier, betty) -> None:
    with inside(huxley):
        hear(Channel.EMAIL, "old@example.com", Act.STOP, source=Source.LINK, customer=betty, now=utc_now())
        yesterday = utc_now() - timedelta(days=1)
        hear(
            Channel.TEXT, betty.phone, Act.ASKED, source=Source.TILL, customer=betty, by=cashier, location=midtown,
            words="Reply YES", now=yesterday,
        )  # fmt: skip
    shown = opened(till, betty)
    told = shown[shown.index('id="told"') :]
    assert told.index("SMS Opt In Text sent") < told.index("Unsubscribed from e-mail"), "the latest first"
    assert "Cass Cashier, Midtown" in told
    assert "Reply YES" in told
    assert told.index("Unsubscribed from e-mail") < told.index("Another address")


def test_the_page_does_the_same_without_a_script(till, huxley, betty) -> None:
    sent = form(till, betty, "edit", first_name="Beth", more="1")
    more = till.post(address_of(betty, "edit"), sent)
    shown = more.content.decode()
    assert more.status_code == 200
    again = as_it_stands(shown, "account", pet__1__name="Miso")
    assert (again["first_name"], again["pets"], again["pet-0-name"]) == (["Beth"], ["2"], ["Rex"])
    saved = till.post(address_of(betty, "edit"), again)
    assert (saved.status_code, saved.headers["Location"]) == (302, f"/customers/{betty.pk}/")
    with inside(huxley):
        assert Customer.objects.get().first_name == "Beth"
        assert [pet.name for pet in Pet.objects.all()] == ["Rex", "Miso"]
    for given, leads in (("checkout", f"/checkout/{betty.pk}/"), ("//evil.example", f"/customers/{betty.pk}/")):
        back = till.post(address_of(betty, "edit"), form(till, betty, "edit", next=given))
        assert back.headers["Location"] == leads
    asked = till.post(address_of(betty, "ask/email"), {"next": "checkout"})
    assert asked.headers["Location"] == f"/customers/{betty.pk}/edit/?next=checkout"
    assert "The Welcome Email is on its way." in till.get(asked.headers["Location"]).content.decode()
    stopped = till.post(address_of(betty, "stop/email"), {"next": "//evil.example"})
    assert stopped.headers["Location"] == f"/customers/{betty.pk}/edit/"


def test_the_internal_id_is_asked_for_only_where_it_is_switched_on(till, huxley, betty) -> None:
    assert "internal_id" not in form(till, betty)
    sent = form(till, betty)
    assert till.post(address_of(betty), {**sent, "internal_id": "A-7"}).status_code == 204
    with inside(huxley):
        assert Customer.objects.get().internal_id == ""
        features.switch_on(features.INTERNAL_CUSTOMER_ID, now=NOW)
    assert till.post(address_of(betty), form(till, betty, internal_id="A-7")).status_code == 204
    with inside(huxley):
        assert Customer.objects.get().internal_id == "A-7"


def test_other_peoples_pets_and_tags_are_out_of_reach(
    till, huxley, midtown, otherpaws, elsewhere, cashier, betty
) -> None:
    with inside(huxley):
        other = make_customer(at=midtown)
        theirs = add_pet(other, read_pet(name="Fido", today=NOW.date()), by=cashier, at=midtown, now=NOW)
    with inside(otherpaws):
        stranger = make_customer(at=elsewhere)
        strange_pet = add_pet(stranger, read_pet(name="Ghost", today=NOW.date()), by=None, at=elsewhere, now=NOW)
        strange_tag = add_tag("Secret", now=NOW)
    for pet in (theirs, strange_pet):
        assert till.post(address_of(betty), form(till, betty, pet__0__id=pet.pk)).status_code == 404
    response = till.post(address_of(betty), form(till, betty, tags=[strange_tag.pk]))
    assert response.status_code == 422
    assert "Secret" not in response.content.decode()
    for part in ("popup", "edit"):
        assert till.get(address_of(stranger, part)).status_code == 404
        assert till.post(address_of(stranger, part), form(till, betty)).status_code == 404
    for part in ("ask/email", "stop/email"):
        assert till.post(address_of(stranger, part), **AT_ONCE).status_code == 404
    with inside(huxley):
        assert Pet.objects.get(pk=theirs.pk).name == "Fido"
    with inside(otherpaws):
        assert Pet.objects.get().name == "Ghost"


def test_a_removed_customer_is_told_of_and_nothing_is_saved(till, huxley, midtown, betty) -> None:
    sent = form(till, betty)
    with inside(huxley):
        retire_customer(betty, at=midtown, by=None, now=NOW)
    page = till.get(address_of(betty, "edit"))
    assert page.status_code == 409
    assert "Betty Smith was removed from your list." in page.content.decode()
    assert 'href="/checkout/"' in page.content.decode()
    refused = till.post(address_of(betty), {**sent, "first_name": "Beth"}, HTTP_ACCEPT="application/json")
    assert refused.status_code == 409
    assert refused.json()["error"]["message"].startswith("Betty Smith was removed")
    with inside(huxley):
        assert Customer.objects.get().first_name == "Betty"


def test_it_costs_as_much_for_many_pets_and_tags(
    till, huxley, midtown, cashier, betty, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(24) as first:
        opened(till, betty)
    with inside(huxley):
        for number in range(9):
            add_pet(betty, read_pet(name=f"Fish {number}", today=NOW.date()), by=cashier, at=midtown, now=NOW)
            add_tag(f"Tag {number}", now=NOW)
        set_tags(betty, Tag.objects.values_list("pk", flat=True), by=cashier, at=midtown, now=NOW)
    with django_assert_num_queries(len(first)):
        opened(till, betty)


def test_a_version_that_is_none_is_no_version(till, betty) -> None:
    for version in ("", "x", "9" * 30, "-1"):
        assert till.post(address_of(betty), form(till, betty, version=version)).status_code == 409
