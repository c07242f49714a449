"""Seals: what shows afterwards that nobody changed, removed or added an event behind Astro's back.

A job seals what happened up to about a minute ago, so writing an event costs nothing. A seal lists its events, each
with a mark over what the row says; its own digest covers that list and the digest of the seal before. Marks and digests
are HMACs under a key of this installation: whoever has only the database can make neither.

What a seal covers goes by the moment at which a row was made, which its id tells. A transaction that takes longer than
the pause brings rows that come too late for theirs: the next seal lists them, and counts them as late. What comes later
than `LOOK_BACK` is sealed by no seal, and `verify` names it. How it is written down: docs/decisions/0020.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from astro.activity.models import Event, Seal, SealHead
from astro.kit.ids import EPOCH_MS, TAIL_BITS, first_id_of
from astro.tenancy.current import across_retailers, within
from astro.tenancy.middleware import reading
from astro.tenancy.models import Retailer

PAUSE = timedelta(minutes=1)
"""What happened just now may not be committed yet."""

LOOK_BACK = timedelta(hours=1)
"""How late a row may come and still be sealed. No transaction of ours takes as long."""

REACH = int(LOOK_BACK.total_seconds() * 1000) << TAIL_BITS
"""The same, in ids."""

MOST_ROWS = 2_000
"""In one seal, so that none is large; a busy minute has several."""

ID_BYTES, MARK_BYTES = 8, 16

COLUMNS = (
    *("id", "name", "about_kind", "about_id", "by_user_id", "really_by_id", "location_id", "device_id"),
    *("address", "at", "facts"),
)


@dataclass(frozen=True, slots=True)
class Next:
    """A seal that was worked out and not yet written. `more`: whether there is more to seal at once."""

    seal: Seal
    more: bool


def stores_with_news(*, until: datetime) -> list[int]:
    """The retailers where something that happened before `until` is not sealed. One query over all of them."""
    with across_retailers("whose events wait to be sealed"), reading():
        sealed = SealHead.objects.filter(retailer_id=OuterRef("pk")).values("until_id")
        fresh = Event.objects.filter(
            retailer_id=OuterRef("pk"), id__gte=OuterRef("sealed_until"), id__lt=first_id_of(until)
        )
        stores = Retailer.objects.annotate(sealed_until=Coalesce(Subquery(sealed), Value(0)))
        return list(stores.filter(Exists(fresh)).order_by("pk").values_list("pk", flat=True))


def next_seal(retailer_id: int, *, now: datetime) -> Next | None:
    """What is to be sealed of this retailer; None where nothing is. Only reads, in no transaction."""
    with within(retailer_id), reading():
        head = SealHead.objects.first()
        from_id = head.until_id if head else 0
        until = max(first_id_of(_minute(now - PAUSE)), from_id)
        late = _late(from_id) if head else []
        rows = [*late, *_rows(Q(id__gte=from_id, id__lt=until))[: MOST_ROWS + 1]]
        if not rows:
            return None
        more = len(rows) - len(late) > MOST_ROWS
        if more:
            rows.pop()
            until = rows[-1][0] + 1
        seal = Seal(
            number=head.number + 1 if head else 1,
            from_id=from_id,
            until_id=until,
            until_at=moment_of(until - 1) if more else _minute(now - PAUSE),
            made_at=now,
            count=len(rows),
            late_count=len(late),
            rows=b"".join(_id_bytes(row[0]) + mark_of(retailer_id, row) for row in rows),
        )
        seal.digest = digest_of(seal, before=head.digest if head else "")
        return Next(seal, more)


@transaction.atomic
def write_seal(found: Next) -> bool:
    """Writes it, inside its retailer. False where somebody else has sealed meanwhile: then it is worth nothing."""
    seal = found.seal
    head = SealHead.objects.select_for_update().first()
    if (head.number if head else 0) != seal.number - 1 or (head.until_id if head else 0) != seal.from_id:
        return False
    seal.save(force_insert=True)
    head = head or SealHead()
    head.number, head.until_id, head.until_at, head.digest = seal.number, seal.until_id, seal.until_at, seal.digest
    head.mark = head_mark(head)
    head.save()
    return True


def mark_of(retailer_id: int, row: Sequence[Any]) -> bytes:
    """Of an event, as `COLUMNS` has it: over a JSON array of what it says, the same from every engine."""
    *told, address, at, facts = row
    plain = [
        retailer_id,
        *told,
        ip_address(address).compressed if address else None,
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        facts,
    ]
    return hmac.digest(_key("event"), _canonical(plain), "sha256")[:MARK_BYTES]


def digest_of(seal: Seal, *, before: str) -> str:
    """Of a seal: over what its row says, its list, and the digest of the seal before it."""
    told = [
        seal.retailer_id,
        seal.number,
        seal.from_id,
        seal.until_id,
        seal.until_at.astimezone(UTC).isoformat(timespec="microseconds"),
        seal.made_at.astimezone(UTC).isoformat(timespec="microseconds"),
        seal.count,
        seal.late_count,
        before,
    ]
    return hmac.new(_key("seal"), _canonical(told) + b"\n" + bytes(seal.rows), sha256).hexdigest()


def head_mark(head: SealHead) -> str:
    told = [head.retailer_id, head.number, head.until_id, head.digest]
    return hmac.new(_key("head"), _canonical(told), sha256).hexdigest()


def listed(seal: Seal) -> dict[int, bytes]:
    """The events of a seal with their marks."""
    rows, step = bytes(seal.rows), ID_BYTES + MARK_BYTES
    return {
        int.from_bytes(rows[place : place + ID_BYTES]): rows[place + ID_BYTES : place + step]
        for place in range(0, len(rows), step)
    }


def moment_of(event_id: int) -> datetime:
    """When an event was made, as its id tells."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=(event_id >> TAIL_BITS) + EPOCH_MS)


def looked_back(event_id: int) -> int:
    """The smallest id that may still come late, when everything before `event_id` is sealed."""
    return max(event_id - REACH, 0)


def _late(from_id: int) -> list[tuple[Any, ...]]:
    """What was made before the last seal's end, and is in no seal."""
    first = looked_back(from_id)
    ids = Event.objects.filter(id__gte=first, id__lt=from_id).order_by("id").values_list("id", flat=True)
    known = ids_listed(Seal.objects.filter(until_id__gt=first))
    late = [one for one in ids if one not in known]
    return list(_rows(Q(id__in=late[:MOST_ROWS]))) if late else []


def ids_listed(seals: Iterable[Seal]) -> set[int]:
    """All events that these seals list."""
    return {event_id for seal in seals for event_id in listed(seal)}


def _rows(which: Q) -> Any:
    return Event.objects.filter(which).order_by("id").values_list(*COLUMNS)


def rows_between(first: int, last: int) -> Iterator[tuple[Any, ...]]:
    """The events with ids from `first` to before `last`, as they are marked."""
    yield from _rows(Q(id__gte=first, id__lt=last))


def rows_of(ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    yield from _rows(Q(id__in=ids))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _id_bytes(event_id: int) -> bytes:
    return event_id.to_bytes(ID_BYTES)


def _canonical(told: Any) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def _key(purpose: str) -> bytes:
    return _derived(settings.LASTING_KEY, purpose)


@cache
def _derived(lasting: str, purpose: str) -> bytes:
    return hmac.digest(lasting.encode(), f"astro.activity.{purpose}".encode(), "sha256")
