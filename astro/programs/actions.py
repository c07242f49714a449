"""Publishing programs, and joining, changing and leaving them.

Whoever joins, changes or leaves holds the lock of the location first, so what was checked is still so when it is
written. Punches point at the location only by its key, so a till never waits for this lock.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.catalog.models import Brand, Distributor, Product
from astro.kit.errors import DomainError
from astro.programs import errors
from astro.programs.inclusion import enrollments_beyond, why_not
from astro.programs.joining import ONE_DAY, can_be_taken_back, can_stay, carries, serves
from astro.programs.models import (
    ApplicationDecision,
    Audience,
    AutoEnrollment,
    CardRule,
    Carrier,
    DistributorAccount,
    Enrollment,
    Fulfilment,
    Kind,
    OfferTotal,
    Program,
    ProgramCard,
    ProgramItem,
    ProgramVersion,
)
from astro.programs.parts import parts
from astro.programs.queries import rule_of
from astro.programs.rules import RULE_COLUMNS, RuleOfCard
from astro.tenancy.features import all_of
from astro.tenancy.models import Location

KEEP, MOVE = "keep", "move"
"""What becomes of free goods that a former distributor has not pulled into a batch yet."""

ACCOUNT_NUMBER = re.compile(r"[A-Za-z0-9./-]{1,40}")


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card of a program to be published. Without `rewards`, what fills it may be the reward."""

    title: str
    rule: RuleOfCard
    fills: Sequence[Product]
    rewards: Sequence[Product] | None = None
    opens: Sequence[Product] = ()
    """What pays for a prepaid card."""
    species: str = ""
    size: str = ""


@transaction.atomic
def publish_program(
    title: str,
    *,
    brand: Brand | None,
    cards: Sequence[NewCard],
    starts_on: date,
    ends_on: date | None = None,
    fulfilment: str = Fulfilment.DISTRIBUTOR,
    carriers: Sequence[Distributor] = (),
    category: str = "",
    description: str = "",
    terms: str = "",
    requires_email: bool = False,
    requires_address: bool = False,
    is_sponsored: bool = False,
    kind: str = Kind.FREQUENT_BUYER,
    most: int | None = None,
    most_cents: int | None = None,
    is_private: bool = False,
    audience: str = Audience.EVERYONE,
) -> Program:
    """A whole program with its cards, lists of products, first version and distributors.

    `most` and `most_cents`: what an offer gives at most to all customers together, in rewards and in money. Everyone's
    inside `with platform(...)`; inside a retailer the store's own, which no distributor pays for. `audience`: whose
    purchases fill the cards.
    """
    program = Program(
        title=title,
        brand=brand,
        description=description,
        fulfilment=fulfilment,
        category=category,
        starts_on=starts_on,
        ends_on=ends_on,
        is_sponsored=is_sponsored,
        kind=kind,
        is_private=is_private,
        audience=audience,
    )
    if audience == Audience.NUMBERED and brand is None:
        raise DomainError(
            _("A breeder number is a brand's. Choose the brand, or take every breeder."), field="audience"
        )
    if carriers and fulfilment != Fulfilment.DISTRIBUTOR:
        raise errors.no_distributor_needed(title)
    if program.retailer_id is not None and fulfilment not in (Fulfilment.RETAILER, Fulfilment.NONE):
        raise DomainError(_("Your own program is paid by your store. Choose who claims it."), field="fulfilment")
    if not cards:
        raise DomainError(_("A program needs at least one card."), field="cards")
    program.save()
    if most is not None or most_cents is not None:
        if program.retailer_id is not None:
            raise DomainError(_("Only a brand's offer has a total for all stores."), field="most")
        OfferTotal(program=program, most=most, most_cents=most_cents).save(force_insert=True)
    Carrier.objects.bulk_create(Carrier(program=program, distributor=distributor) for distributor in carriers)
    made = [_make_card(program, card, position) for position, card in enumerate(cards)]
    _write_version(
        ProgramVersion(
            program=program,
            number=1,
            from_on=starts_on,
            terms=terms,
            requires_email=requires_email,
            requires_address=requires_address,
        ),
        {row: card.rule for row, card in zip(made, cards, strict=True)},
    )
    return program


