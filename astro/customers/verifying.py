"""Whether what is stored of customers for speed follows from what they are and what was said.

Stored for look-up and lists: the folded columns, the text that is searched, the name that is sorted by, what kind of
account it is by its spans, and how things stand over each channel by the consent ledger. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from astro.customers.consent.queries import states_of
from astro.customers.details import Details
from astro.customers.look_up import search_text, sort_name
from astro.customers.models import SORT_NAME_LENGTH, Channel, Customer, Kind, KindSpan, Merge, Reach
from astro.customers.parts import pseudonym
from astro.kit.findings import Checked, Finding, Row

TABLE = Customer._meta.db_table
NAMES = ("first_name", "last_name")
CONTACT = ("phone", "email", "internal_id")
STATES = {Channel.EMAIL: ("email", "email_state"), Channel.TEXT: ("phone", "text_state")}
COLUMNS = (
    *("id", *NAMES, *CONTACT, "email_folded", "internal_id_folded", "search", "sort_name", "note"),
    *("text_state", "email_state", "is_practice", "kind", "retired_at", "erase_on", "erased_at"),
)


def findings(first: int, last: int, *, checked: Checked) -> Iterator[Finding]:
    """What is wrong with the customers from id `first` to `last`. Six queries."""
    rows = list(Customer.objects.filter(pk__range=(first, last)).order_by().values_list(*COLUMNS, named=True))
    reach = {
        channel: states_of(channel, {getattr(row, address) for row in rows if row.retired_at is None})
        for channel, (address, _column) in STATES.items()
    }
    merges = Merge.objects.filter(gone__gte=first, gone__lte=last, split_at__isnull=True).order_by()
    gone = dict(merges.values_list("gone_id", "id"))
    running = KindSpan.objects.filter(customer__gte=first, customer__lte=last, until_on__isnull=True).order_by()
    kinds = dict(running.values_list("customer_id", "kind"))
    for row in rows:
        named = Row(TABLE, row.id, row.id)
        yield from named.differences(row, {**_folded(row), "kind": kinds.get(row.id, Kind.PET_OWNER)})
        if row.retired_at is None:
            yield from named.differences(row, _states(row, reach))
            for why, value in (("erase_on", row.erase_on), ("erased_at", row.erased_at), ("merged", gone.get(row.id))):
                if value is not None:
                    yield named.finding("retired_at", "empty", f"a moment: {why} is {value}")
        elif row.is_practice:
            yield named.finding("retired_at", row.retired_at, "empty: the practice customer stays")
        if row.erased_at is not None:
            yield from named.differences(row, _nothing(row))
    if gone:
        checked["merges"] += len(gone)


def _folded(row: Any) -> dict[str, str]:
    contact = {name: getattr(row, name) for name in CONTACT}
    names = {name: getattr(row, name) for name in NAMES}
    details = Details(**names, **contact)
    return {
        "email_folded": details.email_folded,
        "internal_id_folded": details.internal_id_folded,
        "search": search_text(**names, **contact),
        "sort_name": sort_name(**names, length=SORT_NAME_LENGTH),
    }


def _states(row: Any, reach: dict[Channel, dict[str, Any]]) -> dict[str, Reach]:
    """`states_of` goes by the address as it is kept; no address is nothing to reach."""
    return {
        column: Reach(reach[channel].get(getattr(row, address), Reach.NONE))
        for channel, (address, column) in STATES.items()
    }


def _nothing(row: Any) -> dict[str, Any]:
    """Of somebody who was erased nothing is known but the number."""
    known = dict(zip(NAMES, pseudonym(Customer(pk=row.id)), strict=True))
    return {**known, **dict.fromkeys((*CONTACT, "note"), ""), "text_state": Reach.NONE, "email_state": Reach.NONE}
