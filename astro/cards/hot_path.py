"""The statements of a checkout that touch cards, as plain SQL (see `kit/plain.py`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from astro.cards.errors import CardMoved
from astro.cards.models import State
from astro.kit import plain
from astro.programs.engine.terms import Round, Rule
from astro.programs.models import Piles
from astro.tenancy import current

_ROUNDS = """
select k.id, k.program_card_id, k.number, k.need, k.punches, k.state, k.opened_at, k.last_punched_at, k.filled_at,
       k.filled_on, k.next_expiry_on, k.pile, k.cents, r.id, r.buy, r.get, r.expiry_months, r.most, r.monthly, r.piles,
       r.is_prepaid, r.takes_over
from cards_card k
join programs_cardrule r on r.id = k.rule_id and (r.retailer_id is null or r.retailer_id = %(retailer)s)
where k.retailer_id = %(retailer)s and k.customer_id = %(customer)s
  and (k.program_card_id in {wanted} or k.state = 'full')
"""

_MOVE_ON = """
update cards_card set punches = v.column2, state = v.column4, last_punched_at = v.column5, filled_at = v.column6,
    filled_on = v.column7, next_expiry_on = v.column8, cents = v.column9
from (values {moves}) as v
where cards_card.retailer_id = %(retailer)s and cards_card.id = v.column1
  and cards_card.punches = v.column3 and cards_card.state = 'open'
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A card as it is stored, with the rule it was opened under."""

    pk: int
    program_card_id: int
    number: int
    need: int
    punches: int
    state: str
    opened_at: datetime
    last_punched_at: datetime
    filled_at: datetime | None
    filled_on: date | None
    next_expiry_on: date | None
    pile: int
    cents: int
    rule: Rule
    piles: str

    @property
    def rule_id(self) -> int:
        return self.rule.rule_id

    @property
    def owes(self) -> int:
        """Punches that are missing under a reward that was handed out (or was there to be)."""
        return self.need - self.punches if self.state in (State.FULL, State.REDEEMED) else 0

    @property
    def is_prepaid(self) -> bool:
        return self.rule.is_prepaid

    @property
    def is_split_off(self) -> bool:
        """Whether somebody split it from the customer's other one."""
        return self.piles == Piles.ONE and self.pile != 0


def rounds_of(customer_id: int, program_card_ids: Collection[int]) -> list[Row]:
    """The customer's rounds of these program cards, and whatever else is full."""
    wanted, params = plain.named("card", list(program_card_ids))
    found = plain.rows(_ROUNDS.format(wanted=wanted), {"retailer": current.scope(), "customer": customer_id, **params})
    return [
        Row(
            pk=pk,
            program_card_id=program_card_id,
            number=number,
            need=need,
            punches=punches,
            state=state,
            opened_at=plain.moment(opened),
            last_punched_at=plain.moment(last),
            filled_at=plain.moment(filled),
            filled_on=plain.day(filled_on),
            next_expiry_on=plain.day(expiry),
            pile=pile,
            cents=cents,
            rule=Rule(
                rule_id,
                buy,
                get,
                months,
                most,
                monthly,
                is_brief=piles == "visit",
                is_prepaid=bool(is_prepaid),
                takes_over=bool(takes_over),
            ),
            piles=piles,
        )
        for (
            pk,
            program_card_id,
            number,
            need,
            punches,
            state,
            opened,
            last,
            filled,
            filled_on,
            expiry,
            pile,
            cents,
            rule_id,
            buy,
            get,
            months,
            most,
            monthly,
            piles,
            is_prepaid,
            takes_over,
        ) in found
    ]


def move_on(moves: Sequence[tuple[Row, Round]]) -> None:
    """Open rounds with more punches. Raises CardMoved where one does not hold the count any more that was read."""
    if not moves:
        return
    kinds = ("bigint", "smallint", "smallint", "varchar", "timestamptz", "timestamptz", "date", "date", "integer")
    params: dict[str, object] = {"retailer": current.scope()}
    brackets = []
    for number, (row, after) in enumerate(moves):
        filling = after.filled_by
        values = (
            row.pk,
            after.punches,
            row.punches,
            after.state,
            after.last_at,
            filling.occurred_at if filling else None,
            filling.day if filling else None,
            after.next_expiry_on,
            after.cents,
        )
        names = [f"m{number}_{place}" for place in range(len(values))]
        params |= dict(zip(names, values, strict=True))
        brackets.append(
            f"({', '.join(plain.cast(f'%({name})s', kind) for name, kind in zip(names, kinds, strict=True))})"
        )
    plain.run(_MOVE_ON.format(moves=", ".join(brackets)), params, changing=len(moves), otherwise=CardMoved)
