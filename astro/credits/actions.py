"""Owing the store a free good or a rebate, and taking that back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from astro.accounts.models import User
from astro.cards.models import Redemption
from astro.catalog.models import Distributor
from astro.credits.models import Assignment, CreditLine, LineState
from astro.customers.models import Customer
from astro.kit import plain
from astro.kit.ids import new_ids
from astro.programs.models import Enrollment, Fulfilment, ProgramCard

REWARD = "reward"
COUNTER = "counter"


def owe(
    redemption: Redemption,
    *,
    customer: Customer,
    program_card: ProgramCard,
    enrollment: Enrollment | None,
    proof: Sequence[dict[str, Any]],
    now: datetime,
) -> CreditLine | None:
    """The line for a reward that was handed out; none in practice, and none where nobody pays a program back.

    `enrollment` is the one under which the line is settled: without it, or without its distributor, the line waits for
    one. `proof` are the punches that the reward was judged on, as plain words for the payer.
    """
    program = program_card.program
    if redemption.is_practice or program.fulfilment == Fulfilment.NONE:
        return None
    location = redemption.location
    line = CreditLine(
        cause_kind=REWARD,
        cause_id=redemption.reward_id,
        redemption_id=redemption.pk,
        fulfilment=program.fulfilment,
        distributor_id=enrollment.distributor_id if enrollment else None,
        brand_id=program.brand_id,
        account_number=enrollment.account_number if enrollment else "",
        location=location,
        location_name=location.name,
        customer=customer,
        customer_name=customer.name,
        program_id=program.pk,
        program_title=program.title,
        card_title=program_card.title,
        units=0 if redemption.product_id is None else 1,
        cents=redemption.gift_cents,
        product_id=redemption.product_id,
        gtin=redemption.gtin,
        product_name=redemption.name,
        size=redemption.size,
        msrp_cents=redemption.msrp_cents,
        currency=redemption.currency,
        day=redemption.day,
        created_at=now,
        proof=list(proof),
    )
    plain.insert([line])
    return line


@transaction.atomic
def assign(
    lines: QuerySet[CreditLine], *, distributor: Distributor | None, account_number: str, by: User, now: datetime
) -> int:
    """Let this distributor pay these lines, under this account number. Says how many: a line that was pulled into a
    batch or withdrawn meanwhile is left as it is, and so is a counter-line: it belongs to whoever has the batch."""
    waiting = list(
        lines.filter(state=LineState.UNBATCHED).exclude(cause_kind=COUNTER).select_for_update().order_by("pk")
    )
    Assignment.objects.bulk_create(
        Assignment(
            line=line,
            was_distributor_id=line.distributor_id,
            was_account_number=line.account_number,
            distributor=distributor,
            account_number=account_number,
            assigned_by=by,
            assigned_at=now,
        )
        for line in waiting
    )
    CreditLine.objects.filter(pk__in=[line.pk for line in waiting]).update(
        distributor=distributor, account_number=account_number
    )
    return len(waiting)


def withdraw(redemption: Redemption, *, now: datetime) -> bool:
    """The redemption is undone, so nothing is owed. False where the line is in a batch already: then `counter` it."""
    lines = CreditLine.objects.filter(redemption_id=redemption.pk)
    if lines.filter(state=LineState.UNBATCHED).update(state=LineState.WITHDRAWN, withdrawn_at=now):
        return True
    return not lines.filter(state=LineState.BATCHED).exists()


def counter(redemption: Redemption, *, day: date, now: datetime) -> CreditLine:
    """The redemption is undone, and its line is in a batch: what it claimed is taken off again by a line of its own,
    which waits for the next batch of the same payer. Once for each line; `day` is the location's.

    Raises CreditLine.DoesNotExist where no line of it is in a batch.
    """
    line = CreditLine.objects.select_for_update().get(
        redemption_id=redemption.pk, cause_kind=REWARD, state=LineState.BATCHED, is_countered=False
    )
    CreditLine.objects.filter(pk=line.pk).update(is_countered=True)
    (line.pk,) = new_ids(1)
    line.cause_kind, line.cause_id = COUNTER, redemption.pk
    line.state, line.is_countered = LineState.UNBATCHED, False
    line.units, line.cents = -line.units, None if line.cents is None else -line.cents
    line.day, line.created_at = day, now
    plain.insert([line])
    return line
