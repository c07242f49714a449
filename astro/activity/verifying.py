"""Whether the events are still those that were sealed: none changed, removed or added, and no seal gone.

The current retailer's seals, a few at a time. Rows are read without a lock: sealed events never change, and what was
made less than `LOOK_BACK` before the last seal may still come late, so it is not missed yet.
"""

from __future__ import annotations

from datetime import datetime
from hmac import compare_digest
from itertools import pairwise

from astro.activity.models import Event, Seal, SealHead
from astro.activity.seals import (
    REACH,
    digest_of,
    head_mark,
    ids_listed,
    listed,
    looked_back,
    mark_of,
    moment_of,
    rows_between,
    rows_of,
)
from astro.kit.findings import Checked, Finding, Row

AT_ONCE = 20
EVENT, SEAL, HEAD = Event._meta.db_table, Seal._meta.db_table, SealHead._meta.db_table
TABLES = frozenset({EVENT, SEAL, HEAD})
NOBODY = 0
"""An event is no customer's row."""


def findings_further(after: int, *, checked: Checked, found: list[Finding]) -> int | None:
    """Adds what is wrong with the seals after number `after`, and with what they seal. Returns the last seal's number,
    or None where there were no more."""
    head = SealHead.objects.first()
    seals = list(Seal.objects.filter(number__gt=after).order_by("number")[:AT_ONCE])
    if not seals:
        found += _end(after, head)
        return None
    checked["seals"] += len(seals)
    found += _chain(after, seals)
    found += _events(seals, head, checked)
    return seals[-1].number


def _chain(after: int, seals: list[Seal]) -> list[Finding]:
    """Every number is there, and every digest follows from the one before."""
    found = []
    before = Seal.objects.filter(number=after).first() if after else None
    number = after
    for seal in seals:
        named = Row(SEAL, seal.pk, NOBODY)
        if seal.number != number + 1:
            gone = f"seal {number + 1}" if seal.number == number + 2 else f"seals {number + 1} to {seal.number - 1}"
            since = f"from {_minute(before.until_at)} " if before else ""
            found.append(named.finding(f"{gone} {since}to {_minute(moment_of(seal.from_id))}", "gone", "there"))
        elif (before or not number) and not _is_as_made(seal, before.digest if before else ""):
            found.append(
                named.finding(f"seal {seal.number} until {_minute(seal.until_at)}", "changed", "as it was made")
            )
        number, before = seal.number, seal
    return found


def _is_as_made(seal: Seal, before: str) -> bool:
    return compare_digest(seal.digest, digest_of(seal, before=before))


def _events(seals: list[Seal], head: SealHead | None, checked: Checked) -> list[Finding]:
    """Each event that is listed is there and says what it said; each one that is there is listed."""
    retailer_id = seals[0].retailer_id
    marks = {event_id: (mark, seal) for seal in seals for event_id, mark in listed(seal).items()}
    first, last = seals[0].from_id, seals[-1].until_id
    earlier = [event_id for event_id in marks if not first <= event_id < last]
    found, there, loose = [], set(), []
    for row in [*rows_of(earlier), *rows_between(first, last)]:
        event_id, name = row[0], row[1]
        there.add(event_id)
        if event_id not in marks:
            loose.append((event_id, name))
            continue
        mark, seal = marks[event_id]
        if not compare_digest(mark, mark_of(retailer_id, row)):
            found.append(_event(event_id, name, "changed", f"as seal {seal.number} has it"))
    checked["events"] += len(there)
    for event_id, (_mark, seal) in marks.items():
        if event_id not in there:
            found.append(_event(event_id, "", "gone", f"there, as seal {seal.number} has it"))
    if loose and head is not None:
        found += _unsealed(loose, seals, head)
    return found


def _unsealed(loose: list[tuple[int, str]], seals: list[Seal], head: SealHead) -> list[Finding]:
    """Events that no seal of these lists. One that came late stands in a later seal, or may yet be sealed; and where a
    seal is gone, that was told already."""
    last = seals[-1]
    later = Seal.objects.filter(number__gt=last.number, late_count__gt=0, from_id__lt=last.until_id + REACH)
    late = ids_listed(later)
    pending = looked_back(head.until_id)
    gaps = [(one.until_id, other.from_id) for one, other in pairwise(seals) if other.from_id > one.until_id]
    return [
        _event(event_id, name, "in no seal", "written when it happened")
        for event_id, name in loose
        if event_id not in late and event_id < pending and not any(a <= event_id < b for a, b in gaps)
    ]


def _end(after: int, head: SealHead | None) -> list[Finding]:
    """The last seal is the one that the head names."""
    if head is None:
        last = Seal.objects.filter(number=after).first() if after else None
        return [Row(SEAL, last.pk, NOBODY).finding("the note of the last seal", "gone", "there")] if last else []
    named = Row(HEAD, head.pk, NOBODY)
    if not compare_digest(head.mark, head_mark(head)):
        return [named.finding("the note of the last seal", "changed", "as it was made")]
    if head.number != after:
        return [named.finding(f"the last seal, {head.number} until {_minute(head.until_at)}", "gone", "there")]
    return []


def _event(event_id: int, name: str, stands: str, should: str) -> Finding:
    what = f"“{name}” of {_minute(moment_of(event_id))}" if name else f"the event of {_minute(moment_of(event_id))}"
    return Row(EVENT, event_id, NOBODY).finding(what, stands, should)


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
