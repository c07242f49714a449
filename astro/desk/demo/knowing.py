"""What a store comes to know of a customer beside what they buy: animals, an address, tags, and who wants its mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from astro.accounts.models import User
from astro.customers.actions import add_pet, set_tags, write_address
from astro.customers.consent import asking, wordings
from astro.customers.consent.queries import address_of
from astro.customers.models import Act, Channel, Customer, Source, Tag
from astro.customers.pets import read_pet
from astro.desk.demo import story
from astro.desk.demo.shelf import read_table
from astro.tenancy.models import Location
from astro.tenancy.stores import Store, store_of

TELLS_PETS = 0.82
TELLS_ADDRESS = 0.16
KNOWS = {"age": 48, "month": 14, "birthday": 24, "nothing": 14}
"""What a customer tells of an animal's birth. The numbers are weights, as below."""
ANSWERS = {
    Channel.EMAIL: {"yes": 55, "asked": 22, "stop": 5, "": 18},
    Channel.TEXT: {"yes": 34, "asked": 22, "stop": 8, "": 36},
}
MINUTES_TO_ANSWER = (1, 90)
ASKED_AFTER = timedelta(seconds=40)


def get_to_know(
    shopper: story.Shopper,
    customer: Customer,
    *,
    by: User,
    at: Location,
    now: datetime,
    until: datetime,
    rng: Random,
) -> None:
    """All of it on the day they joined. Those of `pets.toml` tell what stands there; the others by chance.

    Nothing is answered after `until`.
    """
    known = _table()["known"].get(customer.name, {} if shopper.is_practice else None)
    who: dict[str, Any] = {"by": by, "at": at, "now": now}
    for pet in _pets(shopper, known, today=at.day(now), rng=rng):
        add_pet(customer, read_pet(**pet, today=at.day(now)), **who)
    if known is None and shopper.manner.home and rng.random() < TELLS_ADDRESS:
        write_address(customer, shopper.manner.home, **who)
    labels = _tags(known, rng)
    if labels:
        set_tags(customer, list(Tag.objects.filter(label__in=labels).values_list("pk", flat=True)), **who)
    for channel in Channel:
        if address_of(customer, channel):
            _ask(customer, channel, _answer(channel, known, rng), until=until, rng=rng, **who)


@cache
def _table() -> dict[str, Any]:
    return read_table("pets.toml")


def _pets(shopper: story.Shopper, known: Mapping[str, Any] | None, *, today: Any, rng: Random) -> list[dict[str, Any]]:
    if known is not None:
        return list(known.get("pets", ()))
    if rng.random() > TELLS_PETS:
        return []
    table = _table()
    return [
        {
            "name": rng.choice(table["names"]),
            "kind": kind,
            "breed": rng.choice(table["breeds"][kind]),
            **_birth(today.year, rng),
        }
        for kind in shopper.person.pets
    ]


def _birth(year: int, rng: Random) -> dict[str, int]:
    age, month = rng.randint(1, 13), rng.randint(1, 12)
    told = rng.choices(list(KNOWS), list(KNOWS.values()))[0]
    return {
        "age": {"age": age},
        "month": {"age": age, "birth_month": month},
        "birthday": {"birth_year": year - age, "birth_month": month, "birth_day": rng.randint(1, 28)},
        "nothing": {},
    }[told]


def _tags(known: Mapping[str, Any] | None, rng: Random) -> list[str]:
    if known is not None:
        return list(known.get("tags", ()))
    return [label for label, percent in _table()["tags"].items() if rng.random() * 100 < percent]


def _answer(channel: Channel, known: Mapping[str, Any] | None, rng: Random) -> str:
    if known is not None:
        return str(known.get("says", {}).get(channel.value, ""))
    weights = ANSWERS[channel]
    return rng.choices(list(weights), list(weights.values()))[0]


def _ask(
    customer: Customer,
    channel: Channel,
    answer: str,
    *,
    by: User,
    at: Location,
    now: datetime,
    until: datetime,
    rng: Random,
) -> None:
    """Asked at the till, and what came back. Nothing is sent: it was long ago."""
    if not answer:
        return
    address, words = address_of(customer, channel), _words(channel, store_of(at.retailer))
    asked_at = now + ASKED_AFTER
    said: dict[str, Any] = {"customer": customer, "location": at}
    asking.hear(channel, address, Act.ASKED, source=Source.TILL, by=by, words=words, now=asked_at, **said)
    answered_at = asked_at + timedelta(minutes=rng.randint(*MINUTES_TO_ANSWER))
    if answer == "asked" or answered_at > until:
        return
    source = Source.LINK if channel is Channel.EMAIL else Source.REPLY
    asking.hear(channel, address, Act.YES, source=source, words=words, now=answered_at, customer=customer)
    if answer == "stop":
        later = answered_at + timedelta(days=rng.randint(3, 20))
        asking.hear(channel, address, Act.STOP, source=source, now=min(later, until), customer=customer)


def _words(channel: Channel, store: Store) -> str:
    if channel is Channel.EMAIL:
        return wordings.mailing_list(store)
    return wordings.opt_in_text(store, terms_url="https://example.com/terms")
