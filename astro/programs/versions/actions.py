"""Publishing the next version of everyone's program in its brand's name, and withdrawing one that has not begun.

A version begins at each location when its own day does, so the first day to choose is one that has begun nowhere. What
has begun is never changed: another change is another version.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.kit.errors import DomainError
from astro.programs.actions import add_version
from astro.programs.models import CardRule, Program, ProgramCard, ProgramVersion, VersionNotice
from astro.programs.rules import RULE_COLUMNS, RuleOfCard
from astro.programs.versions.reading import first_day, is_same, last_rule
from astro.tenancy.current import platform

LONGEST_REASON = 200


def publish_version(
    card: ProgramCard, rule: RuleOfCard, *, from_on: date, reason: str, by: User, now: datetime
) -> ProgramVersion:
    """From that day on new cards begin under this rule; those in progress come under it where it `takes_over`. The
    other cards of the program keep their rules.

    Refuses a day that has begun at some store, one before the last change or after the program's end, a rule that
    changes nothing, one that sorts purchases otherwise or gives another kind of thing, and an empty reason.
    """
    earliest, reason = first_day(now), _checked(reason)
    with platform("a brand changes the rules of its program"), transaction.atomic():
        program = _locked(card.program_id)
        check_version(program, rule, last_rule(card), from_on=from_on, earliest=earliest)
        version = add_version(program, from_on=from_on, rules={card: rule})
        _note(version, is_withdrawal=False, reason=reason, by=by, now=now)
        return version


def check_version(program: Program, rule: RuleOfCard, last: RuleOfCard, *, from_on: date, earliest: date) -> None:
    """Everything that publishing refuses but the reason and the day of the last change."""
    if from_on < earliest:
        sentence = _("That day has begun at some store. Choose %(day)s or a later one.")
        raise DomainError(sentence % {"day": date_format(earliest)}, field="from_on")
    if program.ends_on is not None and program.ends_on < from_on:
        sentence = _("The program ends on %(day)s. Choose a day before.")
        raise DomainError(sentence % {"day": date_format(program.ends_on)}, field="from_on")
    if is_same(last, rule):
        raise DomainError(_("This is the rule that holds then anyway. Change something."), field="buy")
    if (rule.gives, rule.piles, rule.is_prepaid) != (last.gives, last.piles, last.is_prepaid):
        raise DomainError(_("That would be another card. Publish a program of its own for it."), field="buy")


def withdraw_version(version: ProgramVersion, *, reason: str, by: User, now: datetime) -> None:
    """It never comes: what holds before its day goes on. Refuses one that has begun at some store, and one that a later
    one builds on; that goes first. What is kept of it stands in its notices."""
    earliest, reason = first_day(now), _checked(reason)
    with platform("a brand withdraws a version that has not begun"), transaction.atomic():
        program = _locked(version.program_id)
        fresh = ProgramVersion.objects.filter(pk=version.pk).first()
        if fresh is None:
            raise DomainError(_("It was withdrawn already. Load the page again."), status=409)
        if fresh.number == 1 or fresh.from_on < earliest:
            raise DomainError(_("It has begun at some store. Publish another version instead."), status=409)
        if program.versions.filter(number__gt=fresh.number).exists():
            raise DomainError(_("A later version builds on it. Withdraw that one first."), status=409)
        _note(fresh, is_withdrawal=True, reason=reason, by=by, now=now)
        CardRule.objects.filter(version=fresh).delete()
        fresh.delete()


def _locked(program_id: int) -> Program:
    """Everyone's program, held until the end of the transaction."""
    row = Program.objects.select_for_update(no_key=True).filter(pk=program_id, retailer__isnull=True).first()
    if row is None:
        raise DomainError(_("There is no such program of a brand."), status=404)
    return row


def _checked(reason: str) -> str:
    words = " ".join(reason.split())[:LONGEST_REASON]
    if not words:
        raise DomainError(_("Say why in a few words: stores read it."), field="reason")
    return words


def _note(version: ProgramVersion, *, is_withdrawal: bool, reason: str, by: User, now: datetime) -> None:
    rules = {
        str(row.program_card_id): {name: getattr(row, name) for name in RULE_COLUMNS} for row in version.rules.all()
    }
    VersionNotice(
        program=version.program,
        number=version.number,
        from_on=version.from_on,
        is_withdrawal=is_withdrawal,
        rules=rules,
        reason=reason,
        by=by,
        at=now,
    ).save(force_insert=True)
