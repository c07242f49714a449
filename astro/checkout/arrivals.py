"""Reading a visit that a till kept, and judging its clock. Pure: no database, and `now` is handed in.

`{key, occurred_at, retailer, location, by, acting?, rung_up_by?, customer: {id}|{code}|{phone}|{note}, lines, unknown?,
reason?, reason_text?, answers?}`, sent word for word as it was kept. The cashier has gone home: nobody can be asked
again. So only the key must be there. Whatever else cannot be read is left out, the rest is taken, and `is_whole` says
that a person must look.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias
from uuid import UUID, uuid5

from astro.checkout.basket import (
    LONGEST_TYPED,
    MOST_ANSWERS,
    MOST_LINES,
    MOST_UNITS,
    REASONS,
    Answer,
    Line,
    read_declined,
    read_id,
    read_json,
    read_uuid,
)
from astro.checkout.errors import BadVisit, unreadable_visit
from astro.kit.money import MOST_CENTS

MOST_BYTES = 256 * 1024
"""Of a body: ten times what the largest visit of a till takes."""

MOST_RAW = MOST_BYTES
"""Characters that are kept of a body that could not be read wholly: all of it, the till forgets it."""

LONGEST_WORDS, LONGEST_NAME, LONGEST_CODE = 200, 120, 64

SKEW_OF_NO_MATTER = timedelta(minutes=2)
"""What the network, and two honest clocks, differ by anyway."""

WORTH_A_LOOK = timedelta(hours=1)
"""A clock that was further off than this is shown to a person, although it could be put right."""

OLDEST = timedelta(days=60)
AHEAD = timedelta(minutes=10)

Way: TypeAlias = Literal["id", "code", "phone", "note"]


@dataclass(frozen=True, slots=True)
class Who:
    """How the till named the customer: an id, a scanned code, a phone number as typed, or a note for a person."""

    way: Way
    words: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """So many units of a code that the till's catalogue did not have."""

    code: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Goods:
    """What was bought, and what was asked about it."""

    lines: tuple[Line, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    reason: str = ""
    reason_text: str = ""
    answers: tuple[Answer, ...] = ()
    declined: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lines or self.unknown)


@dataclass(frozen=True, slots=True)
class SentVisit:
    """A kept visit as it came. `told_at` is by the till's clock, None where it says nothing that can be read."""

    key: UUID
    retailer_id: int | None
    location_id: int | None
    by_id: int | None
    rung_up_by: str
    who: Who
    told_at: datetime | None
    goods: Goods
    is_whole: bool
    raw: str
    """The whole body as text, at most MOST_RAW, without what no column holds."""

    acting_id: int | None = None
    """The masquerade, where somebody rang it up while acting as `by_id`."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a visit happened, as it is counted. `is_sure`: nobody needs to look at it."""

    occurred_at: datetime
    clock_off: timedelta
    is_sure: bool


def read_sent(body: bytes) -> tuple[SentVisit, dict[str, Any]]:
    """The visit, and the object that it was read from. Raises BadVisit where not even its key can be read: 422, or 400
    where it is no JSON at all, which may be the network's doing, so that the till sends it again."""
    try:
        data = read_json(body)
    except BadVisit as problem:
        problem.status = 400
        raise
    key = read_uuid(data.get("key"))
    goods, is_whole = read_goods(data, key=key)
    told_at = read_moment(data.get("occurred_at"))
    visit = SentVisit(
        key=key,
        retailer_id=read_id(data.get("retailer")),
        location_id=read_id(data.get("location")),
        by_id=read_id(data.get("by")),
        rung_up_by=_words(data.get("rung_up_by"), LONGEST_NAME),
        who=read_who(data.get("customer")),
        told_at=told_at,
        goods=goods,
        is_whole=is_whole and bool(goods),
        raw=_printable(body.decode(errors="replace"))[:MOST_RAW],
        acting_id=read_id(data.get("acting")),
    )
    return visit, data


def words_of(data: Mapping[str, Any]) -> str:
    """The same for the same object only, however it was spaced or ordered on the way. Raises BadVisit."""
    try:
        return json.dumps(data, sort_keys=True, separators=(",", ":"))
    except RecursionError as problem:
        raise unreadable_visit() from problem


def read_who(told: Any) -> Who:
    """The customer as the till named them; a note without words where it cannot be told."""
    if isinstance(told, dict):
        customer_id = read_id(told.get("id"))
        if customer_id is not None:
            return Who("id", str(customer_id))
        for way in _BY_WORDS:
            words = _words(told.get(way), LONGEST_WORDS)
            if words:
                return Who(way, words)
    return Who("note", "")


_BY_WORDS: tuple[Way, ...] = ("code", "phone", "note")


def read_goods(data: Mapping[str, Any], *, key: UUID) -> tuple[Goods, bool]:
    """What was bought, and whether that is all that was sent.

    A line whose key cannot be read gets one that is always the same for this visit; a line that names no product or no
    quantity, that carries the key of another one, or that is beyond what a visit holds, is left out.
    """
    lines, all_lines = _read_lines(data.get("lines"), key=key)
    unknown, all_unknown = _read_unknown(data.get("unknown"), most=MOST_UNITS - sum(line.quantity for line in lines))
    reason = data.get("reason")
    if not isinstance(reason, str) or reason not in REASONS:
        reason = ""
    text = _words(data.get("reason_text"), LONGEST_WORDS) if reason else ""
    answers, all_answers = _read_answers(data.get("answers"))
    goods = Goods(lines, unknown, reason, text, answers, read_declined(data))
    return goods, all_lines and all_unknown and all_answers


