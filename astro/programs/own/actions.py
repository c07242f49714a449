"""Making, changing and ending a program of the store's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.kit.errors import DomainError
from astro.programs.actions import NewCard, add_version, enroll, publish_program
from astro.programs.models import Audience, Enrollment, Fulfilment, Kind, Program, ProgramPicture, ProgramVersion
from astro.programs.own.reading import ReadItem, products_of
from astro.programs.rules import RuleOfCard
from astro.tenancy.models import Location, Retailer


@dataclass(frozen=True, slots=True)
class Draft:
    """A program as it was typed and checked. `passes` pay for a prepaid card; without `rewards`, what
    fills it is given."""

    kind: str
    title: str
    about: str
    rule: RuleOfCard
    items: Sequence[ReadItem]
    passes: Sequence[ReadItem]
    rewards: Sequence[ReadItem]
    starts_on: date
    ends_on: date | None
    locations: Sequence[Location]
    picture: ProgramPicture | None = None
    audience: str = Audience.EVERYONE

    @property
    def for_whom(self) -> str:
        """In words; empty where it is for everyone."""
        return "" if self.audience == Audience.EVERYONE else str(Audience(self.audience).label)


@transaction.atomic
def make_own(draft: Draft, *, retailer: Retailer, by: User, now: datetime) -> Program:
    """The program with its items, and each location enrolled. Refuses a name that another one of the store has."""
    Retailer.objects.select_for_update(no_key=True).get(pk=retailer.pk)  # two presses of the same button
    if _own().filter(title__iexact=draft.title).exists():
        raise DomainError(_("You have a program of that name already."), status=409, field="title")
    currency, day = retailer.currency, draft.starts_on
    fills, passes, rewards = (
        products_of(items, currency=currency, from_on=day) for items in (draft.items, draft.passes, draft.rewards)
    )
    gives_items = draft.rule.gives == "item"
    program = publish_program(
        draft.title,
        brand=None,
        kind=draft.kind,
        cards=[
            NewCard(
                draft.title,
                draft.rule,
                fills,
                rewards=(rewards or fills) if gives_items else [],
                opens=passes,
            )
        ],
        starts_on=day,
        ends_on=draft.ends_on,
        fulfilment=Fulfilment.RETAILER if draft.kind == Kind.TRACKING else Fulfilment.NONE,
        description=draft.about,
        audience=draft.audience,
    )
    for location in draft.locations:
        enroll(location, program=program, distributor=None, by=by, now=now, from_on=day)
    if draft.picture is not None:
        ProgramPicture.objects.filter(pk=draft.picture.pk, program__isnull=True).update(program=program)
    record("own program made", program, by=by, at=draft.locations[0], now=now, kind=draft.kind)
    return program


@transaction.atomic
def rename_own(program: Program, *, title: str, about: str, by: User, at: Location, now: datetime) -> Program:
    """Another name, or other words, from now on and on every card."""
    program = _locked(program)
    if _own().filter(title__iexact=title).exclude(pk=program.pk).exists():
        raise DomainError(_("You have a program of that name already."), status=409, field="title")
    changed = [name for name, told in (("title", title), ("description", about)) if getattr(program, name) != told]
    if not changed:
        return program
    program.cards.filter(title=program.title).update(title=title)
    program.title, program.description = title, about
    program.revision = F("revision") + 1
    program.save(update_fields=["title", "description", "revision"])
    record("own program changed", program, by=by, at=at, now=now, fields=changed)
    return program


@transaction.atomic
def change_rule(
    program: Program, rule: RuleOfCard, *, from_on: date, by: User, at: Location, now: datetime
) -> ProgramVersion:
    """The next version of the rule. Refuses one that sorts purchases otherwise: that would be another card."""
    program = _locked(program)
    card = program.cards.get()
    version = add_version(program, from_on=from_on, rules={card: rule})
    record("own program rule changed", program, by=by, at=at, now=now, number=version.number, from_on=from_on)
    return version


@transaction.atomic
def end_own(program: Program, *, last_day: date | None, by: User, at: Location, now: datetime) -> Program:
    """That day is the last to punch and to redeem; None: it goes on without an end. One that is over, or would end
    earlier or later, may do so. Refuses a day gone by."""
    program = _locked(program)
    if program.ends_on == last_day:
        return program
    if last_day is not None and last_day < max(at.day(now), program.starts_on):
        raise DomainError(_("Choose today or a later day."), field="ends_on")
    program.ends_on = last_day
    program.save(update_fields=["ends_on"])
    if last_day is None:
        record("own program goes on", program, by=by, at=at, now=now)
    else:
        record("own program ended", program, by=by, at=at, now=now, last_day=last_day)
    return program


def locations_in(program: Program) -> list[Location]:
    """Where it runs, by name."""
    rows = Enrollment.objects.filter(program=program, until_on__isnull=True).select_related("location")
    return sorted((row.location for row in rows), key=lambda one: one.name)


def _own() -> QuerySet[Program]:
    return Program.objects.filter(retailer__isnull=False)


def _locked(program: Program) -> Program:
    row: Program = _own().select_for_update().get(pk=program.pk)
    return row
