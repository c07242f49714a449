"""Reading what a till sends. Whatever arrives here came over the network: nothing of it is believed.

A visit is `{key, occurred_at, lines: [{key, product_id, quantity, paid_cents?}], reason?, reason_text?, answers?,
declined?}`, with answers as `[{field, value}]`. The keys are UUIDs made by the till, `occurred_at` is RFC 3339 with an
offset, ids are strings, because a number of JavaScript ends at 53 bits. `paid_cents` belongs to a line of one item, for
a cash-back card; `declined` names program cards of offers.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from astro.checkout.errors import BadVisit
from astro.kit.ids import MAX_ID
from astro.kit.money import MOST_CENTS

MOST_LINES = 200
LONGEST_REASON = 200
REASONS = frozenset({"paper_card", "several_pets", "stocking_up", "breeder", "missed", "other"})
MOST_ANSWERS = 40
LONGEST_TYPED = 200
"""Letters of an answer to a field of the store's own."""

MOST_UNITS = 999
"""Of one line, and of a whole visit: each unit becomes a punch, and a till must not wait for ten thousands of them."""


@dataclass(frozen=True, slots=True)
class Line:
    """So many units of one product. `key` is the till's name for the line. `paid_cents`: where a card asks for it."""

    key: UUID
    product_id: int
    quantity: int
    paid_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a field of the store's own (`fields/`), as it was typed or chosen."""

    field_id: int
    value: str


@dataclass(frozen=True, slots=True)
class Basket:
    """A visit as the till sent it; `fingerprint` is the same for the same body only."""

    key: UUID
    occurred_at: datetime
    lines: tuple[Line, ...]
    fingerprint: str
    reason: str = ""
    reason_text: str = ""
    answers: tuple[Answer, ...] = ()
    declined: tuple[int, ...] = ()
    """Program cards of offers that the customer does not want this time."""


def read_json(body: bytes) -> dict[str, Any]:
    """The body as an object. Raises BadVisit."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise BadVisit(
            _("The till sent something that cannot be read. Reload the page; your basket is kept.")
        ) from problem
    if not isinstance(data, dict):
        raise BadVisit(_("The till sent something that cannot be read. Reload the page; your basket is kept."))
    return data


def read_basket(data: Mapping[str, Any], *, customer_id: int) -> Basket:
    """A whole visit for this customer. Without lines it is one that only hands rewards out.

    Why several units went onto one card (`reason`, of REASONS) is asked by the till. A visit that does not say is taken
    all the same: what was bought is never lost over a question. Raises BadVisit for a bad key, moment, line or reason.
    """
    lines = read_lines(data)
    key = read_uuid(data.get("key"))
    occurred_at = _moment(data.get("occurred_at"))
    reason, reason_text = data.get("reason") or "", data.get("reason_text") or ""
    if reason != "" and (not isinstance(reason, str) or reason not in REASONS):
        raise BadVisit(_("Choose one of the reasons for several items on one card."), field="reason")
    if not isinstance(reason_text, str) or len(reason_text) > LONGEST_REASON:
        raise BadVisit(_("A reason holds up to %(most)s characters.") % {"most": LONGEST_REASON}, field="reason_text")
    declined = read_declined(data)
    answers = read_answers(data)
    told = [
        str(customer_id),
        str(key),
        occurred_at.isoformat(),
        [[str(x.key), x.product_id, x.quantity, *([] if x.paid_cents is None else [x.paid_cents])] for x in lines],
        *([reason, reason_text] if reason else []),
        *([told_answers(answers)] if answers else []),
        *([{"declined": declined}] if declined else []),
    ]
    why = _one_line(reason_text) if reason else ""
    return Basket(key, occurred_at, lines, fingerprint_of(told), reason, why, answers, declined)


def read_answers(data: Mapping[str, Any]) -> tuple[Answer, ...]:
    """What was answered, each field once; answers without words are left out. Whether they fit, `fields` judges.
    Raises BadVisit."""
    rows = data.get("answers") or []
    if not isinstance(rows, list) or len(rows) > MOST_ANSWERS:
        raise BadVisit(_("A visit holds up to %(most)s answers.") % {"most": MOST_ANSWERS}, field="answers")
    answers = tuple(_answer(row) for row in rows)
    if len({answer.field_id for answer in answers}) != len(answers):
        raise BadVisit(_("One question was answered twice. Reload the page; your basket is kept."), field="answers")
    return tuple(answer for answer in answers if answer.value)


def told_answers(answers: Sequence[Answer]) -> list[dict[str, str]]:
    """Answers as the till sends them."""
    return [{"field": str(answer.field_id), "value": answer.value} for answer in answers]


def _answer(row: Any) -> Answer:
    field_id = read_id(row.get("field")) if isinstance(row, dict) else None
    value = row.get("value") if isinstance(row, dict) else None
    if field_id is None or not isinstance(value, str):
        raise BadVisit(_("An answer cannot be read. Reload the page; your basket is kept."), field="answers")
    if len(value) > LONGEST_TYPED:
        raise BadVisit(
            _("An answer holds up to %(most)s characters. Shorten it, then check out.") % {"most": LONGEST_TYPED},
            field=answer_name(field_id),
        )
    return Answer(field_id, _one_line(value))


def answer_name(field_id: int) -> str:
    """How a refusal, and a form, name the answer to a field."""
    return f"answer-{field_id}"


def read_declined(data: Mapping[str, Any]) -> tuple[int, ...]:
    """The program cards that were declined, each once. What is none is left out: nothing is lost by taking part."""
    rows = data.get("declined")
    ids = (read_id(row) for row in rows[:MOST_LINES]) if isinstance(rows, list) else ()
    return tuple(sorted({pk for pk in ids if pk is not None}))


def _one_line(text: str) -> str:
    """Without what no column holds or no eye sees. Nobody is asked again: what was bought is not lost over it."""
    return "".join(one for one in " ".join(text.split()) if unicodedata.category(one) not in ("Cc", "Cs"))


def fingerprint_of(told: Any) -> str:
    """The same for the same words only: 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()


