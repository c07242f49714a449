"""Two administrators remove or demote each other at the same moment: one of them stays."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections, transaction

from astro.accounts.models import Membership, User
from astro.accounts.people.actions import Settled, change_person, remove_person
from astro.accounts.people.queries import Person, person_of
from astro.kit.errors import DomainError
from astro.tenancy.current import within
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, make_membership, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.at_once]


def both_at_once(tasks: list[Callable[[], Any]], *, retailer_id: int) -> list[DomainError]:
    gate = Barrier(len(tasks))

    def one(task: Callable[[], Any]) -> DomainError | None:
        gate.wait(timeout=20)
        try:
            with within(retailer_id), transaction.atomic():
                task()
        except DomainError as refusal:
            return refusal
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor(len(tasks)) as pool:
        running = [pool.submit(one, task) for task in tasks]
        return [refusal for refusal in (each.result() for each in running) if refusal is not None]


@pytest.mark.parametrize("is_removed", [True, False], ids=["removed", "demoted"])
def test_two_masters_at_each_other_leave_one(
    huxley: Retailer, owner: User, midtown: Location, riverside: Location, is_removed: bool
) -> None:
    second = make_user(name="Mo Master", email="mo@huxleyhouse.example")
    mo = make_membership(second, role="master", retailer=huxley)
    olive = owner.memberships.select_related("user").get()

    def against(other: User, *, own: Membership) -> Callable[[], None]:
        person = person_of(other, own=own)
        assert person is not None
        return lambda: act(person, own=own)

    def act(person: Person, *, own: Membership) -> None:
        if is_removed:
            remove_person(person, own=own, knows_billing=True, now=NOW)
        else:
            settled = Settled("cashier", frozenset({midtown.pk}))
            change_person(person, settled, name=person.user.name, own=own, now=NOW)

    refused = both_at_once([against(second, own=olive), against(owner, own=mo)], retailer_id=huxley.pk)
    assert len(refused) == 1
    masters = Membership.objects.filter(retailer=huxley.pk, role="master", ended_at__isnull=True)
    assert masters.count() == 1