@transaction.atomic
def add_version(
    program: Program,
    *,
    from_on: date,
    rules: Mapping[ProgramCard, RuleOfCard],
    terms: str | None = None,
    requires_email: bool | None = None,
    requires_address: bool | None = None,
) -> ProgramVersion:
    """The next version of the rules, from that day on. What is not given stays as it was.

    Cards that are in progress keep the version they were opened under. Refuses a day before the last version's.
    """
    last = program.versions.order_by("-number")[0]
    if from_on < last.from_on:
        sentence = _("The last change of this program is from %(day)s. Choose that day or a later one.")
        raise DomainError(sentence % {"day": last.from_on}, field="from_on")
    kept = {row.program_card: rule_of(row) for row in last.rules.select_related("program_card")}
    version = ProgramVersion(
        program=program,
        number=last.number + 1,
        from_on=from_on,
        terms=last.terms if terms is None else terms,
        requires_email=last.requires_email if requires_email is None else requires_email,
        requires_address=last.requires_address if requires_address is None else requires_address,
    )
    return _write_version(version, {**kept, **rules})


@transaction.atomic
def enroll(
    location: Location,
    *,
    program: Program,
    distributor: Distributor | None,
    account_number: str = "",
    by: User,
    now: datetime,
    from_on: date | None = None,
    came_by: AutoEnrollment | None = None,
) -> Enrollment:
    """The location takes part from that day on. No distributor: Temporary Holding. No day: today by the location's
    clock, or the program's first day where that is still to come. `came_by`: a standing choice does it, not a person.

    Refuses a program that the store's account does not include, a day before it begins or after it ends, a distributor
    that does not carry it or does not serve the location, a missing or misshapen account number, a private program
    whose brand has not approved the location, and a second enrollment at the same time.
    """
    from_on, number = checked_joining(
        location,
        program=program,
        distributor=distributor,
        account_number=account_number,
        now=now,
        from_on=from_on,
    )
    _lock(location)
    if program.is_private and not _is_approved(location, program):
        raise errors.not_approved(location.name, program.title)
    _make_room(location, program, from_on=from_on, today=location.day(now))
    enrollment = _begin(location, program, distributor, number, from_on=from_on, by=by, now=now, came_by=came_by)
    record("program enrolled", enrollment, by=None if came_by else by, at=location, now=now, **_told(enrollment))
    return enrollment


@transaction.atomic
def unenroll(enrollment: Enrollment, *, by: User, now: datetime) -> Enrollment:
    """The location leaves: today is the last day on which purchases count. Earned rewards stay redeemable.

    Refuses an enrollment that has ended already.
    """
    enrollment = _running(enrollment)
    today = enrollment.location.day(now)
    enrollment.left_by, enrollment.left_at = by, now
    return _end(enrollment, max(today, enrollment.from_on - ONE_DAY), by=by, now=now)


@transaction.atomic
def leave_what_is_not_included(given: Collection[str], *, by: User, now: datetime) -> int:
    """The current retailer leaves every running program that an account with this (names of features) does not
    include, as if each location had unenrolled today. Earned rewards stay redeemable. Says how many."""
    beyond = enrollments_beyond(given)
    for enrollment in beyond:
        unenroll(enrollment, by=by, now=now)
    return len(beyond)


@transaction.atomic
def stay(enrollment: Enrollment, *, by: User, now: datetime) -> Enrollment:
    """Undo leaving: the enrollment goes on as if nobody had left. Refuses after ten minutes, and where the location
    was enrolled again meanwhile.
    """
    fresh = _fresh(enrollment)
    reason = why_not(fresh.program, all_of(fresh.location.retailer))
    if reason:
        raise errors.not_included(fresh.program.title, reason)
    running = Enrollment.objects.filter(location=fresh.location, program=fresh.program, until_on__isnull=True)
    if running.exists():
        raise errors.enrolled_already(fresh.location.name, fresh.program.title)
    if not can_stay([fresh], now=now):
        raise errors.cannot_stay(fresh.location.name, fresh.program.title)
    fresh.until_on = fresh.left_by = fresh.left_at = None
    fresh.save(update_fields=["until_on", "left_by", "left_at"])
    record("unenrollment undone", fresh, by=by, at=fresh.location, now=now, program_id=fresh.program_id)
    return fresh


