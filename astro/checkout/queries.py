"""What was checked out on a day, for a customer and for a location, and what tills kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from astro.cards.models import Punch, PunchState, Redemption
from astro.checkout.fields.queries import answers_of
from astro.checkout.late_words import LateMark, late_marks
from astro.checkout.models import FieldAnswer, KeptVisit, Purchase, TillQueue, Visit
from astro.customers.models import Customer
from astro.tenancy.models import Location


def purchases_of_day(customer: Customer, *, day: date) -> list[Purchase]:
    """Everything that this customer bought that day, at any of the retailer's locations, the newest first."""
    return list(
        Purchase.objects.filter(customer=customer, day=day)
        .select_related("location", "visit")
        .order_by("-occurred_at", "-id")
    )


@dataclass(frozen=True, slots=True)
class Result:
    """A visit, and what of it stands: punches that were not taken back, free items that were not brought back; and what
    was answered to the store's own fields."""

    visit: Visit
    punches: int
    given: int
    late: LateMark | None = None
    answers: Sequence[FieldAnswer] = ()


def visits_of_day(location: Location, *, day: date, only_given: bool = False) -> QuerySet[Visit]:
    """The checkouts of one day at one location, practice included (it is marked); or those that gave a free item."""
    visits: QuerySet[Visit] = Visit.objects.filter(location=location, day=day).select_related("customer", "by")
    return visits.filter(pk__in=_given(location, day).values("visit_id")) if only_given else visits


def results_of(visits: Collection[Visit]) -> list[Result]:
    """What of each visit stands now, in their order. Four queries, five where some came late."""
    visit_of = dict(Purchase.objects.filter(visit__in=visits).values_list("id", "visit_id"))
    punches = _counting().filter(cause_kind="purchase", cause_id__in=visit_of).values_list("cause_id", flat=True)
    punched = Counter(visit_of[cause_id] for cause_id in punches)
    redemptions = Redemption.objects.filter(visit_id__in=[visit.pk for visit in visits], is_live=True)
    given = Counter(redemptions.values_list("visit_id", flat=True))
    late, answers = late_marks(visits), answers_of(visit.pk for visit in visits)
    return [
        Result(visit, punched[visit.pk], given[visit.pk], late.get(visit.pk), answers.get(visit.pk, ()))
        for visit in visits
    ]


def sums_of_day(location: Location, *, day: date) -> dict[str, int]:
    """The day in numbers, without practice: what `visits_of_day` and `results_of` come to."""
    punches = _counting().filter(location=location, day=day, customer__is_practice=False)
    return {
        "visits": Visit.objects.filter(location=location, day=day, is_practice=False).count(),
        "punches": punches.count(),
        "given": _given(location, day).filter(is_practice=False).count(),
    }


def _counting() -> QuerySet[Punch]:
    """A punch that expired later counted on its day."""
    punches: QuerySet[Punch] = Punch.objects.filter(state__in=[PunchState.LIVE, PunchState.EXPIRED])
    return punches


def _given(location: Location, day: date) -> QuerySet[Redemption]:
    redemptions: QuerySet[Redemption] = Redemption.objects.filter(location=location, day=day, is_live=True)
    return redemptions


def kept_to_settle(places: Collection[Location]) -> QuerySet[KeptVisit]:
    """What tills brought to these locations that nobody has settled yet."""
    rows: QuerySet[KeptVisit] = KeptVisit.objects.filter(location__in=places, settled_at=None)
    return rows


def tills_waiting(places: Collection[Location]) -> QuerySet[TillQueue]:
    """The tills in use at these locations that hold purchases, as they said last; the longest first."""
    living = {"device__location__in": places, "device__retired_at": None}
    rows: QuerySet[TillQueue] = TillQueue.objects.filter(waiting__gt=0, **living)
    return rows.select_related("device__location").order_by("oldest_at", "id")
