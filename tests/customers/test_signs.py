"""The five signs, by the table "Status icons" of the design."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from astro.accounts.models import User
from astro.customers.actions import add_pet, add_tag, archive_tag, retire_pet, set_tags
from astro.customers.consent.asking import ask, hear, stop
from astro.customers.models import Act, Basis, Channel, Customer, Pet, Source
from astro.customers.pets import read_pet
from astro.customers.signs import day_in_words, names_of, signs_of
from astro.tenancy.models import Location
from tests.cast import NOW, inside, make_customer

TODAY = date(2026, 11, 20)
PHONE, EMAIL = "406-555-0142", "betty@example.com"


def both_on_file(at: Location, **fields: Any) -> Customer:
    return make_customer(at=at, **{"phone": PHONE, "email": EMAIL, **fields})


def asked(channel: Channel) -> Callable[[Customer, User, Location], None]:
    return lambda customer, by, at: ask(customer, channel, words="May we?", by=by, at=at, now=NOW)


def heard(channel: Channel, act: Act, source: Source, basis: str = "") -> Callable[[Customer, User, Location], None]:
    def tell(customer: Customer, by: User, at: Location) -> None:
        address = customer.email if channel == Channel.EMAIL else customer.phone
        hear(channel, address, act, source=source, basis=basis, customer=customer, now=NOW - timedelta(days=17))

    return tell


def stopped(channel: Channel) -> Callable[[Customer, User, Location], None]:
    return lambda customer, by, at: stop(customer, channel, by=by, at=at, now=NOW - timedelta(days=1))


def uses_the_app(customer: Customer, by: User, at: Location) -> None:
    customer.app_since = datetime(2025, 6, 1, 17, tzinfo=UTC)


def nothing(customer: Customer, by: User, at: Location) -> None:
    """As it was added."""


TABLE = {
    "text: no mobile": ("text", {"phone": ""}, nothing, "bad", "No mobile phone", "Add one"),
    "text: not asked": ("text", {}, nothing, "warn", "Not asked yet", "A mobile phone is on file"),
    "text: asked": (
        "text",
        {},
        asked(Channel.TEXT),
        "warn",
        "Asked, no answer",
        "today by Cass Cashier, no answer yet",
    ),
    "text: opted in": (
        "text",
        {},
        heard(Channel.TEXT, Act.YES, Source.REPLY),
        "ok",
        "Opted in",
        "November 3, by a reply",
    ),
    "text: STOP": (
        "text",
        {},
        heard(Channel.TEXT, Act.STOP, Source.REPLY),
        "bad",
        "Opted out",
        "November 3, by a reply",
    ),
    "text: said stop": ("text", {}, stopped(Channel.TEXT), "bad", "Opted out", "yesterday, at the till, Cass Cashier"),
    "text: bounces": ("text", {}, heard(Channel.TEXT, Act.BOUNCED, Source.HOOK), "bad", "Texts do not arrive", "Since"),
    "text: an implied yes": (
        "text",
        {},
        heard(Channel.TEXT, Act.YES, Source.IMPORT, Basis.IMPLIED),
        "warn",
        "Not asked yet",
        "on file",
    ),
    "email: none": ("email", {"email": ""}, nothing, "bad", "No e-mail on file", "Add one"),
    "email: not asked": ("email", {}, nothing, "warn", "Not verified", "Not asked yet"),
    "email: asked": ("email", {}, asked(Channel.EMAIL), "warn", "Not verified", "today by Cass Cashier, no answer yet"),
    "email: verified": (
        "email",
        {},
        heard(Channel.EMAIL, Act.YES, Source.LINK),
        "ok",
        "Verified",
        "November 3, by a link",
    ),
    "email: unsubscribed": (
        "email",
        {},
        heard(Channel.EMAIL, Act.STOP, Source.LINK),
        "bad",
        "Unsubscribed",
        "November 3, by a link",
    ),
    "email: complained": (
        "email",
        {},
        heard(Channel.EMAIL, Act.COMPLAINED, Source.HOOK),
        "bad",
        "Unsubscribed",
        "told by the mail or text service",
    ),
    "email: bounces": ("email", {}, heard(Channel.EMAIL, Act.BOUNCED, Source.HOOK), "bad", "Mail comes back", "Since"),
    "app: no e-mail": ("app", {"email": ""}, nothing, "bad", "Cannot register", "needs an e-mail"),
    "app: e-mail on file": ("app", {}, nothing, "warn", "Not registered yet", "Welcome Email"),
    "app: signed in": ("app", {}, uses_the_app, "ok", "Uses the app", "Since June 1, 2025"),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "fields", "happens", "state", "words", "detail"), TABLE.values(), ids=TABLE)
def test_text_email_and_app_follow_the_table(
    huxley, midtown, cashier, name, fields, happens, state, words, detail
) -> None:
    with inside(huxley):
        customer = both_on_file(midtown, **fields)
        happens(customer, cashier, midtown)
        sign = getattr(signs_of([customer], today=TODAY)[customer.pk], name)
    assert (sign.state, words in sign.words, detail in sign.detail) == (state, True, True), sign


WHOLE = {"name": "Biscuit", "kind": "dog", "age": 4}
PETS = {
    "none": ([], "bad", "No pet on file", ""),
    "one that is whole": ([WHOLE], "ok", "1 pet", "Biscuit"),
    "a birth month is as good as an age": ([{**WHOLE, "age": None, "birth_month": 5}], "ok", "1 pet", "Biscuit"),
    "no name": ([{**WHOLE, "name": ""}], "warn", "Something is missing", "Dog: name missing"),
    "no type": ([{**WHOLE, "kind": ""}], "warn", "Something is missing", "Biscuit: type missing"),
    "no age": ([{**WHOLE, "age": None}], "warn", "Something is missing", "Biscuit: age or birthday missing"),
    "one of two": (
        [WHOLE, {"name": "Miso"}],
        "warn",
        "Something is missing",
        "Miso: type, age or birthday missing",
    ),
}


def add_pets(customer: Customer, pets: list[dict[str, Any]], by: User, at: Location) -> list[Pet]:
    return [add_pet(customer, read_pet(**pet, today=TODAY), by=by, at=at, now=NOW) for pet in pets]


@pytest.mark.django_db
@pytest.mark.parametrize(("pets", "state", "words", "detail"), PETS.values(), ids=PETS)
def test_pets_follow_the_table(huxley, midtown, cashier, pets, state, words, detail) -> None:
    with inside(huxley):
        customer = make_customer(at=midtown)
        add_pets(customer, pets, cashier, midtown)
        sign = signs_of([customer], today=TODAY)[customer.pk].pets
    assert (sign.state, sign.words, sign.detail) == (state, words, detail)


@pytest.mark.django_db
def test_a_pet_that_was_taken_off_does_not_count(huxley, midtown, cashier) -> None:
    with inside(huxley):
        customer = make_customer(at=midtown)
        gone, _stays = add_pets(customer, [{"name": "Rex"}, WHOLE], cashier, midtown)
        retire_pet(gone, by=cashier, at=midtown, now=NOW)
        signs = signs_of([customer], today=TODAY)[customer.pk]
        assert (signs.pets.state, signs.pet_names) == ("ok", "Biscuit")


@pytest.mark.django_db
def test_tags_are_green_or_red_and_archived_ones_do_not_count(huxley, midtown, cashier) -> None:
    def sign(customer: Customer) -> tuple[str, str, str]:
        found = signs_of([customer], today=TODAY)[customer.pk].tags
        return found.state, found.words, found.detail

    with inside(huxley):
        customer = make_customer(at=midtown)
        assert sign(customer) == ("bad", "No tag", "")
        tags = [add_tag(label, now=NOW) for label in ("VIP", "Breeder")]
        set_tags(customer, [tag.pk for tag in tags], by=cashier, at=midtown, now=NOW)
        assert sign(customer) == ("ok", "2 tags", "Breeder, VIP")
        archive_tag(tags[0], by=cashier, at=midtown, now=NOW)
        assert sign(customer) == ("ok", "1 tag", "Breeder")
        archive_tag(tags[1], by=cashier, at=midtown, now=NOW)
        assert sign(customer) == ("bad", "No tag", "")


@pytest.mark.django_db
def test_a_changed_address_starts_anew(huxley, midtown, cashier) -> None:
    """The signs go by the address that is on file now, not by what another one said."""
    with inside(huxley):
        customer = both_on_file(midtown)
        heard(Channel.EMAIL, Act.YES, Source.LINK)(customer, cashier, midtown)
        other = make_customer(at=midtown, email="other@example.com")
        signs = signs_of([customer, other], today=TODAY)
    assert signs[customer.pk].email.state == "ok"
    assert (signs[other.pk].email.state, signs[other.pk].email.words) == ("warn", "Not verified")


@pytest.mark.django_db
def test_a_list_of_fifty_costs_as_much_as_one(huxley, midtown, cashier, django_assert_num_queries) -> None:
    with inside(huxley):
        tag = add_tag("VIP", now=NOW)
        customers = []
        for number in range(50):
            customer = make_customer(at=midtown, phone=f"406-555-{1000 + number}", email=f"c{number}@example.com")
            asked(Channel.TEXT)(customer, cashier, midtown)
            add_pets(customer, [WHOLE], cashier, midtown)
            set_tags(customer, [tag.pk], by=cashier, at=midtown, now=NOW)
            customers.append(customer)
        for some in (customers[:1], customers):
            with django_assert_num_queries(3):
                signs = signs_of(some, today=TODAY)
            assert len(signs) == len(some)
            assert {sign.text.detail for sign in signs.values()} == {"Asked today by Cass Cashier, no answer yet"}


@pytest.mark.django_db
def test_nobody_costs_little(huxley) -> None:
    with inside(huxley):
        assert signs_of([], today=TODAY) == {}


@pytest.mark.once
def test_days_are_told_as_people_say_them() -> None:
    told = [day_in_words(NOW - timedelta(days=days), TODAY) for days in (0, 1, 2, 400)]
    assert told == ["today", "yesterday", "November 18", "October 16, 2025"]


@pytest.mark.django_db
def test_pets_are_named_in_a_row(huxley) -> None:
    with inside(huxley):
        pets = [Pet(name=name) for name in ("Biscuit", "", "Miso", "Rex")]
    assert [names_of(pets[:count]) for count in range(5)] == [
        "",
        "Biscuit",
        "Biscuit",
        "Biscuit & Miso",
        "Biscuit, Miso & Rex",
    ]