@transaction.atomic
def take_back(enrollment: Enrollment, *, by: User, now: datetime) -> Enrollment:
    """Undo an enrollment as if it had never been. Refuses after ten minutes, and one that follows another to the day:
    that may be a change of distributor, and the program would be lost with it.

    What a till recorded in between stays: those punches were true when they were made.
    """
    enrollment = _running(enrollment)
    if not can_be_taken_back([enrollment], now=now):
        raise errors.cannot_take_back()
    return _end(enrollment, enrollment.from_on - ONE_DAY, by=by, now=now)


@transaction.atomic
def change_distributor(
    enrollment: Enrollment,
    *,
    distributor: Distributor | None,
    account_number: str = "",
    open_lines: str = KEEP,
    by: User,
    now: datetime,
) -> Enrollment:
    """Another distributor, or another account number, from today on; the days before keep theirs.

    What was given away while there was no distributor goes to the new one. What another one has not pulled into a batch
    yet stays with that one (`KEEP`) or goes along (`MOVE`). Gives back the enrollment that holds now. Refuses as
    `enroll` does.
    """
    enrollment = _running(enrollment)
    location, program = enrollment.location, enrollment.program
    number = _checked_number(location, program, distributor, account_number)
    changed = enrollment
    if (enrollment.distributor, enrollment.account_number) != (distributor, number):
        from_on = max(location.day(now), enrollment.from_on)
        enrollment.until_on = from_on - ONE_DAY
        enrollment.save(update_fields=["until_on"])
        changed = _begin(
            location, program, distributor, number, from_on=from_on, by=by, now=now, came_by=enrollment.came_by
        )
        record("enrollment changed", changed, by=by, at=location, now=now, **_told(changed))
    moved = sum(part.hand_over(changed, takes_all=open_lines == MOVE, by=by, now=now) for part in parts())
    if moved:
        record("free goods handed over", changed, by=by, at=location, now=now, lines=moved)
    return changed


def checked_joining(
    location: Location,
    *,
    program: Program,
    distributor: Distributor | None,
    account_number: str,
    now: datetime,
    from_on: date | None = None,
) -> tuple[date, str]:
    """The first day and the account number to write, after everything that joining is refused for but the standing
    of the location itself."""
    from_on = from_on or max(location.day(now), program.starts_on)
    if program.retailer_id not in (None, location.retailer_id):
        raise errors.not_yours()
    reason = why_not(program, all_of(location.retailer))
    if reason:
        raise errors.not_included(program.title, reason)
    if from_on < program.starts_on:
        raise errors.starts_later(program.title, program.starts_on)
    if program.ends_on is not None and from_on > program.ends_on:
        raise errors.has_ended(program.title, program.ends_on)
    return from_on, _checked_number(location, program, distributor, account_number)


def lock_locations(locations: Iterable[Location]) -> None:
    """Hold several locations, in the order of their ids, so that two who want the same ones wait and never stand in
    each other's way. Without the key: rows that point at a location are written meanwhile, so no till waits."""
    rows = Location.objects.select_for_update(no_key=True).filter(pk__in={row.pk for row in locations})
    list(rows.order_by("pk").values_list("pk"))


def _make_card(program: Program, card: NewCard, position: int) -> ProgramCard:
    rewards = card.fills if card.rewards is None else card.rewards
    fills, gives = {row.pk for row in card.fills}, {row.pk for row in rewards}
    made = ProgramCard.objects.create(
        program=program, title=card.title, species=card.species, size=card.size, position=position
    )
    opens = {row.pk for row in card.opens}
    products = {row.pk: row for row in (*card.fills, *rewards, *card.opens)}
    ProgramItem.objects.bulk_create(
        ProgramItem(
            program_card=made, product=row, fills=pk in fills or pk in opens, is_reward=pk in gives, opens=pk in opens
        )
        for pk, row in products.items()
    )
    return made


