"""Signing up and adding locations from several browsers at once: one store, one primary, a sentence for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection, connections, transaction

from astro.accounts.models import Membership, User
from astro.accounts.places.writing import LocationNameTaken, add_location, make_primary
from astro.desk.errors import KnownAddress, OpenAlready
from astro.desk.models import FirstSteps, SignUp
from astro.desk.signing_up import actions
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.models import OutboxRow
from astro.tenancy.models import Location, Retailer
from tests.cast import inside

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 5
SECRET = "seven quiet tortoises"
TOLD = {
    "store_name": "Brand New Pets",
    "name": "Nina New",
    "street": "1 First Street",
    "city": "Helena",
    "region": "MT",
    "postcode": "59601",
    "country": "US",
    "phone": "",
    "time_zone": "America/Denver",
    "has_several": False,
}


def at_once(tasks: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each got, or the refusal it got. A database in memory has one connection: there they come in turn."""
    in_turn = connection.vendor == "sqlite" and connection.is_in_memory_db()
    gate = Barrier(1 if in_turn else len(tasks))

    def one(task: Callable[[], Any]) -> Any:
        gate.wait(timeout=20)
        try:
            with transaction.atomic():
                return task()
        except DomainError as refusal:
            return refusal
        finally:
            if not in_turn:
                connections.close_all()

    if in_turn:
        return [one(task) for task in tasks]
    with ThreadPoolExecutor(len(tasks)) as pool:
        return [running.result() for running in [pool.submit(one, task) for task in tasks]]


def one_store() -> Retailer:
    store = Retailer.objects.get()
    assert (User.objects.count(), Membership.objects.filter(retailer=store).count()) == (1, 1)
    with inside(store):
        assert (Location.objects.count(), FirstSteps.objects.count()) == (1, 1)
    return store


def test_a_form_that_is_sent_many_times_at_once_opens_one_store() -> None:
    key, now = uuid4(), utc_now()
    people = at_once(
        [lambda: actions.sign_up_at_once(key, email="n@x.example", password=SECRET, told=TOLD, now=now)] * MANY
    )
    one_store()
    assert people == [User.objects.get()] * MANY


def test_one_address_in_many_forms_at_once_opens_one_store() -> None:
    now = utc_now()
    answers = at_once(
        [
            lambda: actions.sign_up_at_once(uuid4(), email="n@x.example", password=SECRET, told=TOLD, now=now)
            for _ in range(MANY)
        ]
    )
    one_store()
    assert sum(isinstance(answer, User) for answer in answers) == 1
    assert sum(isinstance(answer, KnownAddress) for answer in answers) == MANY - 1


def test_a_form_by_mail_that_is_sent_many_times_at_once_is_one_letter() -> None:
    key, now = uuid4(), utc_now()
    at_once([lambda: actions.ask_to_sign_up(key, email="n@x.example", password=SECRET, told=TOLD, now=now)] * MANY)
    assert (SignUp.objects.count(), OutboxRow.objects.filter(kind=actions.LETTER).count()) == (1, 1)


def test_a_link_that_is_used_many_times_at_once_opens_one_store() -> None:
    now = utc_now()
    SignUp(
        key=uuid4(),
        email="n@x.example",
        password_hash=make_password(SECRET),
        token_hash=actions._hash_of("a link"),
        told=TOLD,
        asked_at=now,
        until_at=now + actions.LIVES,
    ).save(force_insert=True)
    answers = at_once([lambda: actions.confirm("a link", password=SECRET, now=now)] * MANY)
    one_store()
    assert sum(isinstance(answer, User) for answer in answers) == 1
    assert sum(isinstance(answer, OpenAlready) for answer in answers) == MANY - 1


def test_locations_added_and_made_primary_at_once(huxley: Retailer, owner: User) -> None:
    """One of each name, and exactly one that speaks."""
    now = utc_now()
    told = {"name": "Uptown", "region": "MT"}

    def add() -> Location:
        with inside(huxley):
            return add_location(told, by=owner, now=now)

    def speak(place: Location) -> Callable[[], None]:
        def act() -> None:
            with inside(huxley):
                make_primary(place, by=owner, now=now)

        return act

    answers = at_once([add] * MANY)
    assert sum(isinstance(answer, Location) for answer in answers) == 1
    assert sum(isinstance(answer, LocationNameTaken) for answer in answers) == MANY - 1
    with inside(huxley):
        places = list(Location.objects.select_related("retailer"))
    assert at_once([speak(place) for place in places]) == [None] * len(places)
    with inside(huxley):
        assert Location.objects.filter(is_primary=True).count() == 1
