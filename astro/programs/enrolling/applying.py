"""Applying for a private program, and the brand's answer: each a row that is never edited.

A location applies once for a program, and again only after it withdrew. A denial may be followed by an approval, never
the other way round; whoever was approved joins, leaves and joins again like everybody else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.catalog.models import Distributor
from astro.kit.errors import DomainError
from astro.programs import errors
from astro.programs.actions import checked_joining, enroll, lock_locations
from astro.programs.enrolling.letters import tell_applicant, tell_support
from astro.programs.models import Application, ApplicationDecision, ApplicationWithdrawal, Enrollment, Program
from astro.tenancy.models import Location

LONGEST_REASON = 200


@transaction.atomic
def join(
    location: Location,
    *,
    program: Program,
    distributor: Distributor | None,
    account_number: str = "",
    by: User,
    now: datetime,
) -> Enrollment | Application:
    """Enroll, or apply where the brand of a private program has not approved the location yet. Refuses as `enroll`
    does, and who applied before."""
    lock_locations([location])
    asked = {"program": program, "distributor": distributor, "account_number": account_number, "now": now}
    asked_before = applications_told().filter(location=location, program=program)
    known = asked_before.filter(is_withdrawn=False).first()
    if not program.is_private or (known and known.is_approved):
        return enroll(location, by=by, **asked)  # type: ignore[arg-type]
    if known:
        raise errors.applied_already(location.name, program.title, is_denied=known.is_denied)
    _from_on, number = checked_joining(location, **asked)  # type: ignore[arg-type]
    application = Application(
        location=location,
        program=program,
        distributor=distributor,
        account_number=number,
        attempt=asked_before.count() + 1,
        asked_by=by,
        asked_at=now,
    )
    try:
        with transaction.atomic():
            application.save()
    except IntegrityError as problem:  # the constraint stands behind the lock
        raise errors.applied_already(location.name, program.title, is_denied=False) from problem
    record("application made", application, by=by, at=location, now=now, program_id=program.pk)
    tell_support(application, now=now)
    return application


@transaction.atomic
def withdraw(application: Application, *, by: User, now: datetime) -> ApplicationWithdrawal:
    """The location does not ask any more, and may ask again later. Refuses once the brand has said anything, and a
    second time."""
    place, program = application.location, application.program
    lock_locations([place])
    told = applications_told().get(pk=application.pk)
    if told.is_withdrawn:
        raise errors.withdrawn_already(place.name, program.title)
    if told.is_approved or told.is_denied:
        raise errors.answered_already(place.name, program.title)
    withdrawal = ApplicationWithdrawal(application=application, withdrawn_by=by, withdrawn_at=now)
    withdrawal.save()
    record("application withdrawn", application, by=by, at=place, now=now, program_id=program.pk)
    tell_support(application, is_withdrawn=True, now=now)
    return withdrawal


@transaction.atomic
def decide(application: Application, *, is_approved: bool, reason: str, by: User, now: datetime) -> ApplicationDecision:
    """In the brand's name, with a reason that the store reads. Approving enrolls the location from its today on.

    Refuses what was withdrawn, what was decided so already, a denial after an approval, an empty reason, and what
    `enroll` refuses: a distributor that no longer pays, a program that is over.
    """
    place, program = application.location, application.program
    lock_locations([place])
    told = applications_told().get(pk=application.pk)
    if told.is_withdrawn:
        raise errors.withdrawn_already(place.name, program.title)
    if told.is_approved or (told.is_denied and not is_approved):
        raise errors.decided_already(place.name, program.title, is_approved=told.is_approved)
    reason = " ".join(reason.split())
    if not reason:
        raise DomainError(_("Say why in a few words: the store reads it."), field="reason")
    decision = ApplicationDecision(
        application=application, is_approved=is_approved, reason=reason[:LONGEST_REASON], decided_by=by, decided_at=now
    )
    decision.save()
    if is_approved:
        enroll(
            place,
            program=program,
            distributor=application.distributor,
            account_number=application.account_number,
            by=application.asked_by,
            now=now,
        )
        record("application approved", application, by=by, at=place, now=now, program_id=program.pk)
    else:
        record("application denied", application, by=by, at=place, now=now, program_id=program.pk)
    tell_applicant(decision, now=now)
    return decision


def applications_told() -> QuerySet[Any]:
    """Applications, each with `is_approved`, `is_denied` and `is_withdrawn`; none while it waits. An approval outweighs
    a denial."""
    withdrawn = ApplicationWithdrawal.objects.filter(application=OuterRef("pk"), retailer=OuterRef("retailer"))
    decisions = ApplicationDecision.objects.filter(application=OuterRef("pk"), retailer=OuterRef("retailer"))
    return Application.objects.annotate(
        is_approved=Exists(decisions.filter(is_approved=True)),
        is_denied=Exists(decisions.filter(is_approved=False)),
        is_withdrawn=Exists(withdrawn),
    )


def standing_applications(
    programs: Iterable[int], *, locations: Iterable[Location]
) -> dict[tuple[int, int], Application]:
    """Those that keep these locations from joining these programs, waiting or denied, by ids of program and location.
    Two queries: each with its decisions, the last one last."""
    rows = applications_told().filter(
        program__in=list(programs), location__in=[row.pk for row in locations], is_approved=False, is_withdrawn=False
    )
    rows = rows.select_related("location", "asked_by").prefetch_related("decisions")
    return {(row.program_id, row.location_id): row for row in rows}


def approved_cells(programs: Iterable[int]) -> set[tuple[int, int]]:
    """Where the brands of these programs approved the retailer's locations, as ids of program and location."""
    approvals = ApplicationDecision.objects.filter(is_approved=True, application__program__in=list(programs))
    return set(approvals.values_list("application__program_id", "application__location_id"))
