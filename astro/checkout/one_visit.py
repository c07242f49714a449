"""One visit with all that came of it: each line and its units, the free items, how it was finished."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from astro.accounts.models import Device
from astro.cards.models import Punch, PunchState, Redemption
from astro.checkout.arrival_marks import arrivals_of
from astro.checkout.fields.queries import answers_of
from astro.checkout.history import CAUSE, ShownGift, shown_gifts
from astro.checkout.late_words import LateMark, late_marks
from astro.checkout.models import Arrival, FieldAnswer, Purchase, Sealing, UnitVoid, Visit


@dataclass(frozen=True, slots=True)
class Punched:
    """So many punches of a line that stand on one card now."""

    title: str
    number: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """What was bought in one line, and what became of its units. `fills`: whether it is in a program at all."""

    purchase: Purchase
    punched: Sequence[Punched]
    fills: bool
    voids: Sequence[UnitVoid]
    given: Sequence[Redemption]

    @property
    def counting(self) -> int:
        """Units that were neither removed nor given as the free item."""
        return self.purchase.quantity - len(self.voids) - len(self.given)

    @property
    def last_unit(self) -> int:
        """The one to take back next: the last that still counts."""
        gone = {void.unit for void in self.voids} | {row.taken_unit for row in self.given}
        return max((unit for unit in range(1, self.purchase.quantity + 1) if unit not in gone), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownVisit:
    """`device` is the till's name, "" where no till is known. `is_open`: its rewards can still be chosen."""

    lines: Sequence[ShownLine]
    gifts: Sequence[ShownGift]
    sealing: Sealing | None
    is_open: bool
    device: str
    late: LateMark | None = None
    arrival: Arrival | None = None
    answers: Sequence[FieldAnswer] = ()

    @property
    def is_undone(self) -> bool:
        """Whether nothing of it is left."""
        is_left = any(line.counting or line.given for line in self.lines) or any(not gift.undo for gift in self.gifts)
        return bool(self.lines or self.gifts) and not is_left


def shown_visit(visit: Visit) -> ShownVisit:
    """The visit as its rows tell it, in a fixed number of queries."""
    purchases = list(Purchase.objects.filter(visit=visit).order_by("id"))
    ids = [purchase.pk for purchase in purchases]
    voids: dict[int, list[UnitVoid]] = defaultdict(list)
    taken_back = UnitVoid.objects.filter(purchase__in=ids, is_live=True)
    for void in taken_back.select_related("by").order_by("voided_at", "unit"):
        voids[void.purchase_id].append(void)
    redemptions = list(
        Redemption.objects.filter(Q(visit_id=visit.pk) | Q(taken_purchase_id__in=ids))
        .select_related("location", "by", "program_card")
        .order_by("redeemed_at", "id")
    )
    given: dict[int, list[Redemption]] = defaultdict(list)
    for row in redemptions:
        if row.is_live and row.taken_purchase_id is not None:
            given[row.taken_purchase_id].append(row)
    punches: dict[int, list[Punch]] = defaultdict(list)
    for punch in Punch.objects.filter(cause_kind=CAUSE, cause_id__in=ids).select_related("card__program_card"):
        punches[punch.cause_id].append(punch)
    sealing = Sealing.objects.filter(visit=visit).select_related("by").first()
    device = Device.objects.filter(pk=visit.device_id).first() if visit.device_id else None
    return ShownVisit(
        lines=[
            ShownLine(
                purchase=purchase,
                punched=_punched(punches[purchase.pk]),
                fills=bool(punches[purchase.pk]),
                voids=voids[purchase.pk],
                given=given[purchase.pk],
            )
            for purchase in purchases
        ],
        gifts=shown_gifts(row for row in redemptions if row.visit_id == visit.pk),
        sealing=sealing,
        is_open=visit.has_offer and sealing is None,
        device=device.name if device else "",
        late=late_marks([visit]).get(visit.pk),
        arrival=arrivals_of([visit]).get(visit.pk),
        answers=answers_of([visit.pk]).get(visit.pk, ()),
    )


def _punched(punches: Sequence[Punch]) -> list[Punched]:
    """How many of these punches count on which card, the cards in their order."""
    counts: dict[tuple[str, int], int] = defaultdict(int)
    for punch in punches:
        if punch.state == PunchState.LIVE:
            counts[punch.card.program_card.title, punch.card.number] += 1
    return [Punched(title, number, count) for (title, number), count in sorted(counts.items())]