def judge(told_at: datetime | None, *, till_clock: datetime | None, now: datetime) -> Moment:
    """When it happened: the till's word, put right by how far off its clock was when it sent.

    A moment that cannot be (more than OLDEST back, or ahead) becomes now, and a person looks at it.
    """
    off = how_far_off(till_clock, now=now)
    if told_at is None:
        return Moment(now, off, is_sure=False)
    try:
        counted = told_at - off
    except OverflowError:  # before the year 1, or after 9999
        return Moment(now, off, is_sure=False)
    if not now - OLDEST <= counted <= now + AHEAD:
        return Moment(now, off, is_sure=False)
    return Moment(min(counted, now), off, is_sure=abs(off) <= WORTH_A_LOOK)


def how_far_off(till_clock: datetime | None, *, now: datetime) -> timedelta:
    """How far ahead a till's clock is; nothing where it does not say, or where it does not matter."""
    off = till_clock - now if till_clock else timedelta()
    return off if abs(off) > SKEW_OF_NO_MATTER else timedelta()


def read_moment(text: Any) -> datetime | None:
    """A moment of RFC 3339 in UTC, or None."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def about(visit: SentVisit, moment: Moment) -> dict[str, Any]:
    """What is kept beside the goods for a person to go by: whom the till named, what its clock said."""
    told: dict[str, Any] = {
        "customer": {visit.who.way: visit.who.words},
        "occurred_at": visit.told_at.isoformat() if visit.told_at else None,
    }
    if moment.clock_off:
        told["clock_off_seconds"] = int(moment.clock_off.total_seconds())
    if visit.rung_up_by:
        told["rung_up_by"] = visit.rung_up_by
    return told


def _read_lines(rows: Any, *, key: UUID) -> tuple[tuple[Line, ...], bool]:
    if not isinstance(rows, list):
        return (), rows is None
    lines: dict[UUID, Line] = {}
    units = 0
    for number, row in enumerate(rows):
        line = _line(row, otherwise=uuid5(key, f"line {number}"))
        if line is None or line.key in lines or len(lines) == MOST_LINES or units + line.quantity > MOST_UNITS:
            continue
        lines[line.key] = line
        units += line.quantity
    return tuple(lines.values()), len(lines) == len(rows)


def _line(row: Any, *, otherwise: UUID) -> Line | None:
    if not isinstance(row, dict):
        return None
    product_id, quantity = read_id(row.get("product_id")), _quantity(row.get("quantity"))
    if product_id is None or quantity is None:
        return None
    paid = row.get("paid_cents")
    paid = paid if type(paid) is int and 0 <= paid <= MOST_CENTS and quantity == 1 else None
    try:
        return Line(read_uuid(row.get("key")), product_id, quantity, paid)
    except BadVisit:
        return Line(otherwise, product_id, quantity, paid)


def _read_unknown(rows: Any, *, most: int) -> tuple[tuple[Unknown, ...], bool]:
    if not isinstance(rows, list):
        return (), rows is None
    found: list[Unknown] = []
    for row in rows[:MOST_LINES]:
        code = _words(row.get("code"), LONGEST_CODE) if isinstance(row, dict) else ""
        quantity = _quantity(row.get("quantity")) if code else None
        if quantity is not None and quantity <= most:
            found.append(Unknown(code, quantity))
            most -= quantity
    return tuple(found), len(found) == len(rows)


def _read_answers(rows: Any) -> tuple[tuple[Answer, ...], bool]:
    """The answers that say to which field they belong, the first to each; and whether that is all, and all of it."""
    if not isinstance(rows, list):
        return (), rows is None
    found: dict[int, Answer] = {}
    is_all = len(rows) <= MOST_ANSWERS
    for row in rows[:MOST_ANSWERS]:
        field_id = read_id(row.get("field")) if isinstance(row, dict) else None
        value = row.get("value") if isinstance(row, dict) else None
        if field_id is None or field_id in found or not isinstance(value, str):
            is_all = False
            continue
        is_all = is_all and len(value) <= LONGEST_TYPED
        found[field_id] = Answer(field_id, _words(value, LONGEST_TYPED))
    return tuple(answer for answer in found.values() if answer.value), is_all


def _quantity(told: Any) -> int | None:
    return told if type(told) is int and 1 <= told <= MOST_UNITS else None


def _words(told: Any, most: int) -> str:
    """In one line, as long as its column holds."""
    return " ".join(_printable(told).split())[:most].strip() if isinstance(told, str) else ""


def _printable(text: str) -> str:
    """Without what no column holds and no eye sees; line ends and tabs stay as spaces."""
    spaced = "".join(" " if one in "\t\r\n" else one for one in text)
    return "".join(one for one in spaced if unicodedata.category(one) not in ("Cc", "Cs"))