def _write_version(version: ProgramVersion, rules: Mapping[ProgramCard, RuleOfCard]) -> ProgramVersion:
    version.save()
    CardRule.objects.bulk_create(
        CardRule(
            version=version,
            program_card=card,
            **{name: getattr(rule, name) for name in RULE_COLUMNS},
        )
        for card, rule in rules.items()
    )
    return version


def _checked_number(location: Location, program: Program, distributor: Distributor | None, account_number: str) -> str:
    """The account number to write, after everything that a distributor may be refused for."""
    if distributor is None:
        return ""
    if program.fulfilment != Fulfilment.DISTRIBUTOR:
        raise errors.no_distributor_needed(program.title)
    if not carries(distributor, program):
        raise errors.does_not_carry(distributor.name, program.title)
    if not serves(distributor, location):
        raise errors.does_not_serve(distributor.name, location.name, location.region)
    number = account_number.strip()
    if not number and distributor.needs_account_number:
        raise errors.number_missing(distributor.name)
    if number and not ACCOUNT_NUMBER.fullmatch(number):
        raise errors.number_misshapen()
    return number


def _lock(location: Location) -> None:
    lock_locations([location])


def _is_approved(location: Location, program: Program) -> bool:
    approvals = ApplicationDecision.objects.filter(is_approved=True, application__location=location)
    return approvals.filter(application__program=program).exists()


def _running(enrollment: Enrollment) -> Enrollment:
    """The enrollment as it is under the lock. Refuses one that has ended."""
    fresh = _fresh(enrollment)
    if fresh.until_on is not None:
        raise errors.enrollment_over(fresh.location.name, fresh.program.title)
    return fresh


def _fresh(enrollment: Enrollment) -> Enrollment:
    _lock(enrollment.location)
    return Enrollment.objects.select_related("location", "program", "distributor").get(pk=enrollment.pk)


def _make_room(location: Location, program: Program, *, from_on: date, today: date) -> None:
    """See to it that no day belongs to two enrollments.

    Who left today and joins again today has the day counted by the new one; other days that are taken are refused.
    """
    for earlier in Enrollment.objects.filter(location=location, program=program):
        if earlier.until_on is None:
            raise errors.enrolled_already(location.name, program.title)
        if earlier.until_on < max(from_on, earlier.from_on):
            continue
        if earlier.until_on < today or earlier.from_on > from_on:
            raise errors.was_enrolled(location.name, program.title, earlier.until_on)
        earlier.until_on = from_on - ONE_DAY
        earlier.save(update_fields=["until_on"])


def _begin(
    location: Location,
    program: Program,
    distributor: Distributor | None,
    number: str,
    *,
    from_on: date,
    by: User,
    now: datetime,
    came_by: AutoEnrollment | None,
) -> Enrollment:
    enrollment = Enrollment(
        location=location,
        program=program,
        distributor=distributor,
        account_number=number,
        from_on=from_on,
        enrolled_by=by,
        enrolled_at=now,
        came_by=came_by,
    )
    try:
        with transaction.atomic():
            enrollment.save()
    except IntegrityError as problem:  # the constraint stands behind the lock
        raise errors.enrolled_already(location.name, program.title) from problem
    if number and distributor is not None:
        DistributorAccount.objects.update_or_create(
            location=location, distributor=distributor, defaults={"number": number}
        )
    return enrollment


def _end(enrollment: Enrollment, last_day: date, *, by: User, now: datetime) -> Enrollment:
    enrollment.until_on = last_day
    enrollment.save(update_fields=["until_on", "left_by", "left_at"])
    record(
        "program unenrolled",
        enrollment,
        by=by,
        at=enrollment.location,
        now=now,
        program_id=enrollment.program_id,
        last_day=last_day,
    )
    return enrollment


def _told(enrollment: Enrollment) -> dict[str, Any]:
    """What the record of an enrollment says besides who and when."""
    return {
        "program_id": enrollment.program_id,
        "distributor_id": enrollment.distributor_id,
        "from_on": enrollment.from_on,
        **({"auto_enrollment_id": enrollment.came_by_id} if enrollment.came_by_id else {}),
    }
