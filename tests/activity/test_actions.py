"""Recording: what is kept, what is refused, and that nothing changes afterwards."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from astro.accounts.models import User
from astro.activity.actions import record
from astro.activity.models import Event
from astro.kit.append_only import RowIsFinal
from astro.kit.asking import asked
from astro.tenancy.current import NoRetailer, OtherRetailer
from astro.tenancy.models import Location, Retailer
from tests.cast import NOW, inside


@pytest.fixture
def event(huxley: Retailer, midtown: Location, cashier: User) -> Event:
    with inside(huxley):
        return record("till enrolled", midtown, by=cashier, at=midtown, now=NOW, fields=["email"])


def test_record_keeps_who_what_where_and_when(huxley: Retailer, midtown: Location, cashier: User, owner: User) -> None:
    with inside(huxley), asked(really_by=owner.pk, address="203.0.113.7"):
        kept = record("visit recorded", midtown, by=cashier, at=midtown, device_id=7, now=NOW, lines=2, late=True)
        told = "name about_kind about_id by_user_id really_by_id location_id device_id address at facts"
        found = Event.objects.values(*told.split()).get(pk=kept.pk)
    assert found == {
        "name": "visit recorded",
        "about_kind": "tenancy.location",
        "about_id": midtown.pk,
        "by_user_id": cashier.pk,
        "really_by_id": owner.pk,
        "location_id": midtown.pk,
        "device_id": 7,
        "address": "203.0.113.7",
        "at": NOW,
        "facts": {"lines": 2, "late": True},
    }


def test_system_records_as_nobody(huxley: Retailer, midtown: Location) -> None:
    with inside(huxley):
        assert record("punch expired", midtown, by=None, at=None, now=NOW).by_user_id is None


@pytest.mark.parametrize(
    ("fact", "kept"),
    [
        (3, 3),
        (None, None),
        (False, False),
        ("email", "email"),
        ("customer.first_name", "customer.first_name"),
        (date(2026, 11, 20), "2026-11-20"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (["email", "phone"], ["email", "phone"]),
        ({"phone", "email"}, ["email", "phone"]),
    ],
)
def test_facts_are_ids_days_and_names_of_fields(huxley: Retailer, midtown: Location, fact: Any, kept: Any) -> None:
    with inside(huxley):
        made = record("customer changed", midtown, by=None, at=None, now=NOW, fact=fact)
        made.refresh_from_db()
        assert made.facts == {"fact": kept}


@pytest.mark.parametrize(
    "words", ["betty@example.com", "+14065550142", "Betty Smith", "Betty", "4065550142", "", ["Betty"], {"a": 1}, 1.5]
)
def test_what_a_customer_may_have_said_is_refused(huxley: Retailer, midtown: Location, words: Any) -> None:
    with inside(huxley):
        with pytest.raises(ValueError, match="customer's own words"):
            record("customer changed", midtown, by=None, at=None, now=NOW, fact=words)
        assert not Event.objects.exists()


def test_events_are_never_changed_or_deleted(huxley: Retailer, event: Event) -> None:
    with inside(huxley):
        for change in (
            event.save,
            event.delete,
            lambda: Event.objects.update(name="x"),
            lambda: Event.objects.all().delete(),
            lambda: Event.objects.bulk_update([event], ["name"]),
            lambda: Event.objects.update_or_create(pk=event.pk, defaults={"name": "x"}),
        ):
            with pytest.raises(RowIsFinal), transaction.atomic():
                change()
        assert Event.objects.get(pk=event.pk).name == "till enrolled"


def test_event_belongs_to_the_current_retailer(
    huxley: Retailer, otherpaws: Retailer, midtown: Location, event: Event
) -> None:
    with pytest.raises(NoRetailer):
        Event.objects.count()
    with inside(otherpaws):
        assert not Event.objects.exists()
        with pytest.raises(OtherRetailer):
            record("till enrolled", midtown, by=None, at=midtown, now=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            Event(name="x", about_kind="x", about_id=1, location_id=midtown.pk, at=NOW).save()
