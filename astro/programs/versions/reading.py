"""Which versions a program has, from when to when, and under which one a card runs. Only reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from astro.kit.clock import day_at
from astro.programs.models import (
    CardRule,
    Enrollment,
    Program,
    ProgramCard,
    ProgramVersion,
    VersionNotice,
)
from astro.programs.queries import Standing, rule_of
from astro.programs.rules import RULE_COLUMNS, RuleOfCard, rule_from, version_in_force
from astro.programs.wording import Money, sentence, short
from astro.tenancy.current import across_retailers
from astro.tenancy.middleware import reading
from astro.tenancy.models import Location

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ShownRule:
    """What one card asks and gives under a version. `is_new`: otherwise than under the version before."""

    card: ProgramCard
    words: str
    is_new: bool
    takes_over: bool


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version as a page shows it. `until_on`: its last day, None while no other one follows. One that another
    one follows on the same day never held: `is_skipped`."""

    version: ProgramVersion
    rules: list[ShownRule]
    until_on: date | None
    is_begun: bool
    holds: bool
    is_skipped: bool
    reason: str
    may_be_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """One that was announced and never came. `announced`: why it was to come."""

    notice: VersionNotice
    rules: list[str]


@dataclass(frozen=True, slots=True)
class _Standing:
    """A card's rule under a version."""

    number: int
    from_on: date
    rule_id: int
    rule: RuleOfCard


def first_day(now: datetime) -> date:
    """The first day that has begun at no store, by the stores' own clocks. One query over all of them."""
    with across_retailers("on which day no store's day has begun"), reading():
        zones = set(Location.objects.order_by().values_list("time_zone", flat=True).distinct())
    return max((day_at(now, zone) for zone in zones), default=now.date()) + ONE_DAY


def touched_by(program: Program, *, from_on: date) -> tuple[int, int]:
    """How many stores, and how many of their locations, take part on that day or join later. Without names."""
    with across_retailers("how many stores a new version touches"), reading():
        rows = Enrollment.objects.filter(Q(until_on__isnull=True) | Q(until_on__gte=from_on), program=program)
        found = rows.aggregate(
            stores=Count("retailer_id", distinct=True), locations=Count("location_id", distinct=True)
        )
    return found["stores"], found["locations"]


def changing_programs() -> QuerySet[Program]:
    """Everyone's programs with `versions_count` and their brand, to be searched and sorted."""
    rows: QuerySet[Program] = Program.objects.filter(retailer__isnull=True).select_related("brand")
    return rows.annotate(versions_count=Count("versions"))


def with_coming(programs: Iterable[Program], *, day: date) -> dict[int, date]:
    """The day from which the next version of each program holds, by its id; those with none to come are left out."""
    rows = ProgramVersion.objects.filter(program__in=[row.pk for row in programs], from_on__gt=day, number__gt=1)
    found: dict[int, date] = {}
    for program_id, from_on in rows.order_by("-from_on").values_list("program_id", "from_on"):
        found[program_id] = from_on
    return found


def versions_of(program: Program, *, day: date, money: Money, earliest: date | None = None) -> list[ShownVersion]:
    """All versions, the newest first, as they stand on that day. The last one may be withdrawn where it begins on
    `earliest` or later. Four queries."""
    rows = list(program.versions.prefetch_related("rules__program_card").order_by("from_on", "number"))
    reasons = dict(
        VersionNotice.objects.filter(program=program, is_withdrawal=False)
        .order_by("at", "id")
        .values_list("number", "reason")
    )  # a number that was withdrawn is given again: the last word on it holds
    holding = version_in_force(rows, day)
    shown = []
    before: dict[int, RuleOfCard] = {}
    for place, row in enumerate(rows):
        rules = {one.program_card: rule_of(one) for one in _sorted(row.rules.all())}
        follows = rows[place + 1] if place + 1 < len(rows) else None
        shown.append(
            ShownVersion(
                version=row,
                rules=[
                    ShownRule(
                        card=card,
                        words=sentence(rule, money=money),
                        is_new=card.pk not in before or not is_same(before[card.pk], rule),
                        takes_over=rule.takes_over,
                    )
                    for card, rule in rules.items()
                ],
                until_on=follows.from_on - ONE_DAY if follows else None,
                is_begun=row.from_on <= day,
                holds=row is holding,
                is_skipped=follows is not None and follows.from_on == row.from_on,
                reason=reasons.get(row.number, ""),
                may_be_withdrawn=follows is None
                and earliest is not None
                and row.number > 1
                and row.from_on >= earliest,
            )
        )
        before = {card.pk: rule for card, rule in rules.items()}
    return shown[::-1]


