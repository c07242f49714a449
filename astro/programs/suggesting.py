"""What a location that is new to programs might join at once: by distributor, those that serve it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.db import transaction

from astro.accounts.models import User
from astro.catalog.models import Distributor
from astro.kit.money import format_cents
from astro.programs.actions import enroll
from astro.programs.models import Carrier, Fulfilment, Kind, Program, ProgramVersion
from astro.programs.queries import enrolled_programs, programs_open_on, rules_in_force
from astro.programs.wording import sentence
from astro.tenancy.models import Location


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A program with its rules, in words, and its terms."""

    program: Program
    rules: tuple[str, ...]
    terms: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class Suggested:
    """By distributor, the one with the most programs first; `free` need none: the brand pays, or nobody does."""

    by_distributor: dict[Distributor, list[Program]]
    free: list[Program]
    has_any: bool

    def of(self, distributor: Distributor | None) -> list[Program]:
        carried = self.by_distributor.get(distributor, []) if distributor else []
        return sorted([*carried, *self.free], key=lambda one: (one.title, one.pk))


def suggested_for(location: Location, *, day: date) -> Suggested:
    """The programs that run on that day, that the location has not joined, and that no brand has to approve.
    `has_any`: whether any runs at all."""
    running = programs_open_on(day).filter(is_private=False).exclude(kind=Kind.OFFER)
    open_now = list(running.exclude(pk__in=enrolled_programs(location, day=day)).select_related("brand"))
    paid = {one.pk: one for one in open_now if one.fulfilment == Fulfilment.DISTRIBUTOR}
    free = [one for one in open_now if one.fulfilment != Fulfilment.DISTRIBUTOR]
    serving = Distributor.objects.filter(
        retired_at__isnull=True, served_regions__country=location.country, served_regions__region=location.region
    )
    carried = Carrier.objects.filter(program__in=paid, distributor__in=serving).select_related("distributor")
    found: dict[Distributor, list[Program]] = {}
    for row in carried.order_by("distributor__name"):
        found.setdefault(row.distributor, []).append(paid[row.program_id])
    most_first = dict(sorted(found.items(), key=lambda one: -len(one[1])))
    return Suggested(most_first, free, bool(open_now) or running.exists())


def explained(
    programs: Sequence[Program], *, ticked: Collection[Program], day: date, currency: str
) -> list[Suggestion]:
    """With rules and terms as they hold on that day. Two queries."""
    money = partial(format_cents, currency=currency)
    ids = [program.pk for program in programs]
    rules = rules_in_force(ids, day=day)
    versions = ProgramVersion.objects.filter(program__in=ids, from_on__lte=day).order_by("number")
    terms = dict(versions.values_list("program", "terms"))
    said = {pk: tuple(dict.fromkeys(sentence(rule, money=money) for rule in found)) for pk, found in rules.items()}
    return [Suggestion(one, said.get(one.pk, ()), terms.get(one.pk, ""), one in ticked) for one in programs]


def is_held(distributor: Distributor | None, account_number: str) -> bool:
    """Whether the number is missing that the distributor asks for."""
    return distributor is not None and distributor.needs_account_number and not account_number


@transaction.atomic
def enroll_in(
    location: Location,
    *,
    programs: Collection[Program],
    distributor: Distributor | None,
    account_number: str,
    by: User,
    now: datetime,
) -> int:
    """All of them or none; says how many. Without the number that the distributor asks for, its programs go into
    Temporary Holding: purchases count, and what is given away waits for the number."""
    payer = None if is_held(distributor, account_number) else distributor
    for program in programs:
        is_paid = program.fulfilment == Fulfilment.DISTRIBUTOR and payer is not None
        enroll(
            location,
            program=program,
            distributor=payer if is_paid else None,
            account_number=account_number if is_paid else "",
            by=by,
            now=now,
        )
    return len(programs)