def read_lines(data: Mapping[str, Any]) -> tuple[Line, ...]:
    """The lines of a basket, checked out or not. Raises BadVisit."""
    rows = data.get("lines")
    if not isinstance(rows, list) or len(rows) > MOST_LINES:
        raise BadVisit(_("A visit holds up to %(most)s lines.") % {"most": MOST_LINES}, field="lines")
    lines = tuple(_line(row) for row in rows)
    if len({line.key for line in lines}) != len(lines):
        raise BadVisit(_("Two lines carry the same key. Reload the page; your basket is kept."), field="lines")
    if sum(line.quantity for line in lines) > MOST_UNITS:
        raise BadVisit(
            _("A visit holds up to %(most)s items. Check out part of them, then the rest.") % {"most": MOST_UNITS},
            field="lines",
        )
    return lines


def _line(row: Any) -> Line:
    if not isinstance(row, dict):
        raise BadVisit(_("A line of this visit cannot be read. Remove it and scan it again."), field="lines")
    quantity = row.get("quantity")
    if type(quantity) is not int or not 1 <= quantity <= MOST_UNITS:
        raise BadVisit(_("A quantity is a whole number from 1 to %(most)s.") % {"most": MOST_UNITS}, field="quantity")
    product_id = read_id(row.get("product_id"))
    if product_id is None:
        raise BadVisit(_("A line names no product. Remove it and scan it again."), field="product_id")
    paid = row.get("paid_cents")
    if paid is not None and (type(paid) is not int or not 0 <= paid <= MOST_CENTS or quantity != 1):
        raise BadVisit(_("Type what was paid for one item, as in 24.99."), field="paid_cents")
    return Line(read_uuid(row.get("key")), product_id, quantity, paid)


def read_id(text: Any) -> int | None:
    """An id as the till writes it, a string of digits (a number is understood too); None where it is none."""
    told = str(text)
    is_id = isinstance(text, str | int) and told.isascii() and told.isdigit() and len(told) <= 19
    return int(told) if is_id and int(told) <= MAX_ID else None


def read_uuid(text: Any) -> UUID:
    try:
        return UUID(text)
    except (TypeError, ValueError, AttributeError) as problem:
        raise BadVisit(
            _("This visit has no proper key. Reload the page; your basket is kept."), field="key"
        ) from problem


def _moment(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError) as problem:
        raise BadVisit(
            _("This visit does not say when it happened. Reload the page."), field="occurred_at"
        ) from problem
