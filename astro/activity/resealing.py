"""Beginning a store's seals anew, where the key that they were made with is not here any more.

With another lasting key every seal looks changed, and nobody could tell that from a log that somebody touched. So a
restore with other keys does away with the seals and makes new ones over the same events. The log says so: when, and how
far the seals reached that are gone. Whether the log was whole until then, only the backup and its own key can tell.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from astro.activity.actions import record
from astro.activity.models import Seal, SealHead
from astro.activity.seals import listed, next_seal, write_seal
from astro.tenancy.current import retailer
from astro.tenancy.models import Retailer


def seal_anew(one: Retailer, *, now: datetime) -> bool:
    """Whether this store had seals: then they are gone, the log says so, and everything up to a minute ago has new
    ones. Where there were none nothing is written. Nobody else may be at work: for a while the log has no seals."""
    with retailer(one), transaction.atomic():
        had_seals = _forget_seals(one, now=now)
    while had_seals and (found := next_seal(one.pk, now=now)) is not None:
        with retailer(one):
            write_seal(found)
    return had_seals


def _forget_seals(one: Retailer, *, now: datetime) -> bool:
    count, last = Seal.objects.count(), Seal.objects.order_by("-number").first()
    if not count and not SealHead.objects.exists():
        return False
    with connection.cursor() as cursor:  # a seal is a fact: the ORM would refuse
        for table in (Seal._meta.db_table, SealHead._meta.db_table):
            cursor.execute(f"delete from {table} where retailer_id = %s", [one.pk])
    record(
        "log sealed anew", one, by=None, at=None, now=now, seals=count,
        until=last.until_at if last else None, last_event_id=max(listed(last), default=None) if last else None,
    )  # fmt: skip
    return True
