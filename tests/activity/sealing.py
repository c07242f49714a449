"""A store with events, sealed minute by minute, and ways to touch them behind Astro's back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from astro.activity.models import Event, Seal
from astro.activity.seals import next_seal, write_seal
from astro.desk.recount import Recount, recount
from astro.kit.ids import first_id_of
from astro.tenancy.models import Location, Retailer
from tests.cast import inside

START = datetime.fromisoformat("2026-11-22T10:30:00+00:00")


def happened(place: Location, minute: float, *, name: str = "visit recorded", **told: Any) -> Event:
    """An event that was made so many minutes after the start."""
    at = START + timedelta(minutes=minute)
    with inside(place.retailer):
        row = Event(
            pk=first_id_of(at) + told.pop("tail", 7),
            name=name,
            about_kind="tenancy.location",
            about_id=place.pk,
            by_user_id=5,
            location=place,
            address="203.0.113.7",
            at=at,
            facts={"lines": 2, "fields": ["phone"]},
            **told,
        )
        row.save(force_insert=True)
    return row


def seal(store: Retailer, minute: float) -> Seal | None:
    """As the job does it at that minute; None where there was nothing to seal."""
    found = next_seal(store.pk, now=START + timedelta(minutes=minute))
    if found is None:
        return None
    with inside(store):
        assert write_seal(found)
    return found.seal


def verified() -> list[str]:
    """What `astro verify` says, with the name of the store."""
    done = Recount()
    list(recount(Retailer.objects.order_by("pk"), now=START, into=done))
    return [f"{store.name}: {row}" for store, row in done.findings]


def touch(store: Retailer, sql: str, *values: Any) -> None:
    """Changes rows as somebody would who has the database and nothing else."""
    with inside(store), connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount > 0
