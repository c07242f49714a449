"""Changes of people come one after the other: two administrators who remove each other do not both succeed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from astro.accounts.models import Membership, Role
from astro.accounts.people.errors import AboveYou, LastAdministrator, NoLongerYours, NotOneself
from astro.accounts.people.queries import Person, may_be_changed
from astro.tenancy.models import Retailer


@contextmanager
def changing(person: Person, *, own: Membership) -> Iterator[None]:
    """Hold the store's row, and see that this administrator still may, and that somebody administers it afterwards.

    Raises `NoLongerYours`, `NotOneself`, `AboveYou`, `LastAdministrator`; then nothing is written.
    """
    with transaction.atomic():
        hold_store(own)
        if person.user.pk == own.user_id:
            raise NotOneself
        if not may_be_changed(person, by=own):
            raise AboveYou(name=person.user.name)
        before = _heads(own.retailer_id)
        yield
        after = _heads(own.retailer_id)
        if any(had and not has for had, has in zip(before, after, strict=True)):
            raise LastAdministrator(name=person.user.name)


def hold_store(own: Membership) -> None:
    """Until the transaction ends. Raises `NoLongerYours` for somebody who may do less than when they were asked."""
    Retailer.objects.select_for_update().get(pk=own.retailer_id)
    now = Membership.objects.filter(pk=own.pk, retailer=own.retailer_id, ended_at__isnull=True, role=own.role)
    if not now.exists():
        raise NoLongerYours


def _heads(retailer_id: int) -> tuple[bool, bool]:
    """Whether there is a living master, and whether there is anybody who administers."""
    living = Membership.objects.filter(retailer=retailer_id, ended_at__isnull=True, user__is_active=True)
    return (
        living.filter(role=Role.MASTER).exists(),
        living.filter(role__in=[Role.MASTER, Role.ADMINISTRATOR]).exists(),
    )
