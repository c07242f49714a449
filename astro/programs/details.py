"""Everything that the page of one program shows, and its list of products. A constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from astro.accounts.models import User
from astro.catalog.models import Barcode
from astro.catalog.queries import prices_on, valid_on
from astro.kit.money import format_cents
from astro.programs.enrolling.applying import standing_applications
from astro.programs.joining import can_stay
from astro.programs.models import (
    Application,
    CardRule,
    Enrollment,
    Fulfilment,
    Program,
    ProgramCard,
    ProgramItem,
    ProgramVersion,
)
from astro.programs.queries import rule_of
from astro.programs.rules import version_in_force
from astro.programs.wording import explanation, sentence
from astro.tenancy.models import Location


@dataclass(frozen=True, slots=True)
class Item:
    """A product on a card, as it stands on the day."""

    product_id: int
    name: str
    brand: str
    size: str
    pet: str
    codes: tuple[str, ...]
    msrp_cents: int | None
    fills: bool
    is_reward: bool


@dataclass(frozen=True, slots=True)
class CardPart:
    """A program card with its rule and its products."""

    card: ProgramCard
    rule: str
    explanation: list[str]
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Place:
    """A location and how it takes part. `last_day` only while it still counts; `application` where one waits for the
    brand or was denied."""

    location: Location
    enrollment: Enrollment | None
    last_day: date | None
    application: Application | None = None

    @property
    def is_in_holding(self) -> bool:
        """Whether rewards wait there until a distributor is chosen."""
        return (
            self.enrollment is not None
            and self.enrollment.distributor_id is None
            and self.enrollment.program.fulfilment == Fulfilment.DISTRIBUTOR
        )


def version_on(program: Program, *, day: date) -> ProgramVersion:
    """The version that holds on that day, or the first of a program that begins later."""
    versions = list(program.versions.all())
    return version_in_force(versions, day) or versions[0]


def cards_of(version: ProgramVersion, *, currency: str, day: date) -> list[CardPart]:
    """The cards of a version with their products, codes and prices of the day. Four queries."""
    rules: Sequence[CardRule] = list(
        version.rules.select_related("program_card").order_by("program_card__position", "program_card__title", "id")
    )
    money = partial(format_cents, currency=currency)
    items: dict[int, list[Item]] = defaultdict(list)
    for card_id, item in _items([rule.program_card_id for rule in rules], currency=currency, day=day):
        items[card_id].append(item)
    return [
        CardPart(
            rule.program_card,
            sentence(made := rule_of(rule), money=money),
            explanation(made, money=money),
            items[rule.program_card_id],
        )
        for rule in rules
    ]


def places(program: Program, *, locations: Sequence[Location], today: date) -> list[Place]:
    """Each of the locations: running, leaving today, applied, or not enrolled. Three queries at most."""
    rows = Enrollment.objects.filter(program=program, location__in=[row.pk for row in locations])
    running: dict[int, Enrollment] = {}
    leaving: dict[int, date] = {}
    for row in rows.select_related("distributor", "program", "enrolled_by"):
        if row.until_on is None:
            running[row.location_id] = row
        elif row.until_on >= max(today, row.from_on):
            leaving[row.location_id] = row.until_on
    applied = standing_applications([program.pk] if program.is_private else [], locations=locations)
    return [
        Place(row, running.get(row.pk), leaving.get(row.pk), applied.get((program.pk, row.pk))) for row in locations
    ]


def left_just_now(program: Program, *, locations: Sequence[Location], by: User, now: datetime) -> list[Enrollment]:
    """The enrollments of the locations that this person ended and can still undo, by location. Two queries at most."""
    rows = Enrollment.objects.filter(program=program, location__in=[row.pk for row in locations], left_by=by)
    return can_stay(rows.select_related("location").order_by("location__name"), now=now)


def changes_of(enrollment: Enrollment) -> list[Enrollment]:
    """Who paid at this location for this program, from when to when and by whose word, the newest first. One query."""
    rows = Enrollment.objects.filter(location=enrollment.location_id, program=enrollment.program_id)
    return list(rows.select_related("distributor", "enrolled_by", "left_by").order_by("-enrolled_at", "-id"))


def _items(card_ids: Sequence[int], *, currency: str, day: date) -> Iterator[tuple[int, Item]]:
    rows = list(
        ProgramItem.objects.filter(valid_on(day), program_card__in=card_ids)
        .select_related("product__brand")
        .order_by("product__name", "product__size", "id")
    )
    products = {row.product_id for row in rows}
    prices = prices_on(products, currency=currency, day=day)
    codes: dict[int, list[str]] = defaultdict(list)
    living = Barcode.objects.filter(valid_on(day), product_id__in=products).order_by("-id")
    for product_id, gtin in living.values_list("product_id", "gtin"):
        codes[product_id].append(gtin)
    for row in rows:
        yield (
            row.program_card_id,
            Item(
                product_id=row.product_id,
                name=row.product.name,
                brand=row.product.brand.name if row.product.brand else "",
                size=row.product.size,
                pet=row.product.get_species_display(),
                codes=tuple(codes[row.product_id]),
                msrp_cents=prices.get(row.product_id),
                fills=row.fills,
                is_reward=row.is_reward,
            ),
        )
