"""Whether what the payers owe is what was handed out: one living line for each redemption that somebody pays back, and
for each return that is approved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from django.db.models import F

from astro.cards.models import Redemption
from astro.credits.actions import COUNTER, RETURN, REWARD
from astro.credits.models import Assignment, ConsumerReturn, CreditLine, LineState, ReturnState, ReturnStep
from astro.credits.returns.states import OWED, may_follow
from astro.kit.findings import Checked, Finding, Row
from astro.programs.models import Fulfilment

LINE, REDEMPTION = CreditLine._meta.db_table, Redemption._meta.db_table
RETURNED = ConsumerReturn._meta.db_table

COPIES = (
    "location_id",
    "program_id",
    "fulfilment",
    "brand_id",
    "product_id",
    "gtin",
    "size",
    "msrp_cents",
    "currency",
    "day",
)
"""What a line copies under the same name."""

PROOF = frozenset({"day", "location", "product_id", "gtin", "name", "size", "msrp_cents"})
"""All that a payer is told of a punch: nothing about the customer."""

RETURN_COPIES = (
    "location_id",
    "brand_id",
    "product_id",
    "gtin",
    "product_name",
    "size",
    "msrp_cents",
    "currency",
    "day",
)
"""What the line of a return copies under the same name."""


def findings(first: int, last: int, *, checked: Checked) -> Iterator[Finding]:
    """What is wrong with the credit lines of the customers from id `first` to `last`. Seven queries."""
    rows = Redemption.objects.filter(customer__gte=first, customer__lte=last).order_by()
    rows = rows.annotate(
        program_id=F("program_card__program_id"),
        fulfilment=F("program_card__program__fulfilment"),
        brand_id=F("program_card__program__brand_id"),
        need=F("card__need"),
    )
    columns = ("id", "customer_id", "reward_id", "is_live", "is_practice", "name", "need", "gift_cents", *COPIES)
    redemptions = {row.id: row for row in rows.values_list(*columns, named=True)}
    every = list(CreditLine.objects.filter(customer__gte=first, customer__lte=last).order_by())
    lines = [line for line in every if line.cause_kind != RETURN]
    elsewhere = redemptions.keys() - {line.redemption_id for line in lines}
    # After a merge the redemption is the kept customer's, and the line still names the one who stood at the till.
    moved = [
        line for line in CreditLine.objects.filter(redemption_id__in=elsewhere) if not first <= line.customer_id <= last
    ]
    checked["credit lines"] += len(every)
    steps: dict[int, list[Assignment]] = defaultdict(list)
    for step in Assignment.objects.filter(line__customer__gte=first, line__customer__lte=last).order_by(
        "assigned_at", "id"
    ):
        steps[step.line_id].append(step)
    for line in every:
        yield from _payer(line, steps[line.pk])
    yield from _returns(first, last, [line for line in every if line.cause_kind == RETURN])

    counters = {line.redemption_id: line for line in [*lines, *moved] if line.cause_kind == COUNTER}
    lines, moved = ([line for line in some if line.cause_kind != COUNTER] for some in (lines, moved))
    living = {line.redemption_id for line in [*lines, *moved] if line.state != LineState.WITHDRAWN}
    for line in [*lines, *moved]:
        yield from _countered(line, counters.pop(line.redemption_id, None))
    for line in counters.values():
        yield Row(LINE, line.pk, line.customer_id).finding("redemption_id", line.redemption_id, "that of a line")
    for row in redemptions.values():
        if row.is_live and not row.is_practice and row.fulfilment != Fulfilment.NONE and row.id not in living:
            yield Row(REDEMPTION, row.id, row.customer_id).finding("credit line", "missing", "there")
    named = {line.redemption_id for line in lines} - redemptions.keys()
    others = set(Redemption.objects.filter(pk__in=named).values_list("id", flat=True)) if named else set()
    for line in [*lines, *moved]:
        if line.redemption_id in redemptions:
            yield from _line(line, redemptions[line.redemption_id])
        elif line.redemption_id not in others:
            yield Row(LINE, line.pk, line.customer_id).finding("redemption_id", line.redemption_id, "a redemption")


def _countered(line: CreditLine, counter: CreditLine | None) -> Iterator[Finding]:
    """A counter-line takes off what its line claimed, and says whose it is as that does."""
    named = Row(LINE, line.pk, line.customer_id)
    if line.is_countered != (counter is not None):
        yield named.finding("is_countered", line.is_countered, counter is not None)
    if counter:
        cents = None if line.cents is None else -line.cents
        should = {
            "units": -line.units,
            "cents": cents,
            "distributor_id": line.distributor_id,
            "cause_id": line.redemption_id,
        }
        yield from Row(LINE, counter.pk, counter.customer_id).differences(counter, should)


def _returns(first: int, last: int, lines: list[CreditLine]) -> Iterator[Finding]:
    """Each return went from state to state as it may, and has one living line as long as it is approved."""
    returns = ConsumerReturn.objects.filter(customer__gte=first, customer__lte=last)
    steps: dict[int, list[ReturnStep]] = defaultdict(list)
    within = {"consumer_return__customer__gte": first, "consumer_return__customer__lte": last}
    for step in ReturnStep.objects.filter(**within).order_by("number"):
        steps[step.consumer_return_id].append(step)
    living: dict[int, list[CreditLine]] = defaultdict(list)
    for line in lines:
        if line.state != LineState.WITHDRAWN:
            living[line.cause_id].append(line)
        if (line.withdrawn_at is None) == (line.state == LineState.WITHDRAWN):
            named = Row(LINE, line.pk, line.customer_id)
            yield named.finding("withdrawn_at", line.withdrawn_at, "the moment of withdrawing, or none")
    for row in returns.order_by():
        named, mine = Row(RETURNED, row.pk, row.customer_id), steps[row.pk]
        if not mine or [step.number for step in mine] != list(range(1, len(mine) + 1)):
            yield named.finding("steps", [step.number for step in mine], "counted from 1")
            continue
        for was, then in pairwise(mine):
            if not may_follow(ReturnState(was.state), ReturnState(then.state), declined_for=was.decline_reason):
                yield named.finding("steps", f"{was.state}, then {then.state}", "a state that may follow")
        is_owed = mine[-1].state in OWED and not row.is_practice
        if len(living[row.pk]) != is_owed:
            yield named.finding("credit line", len(living[row.pk]), int(is_owed))
        for line in living.pop(row.pk):
            should = {name: getattr(row, name) for name in RETURN_COPIES}
            yield from Row(LINE, line.pk, line.customer_id).differences(
                line, {**should, "units": row.quantity, "redemption_id": None}
            )
    for line in (line for alone in living.values() for line in alone):
        yield Row(LINE, line.pk, line.customer_id).finding("cause_id", line.cause_id, "a return")


def _payer(line: CreditLine, steps: list[Assignment]) -> Iterator[Finding]:
    """Each step begins where the one before ended, and the line stands where the last one left it."""
    named = Row(LINE, line.pk, line.customer_id)
    for step, then in pairwise(steps):
        if (step.distributor_id, step.account_number) != (then.was_distributor_id, then.was_account_number):
            yield named.finding("assignments", "torn", "each from where the one before ended")
    if steps:
        should = {"distributor_id": steps[-1].distributor_id, "account_number": steps[-1].account_number}
        yield from named.differences(line, should)


def _line(line: CreditLine, row: Any) -> Iterator[Finding]:
    named = Row(LINE, line.pk, line.customer_id)
    if row.is_practice or row.fulfilment == Fulfilment.NONE:
        yield named.finding(
            "line", "there", "none: " + ("it is practice" if row.is_practice else "nobody pays it back")
        )
        return
    if not row.is_live and line.state != LineState.WITHDRAWN and not line.is_countered:
        yield named.finding("state", line.state, LineState.WITHDRAWN)
    if row.is_live and line.is_countered:
        yield named.finding("is_countered", "true", "false: its redemption stands")
    if row.is_live and line.state == LineState.WITHDRAWN:
        yield named.finding("state", line.state, "unbatched or batched")
    should = {name: getattr(row, name) for name in COPIES}
    yield from named.differences(
        line,
        {
            "cause_kind": REWARD,
            "cause_id": row.reward_id,
            "product_name": row.name,
            "units": 0 if row.product_id is None else 1,
            "cents": row.gift_cents,
            **should,
        },
    )
    if (line.withdrawn_at is None) == (line.state == LineState.WITHDRAWN):
        yield named.finding("withdrawn_at", line.withdrawn_at, "the moment of withdrawing, or none")
    if not line.customer_name.strip():
        yield named.finding("customer_name", line.customer_name, "the customer's name")
    if row.is_live and len(line.proof) != row.need:
        yield named.finding("proof", f"{len(line.proof)} punches", row.need)
    for kept_back in sorted({name for punch in line.proof for name in PROOF - punch.keys()}):
        yield named.finding("proof", f"silent about {kept_back!r}", "telling what was bought, when and where")
    for said in sorted({name for punch in line.proof for name in punch} - PROOF):
        yield named.finding("proof", f"telling {said!r}", "telling nothing of the customer")
