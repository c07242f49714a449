"""Adding everything up again: each module looks at its own rows, some hundred customers of a retailer at a time, and
then the seals of its events are looked at.

A till may be at work meanwhile, so rows are read without a lock, and a customer with a finding is looked at again while
nobody else can touch their cards. What still stands then is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import ceil

from django.db import transaction

from astro.activity import verifying as activity
from astro.activity.models import Seal
from astro.cards import totals
from astro.cards import verifying as cards
from astro.checkout import verifying as checkout
from astro.credits import verifying as credits
from astro.customers import verifying as customers
from astro.customers.models import Customer
from astro.kit.findings import Checked, Finding
from astro.tenancy.current import retailer
from astro.tenancy.middleware import reading
from astro.tenancy.models import Retailer

BATCH = 500


@dataclass(slots=True)
class Recount:
    """What was looked at so far, and what is wrong."""

    checked: Checked = field(default_factory=Checked)
    findings: list[tuple[Retailer, Finding]] = field(default_factory=list)
    everyones: list[Finding] = field(default_factory=list)
    """Of rows that belong to no retailer."""

    @property
    def count(self) -> int:
        return len(self.findings) + len(self.everyones)


def steps(retailers: Iterable[Retailer]) -> int:
    """How often `recount` will say that it went on."""
    total = 0
    for one in retailers:
        with retailer(one), reading():
            total += ceil(Customer.objects.count() / BATCH) + ceil(Seal.objects.count() / activity.AT_ONCE)
    return total


def recount(retailers: Iterable[Retailer], *, now: datetime, into: Recount) -> Iterator[Retailer]:
    """Goes through everything, and says after each batch whose it was."""
    for one in retailers:
        into.checked["retailers"] += 1
        after = 0
        while (last := recount_further(one, after=after, now=now, into=into)) is not None:
            after = last
            yield one


def recount_everyones(into: Recount) -> None:
    """What is over all retailers. What was found is looked at again: a till may have been at work."""
    found = list(totals.findings(checked=into.checked))
    into.everyones += set(totals.findings(checked=Checked())).intersection(found) if found else ()


def recount_further(one: Retailer, *, after: int, now: datetime, into: Recount) -> int | None:
    """The next batch of a retailer's customers, and after the last of them of its seals: the id that was reached, as a
    negative number that of a seal, or None when there was no more.

    Stands in no transaction: a customer with a finding is locked only while they are looked at again.
    """
    if after < 0:
        return _seals_further(one, after=-after, into=into)
    with retailer(one), reading():
        days = cards.days_to_try(now=now)
        ids = Customer.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
        batch = list(ids[:BATCH])
        doubtful = sorted({row.customer_id for row in _findings(batch, days, into.checked)})
    for customer_id in doubtful:
        with retailer(one), transaction.atomic():
            Customer.objects.select_for_update().get(pk=customer_id)
            found = list(_findings([customer_id], days, Checked()))
        into.findings += [(one, row) for row in found]
    return batch[-1] if batch else _seals_further(one, after=0, into=into)


def _seals_further(one: Retailer, *, after: int, into: Recount) -> int | None:
    with retailer(one), reading():
        found: list[Finding] = []
        last = activity.findings_further(after, checked=into.checked, found=found)
    into.findings += [(one, row) for row in found]
    return -last if last is not None else None


def _findings(batch: Sequence[int], days: Sequence[date], checked: Checked) -> Iterator[Finding]:
    if batch:
        first, last = batch[0], batch[-1]
        yield from customers.findings(first, last, checked=checked)
        yield from cards.findings(first, last, days=days, checked=checked)
        yield from checkout.findings(first, last, checked=checked)
        yield from credits.findings(first, last, checked=checked)
