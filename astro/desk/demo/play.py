"""Playing the story: everything is made by the actions that tills and offices use, at the moment it is told for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from django.db import connection, transaction

from astro.accounts.actions import add_support_user, give_membership
from astro.accounts.models import Membership, Role, User
from astro.cards.actions import expire_punches
from astro.catalog.models import Distributor
from astro.checkout.finishing import seal_left_open
from astro.customer_app.actions import open_account
from astro.customers.models import Customer
from astro.desk.demo import story
from astro.desk.demo.accounts import app_users
from astro.desk.demo.counter import Scene, ask_exception, come, welcome
from astro.desk.demo.for_some import open_for_some
from astro.desk.demo.putting_right import put_things_right
from astro.desk.demo.returning import PAYER, PLACE, bring_back
from astro.desk.demo.script import Script, write_script
from astro.desk.demo.shelf import read_table
from astro.desk.demo.stage import Step, open_store, opening, stock_everyones
from astro.kit.outbox import queue
from astro.tenancy.current import platform, retailer
from astro.tenancy.models import Location, Retailer

__all__ = ["Script", "State", "play", "state", "write_script"]

PIECE = 100
"""Happenings in one transaction, where not everything is in one."""
AFTER_MIDNIGHT = time(0, 10)
LOOK_FOR_DOUBLES = "customers.look_for_doubles"


class State(StrEnum):
    """What an installation holds."""

    EMPTY = "empty"
    PART = "part"
    DEMO = "demo"
    REAL = "real"


def state() -> State:
    """Whether the demo may be played here. Any retailer that is not the demo's makes the data real."""
    stores = read_table("stores.toml")
    there = set(Retailer.objects.values_list("name", flat=True))
    if there - {store["name"] for store in stores["retailer"]}:
        return State.REAL
    people = [person for store in stores["retailer"] for person in store["person"]]
    if Membership.objects.count() == len(people):  # the last thing that is made
        return State.DEMO
    return State.PART if there or Distributor.objects.filter(name__in=stores["distributors"]).exists() else State.EMPTY


def play(script: Script, *, step: Step) -> None:
    """All of it. Where it breaks off, SQLite has nothing of it, and PostgreSQL a part that `state` knows as one.

    PostgreSQL keeps every row lock of every savepoint until the transaction ends, so in a single one the last visits
    would take three times as long as the first. There it goes in pieces.
    """
    with transaction.atomic() if connection.vendor == "sqlite" else nullcontext():
        with transaction.atomic(), platform("the demo's brands, products and programs are everyone's"):
            shared = stock_everyones(script, step)
        for row in script.stores["retailer"]:
            with retailer(Retailer.objects.create(name=row["name"])):
                with transaction.atomic():
                    store = open_store(script, row, shared, step)
                scene = Scene(
                    script.now, store, {place["name"]: script.counting_at(place) for place in row["location"]},
                    script.chance(row["name"]), script.chance(f"knowing {row['name']}"),
                )  # fmt: skip
                _play_year(script, row, scene, partial(step, row["name"]))
        _hand_over_keys(script)


def _play_year(script: Script, store: Mapping[str, Any], scene: Scene, step: Callable[[], None]) -> None:
    """Everybody joins and comes back in the order of time, and every night the clock does its work."""
    happenings = sorted(
        [*_customers(script.customers[store["name"]], scene, step), *_nights(script, store)], key=lambda row: row[:2]
    )
    for start in range(0, len(happenings), PIECE):
        with transaction.atomic():
            for _moment, _number, happen in happenings[start : start + PIECE]:
                happen()


Happening = tuple[datetime, int, Callable[[], object]]


def _customers(people: list[story.Shopper], scene: Scene, step: Callable[[], None]) -> Iterator[Happening]:
    """Each joins, and comes back. What happens at one moment happens in the order of the customers."""

    def join(shopper: story.Shopper) -> None:
        welcome(shopper, scene=scene)
        step()

    def return_(shopper: story.Shopper, visit: story.Visit) -> None:
        come(shopper, visit, scene=scene)
        step()

    for number, shopper in enumerate(people):
        yield shopper.joined_at, number, partial(join, shopper)
        for visit in shopper.visits:
            yield visit.at, number, partial(return_, shopper, visit)


def _nights(script: Script, store: Mapping[str, Any]) -> Iterator[Happening]:
    """After every midnight what was left open is closed, once a week what is too old expires, and both at the end.

    What a customer buys deals with what expired before, so a week makes no difference to what is counted.
    """
    places = [story.Place.read(row) for row in store["location"]]

    def expire(moment: datetime) -> None:
        expire_punches(today=min(moment.astimezone(place.zone).date() for place in places))

    for days in range(1, story.DAYS + 1):
        moment = datetime.combine(script.begin + timedelta(days=days), AFTER_MIDNIGHT, places[0].zone)
        if moment < script.now:
            yield moment, -1, partial(seal_left_open, now=moment)
            if days % 7 == 0:
                yield moment, -1, partial(expire, moment)
    yield script.now, -1, partial(seal_left_open, now=script.now)
    yield script.now, -1, partial(expire, script.now)


@transaction.atomic
def _hand_over_keys(script: Script) -> None:
    """Let the people in, last of all: whoever can sign in finds everything there."""
    support = [
        add_support_user(name=row["name"], email=row["email"], password=script.stores["password"], now=script.now)
        for row in script.stores["support"]
    ]
    for store in script.stores["retailer"]:
        opened = Retailer.objects.get(name=store["name"])
        with retailer(opened):
            locations = {place.name: place for place in Location.objects.all()}
            for row in store.get("exception", ()):
                ask_exception(row, at=locations[row["place"]], by=store["person"][0]["email"])
            by = User.objects.get_by_natural_key(store["person"][0]["email"])
            known = [row["email"] for row in app_users(store)]
            put_things_right(locations[store["location"][0]["name"]], by=by, besides=known, now=script.now)
            for row in app_users(store):
                customer = Customer.objects.get(email=row["email"])
                open_account(customer, password=script.stores["password"], now=script.now)
            for row in store["location"]:
                if row["name"] == PLACE and support:
                    boss = store["person"][0]
                    by = User.objects.get_by_natural_key(boss.get("email") or boss["user_name"])
                    number = row["accounts"].get(PAYER, "")
                    bring_back(script, locations[PLACE], number=number, by=by, answered_by=support[0])
                    places = [locations[one["name"]] for one in store["location"]]
                    open_for_some(script, opened, places, by=by, besides=known)
        queue.put(LOOK_FOR_DOUBLES, {}, retailer_id=opened.pk, now=script.now)
        for row in store["person"]:
            contact = row.get("support_contact")
            give_membership(
                User.objects.get_by_natural_key(row.get("email") or row["user_name"]),
                role=Role(row["role"]),
                retailer=opened,
                location=locations.get(row.get("location", "")),
                is_billing_contact=row.get("is_billing_contact", False),
                support_contact=User.objects.get_by_natural_key(contact) if contact else None,
                now=opening(script, store["location"][0]),
            )