def withdrawn_of(program: Program, *, money: Money) -> list[Withdrawn]:
    """What was withdrawn before it began, the last first."""
    rows = VersionNotice.objects.filter(program=program, is_withdrawal=True).select_related("by")
    return [
        Withdrawn(
            row,
            [sentence(rule_from([one.get(name) for name in RULE_COLUMNS]), money=money) for one in row.rules.values()],
        )
        for row in rows.order_by("-at", "-id")
    ]


def last_rule(card: ProgramCard) -> RuleOfCard:
    """The rule of its last version, begun or not: what another version would change."""
    return rule_of(CardRule.objects.filter(program_card=card).order_by("-version__number")[0])


def is_same(one: RuleOfCard, other: RuleOfCard) -> bool:
    """Whether they ask and give the same, however the second one came."""
    return replace(one, takes_over=False) == replace(other, takes_over=False)


def under_which(
    cards: Iterable[tuple[int, int | None]], *, standing: Mapping[int, Standing], day: date, money: Money
) -> dict[tuple[int, int | None], str]:
    """What is to be told of cards in progress that do not simply run under the rule that holds and stays, by the ids
    of program card and rule. `standing`: how the program cards stand. One query where one has versions, else none."""
    asked = {pair for pair in cards if pair[1] is not None and standing[pair[0]].has_versions}
    if not asked:
        return {}
    rows = CardRule.objects.filter(program_card__in={pk for pk, _rule in asked}).select_related("version")
    by_card: dict[int, list[_Standing]] = defaultdict(list)
    for row in rows.order_by("version__number"):
        version = row.version
        by_card[row.program_card_id].append(_Standing(version.number, version.from_on, row.pk, rule_of(row)))
    return {pair: _told(by_card[pair[0]], pair[1], day=day, money=money) for pair in asked}


def _told(standing: list[_Standing], rule_id: int | None, *, day: date, money: Money) -> str:
    mine = next((one for one in standing if one.rule_id == rule_id), None)
    now = version_in_force(standing, day)
    if mine is None or now is None:
        return ""
    days = sorted({one.from_on for one in standing if one.from_on > day})
    coming = [one for later in days if (one := version_in_force(standing, later))]
    following = next((one for one in coming if not is_same(one.rule, now.rule)), None)
    said = []
    if not is_same(mine.rule, now.rule):
        said.append(_("Began under: %(rule)s.") % {"rule": short(mine.rule, money=money)})
        words = (
            _("From its next purchase on: %(rule)s.")
            if now.rule.takes_over
            else _("New cards since %(day)s: %(rule)s.")
        )
        said.append(words % {"rule": short(now.rule, money=money), "day": _day(now.from_on)})
    elif following:
        said.append(_("Began under: %(rule)s.") % {"rule": short(mine.rule, money=money)})
    if following:
        words = (
            _("From %(day)s on, with its next purchase: %(rule)s.")
            if following.rule.takes_over
            else _("New cards from %(day)s: %(rule)s.")
        )
        said.append(words % {"rule": short(following.rule, money=money), "day": _day(following.from_on)})
    return " ".join(said)


def _day(day: date) -> str:
    return date_format(day, "M j")


def _sorted(rules: Iterable[CardRule]) -> list[CardRule]:
    return sorted(rules, key=lambda row: (row.program_card.position, row.program_card.title, row.pk))
