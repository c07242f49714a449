"""Reading what a till sends. Whatever arrives here came over the network: nothing of it is believed.

A visit is `{key, occurred_at, lines: [{key, product_id, quantity}]}`: the keys are UUIDs made by the till,
`occurred_at` is RFC 3339 with an offset, ids are strings, because a number of JavaScript ends at 53 bits.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from astro.checkout.errors import BadVisit
from astro.kit.ids import MAX_ID

MOST_LINES = 200
MOST_UNITS = 999
"""Of one line, and of a whole visit: each unit becomes a punch, and a till must not wait for ten thousands of them."""


@dataclass(frozen=True, slots=True)
class Line:
    """So many units of one product. `key` is the till's name for the line."""

    key: UUID
    product_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Basket:
    """A visit as the till sent it; `fingerprint` is the same for the same body only."""

    key: UUID
    occurred_at: datetime
    lines: tuple[Line, ...]
    fingerprint: str


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
    """A whole visit for this customer. Raises BadVisit for a bad key, moment or line."""
    lines = read_lines(data)
    if not lines:
        raise BadVisit(_("There is nothing to check out yet. Scan an item first."), field="lines")
    key = _uuid(data.get("key"))
    occurred_at = _moment(data.get("occurred_at"))
    told = [
        str(customer_id),
        str(key),
        occurred_at.isoformat(),
        [[str(x.key), x.product_id, x.quantity] for x in lines],
    ]
    fingerprint = hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()
    return Basket(key, occurred_at, lines, fingerprint)


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
    product = str(row.get("product_id", ""))
    if not product.isascii() or not product.isdigit() or len(product) > 19 or int(product) > MAX_ID:
        raise BadVisit(_("A line names no product. Remove it and scan it again."), field="product_id")
    return Line(_uuid(row.get("key")), int(product), quantity)


def _uuid(text: Any) -> UUID:
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
