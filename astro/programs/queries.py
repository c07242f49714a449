"""What a location is enrolled in on a day, and everything the till needs to know of it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum

from astro.catalog.models import Barcode, Price, Product
from astro.catalog.queries import all_prices_on, valid_on
from astro.programs.audience import Audience, is_for
from astro.programs.inclusion import enrollments_beyond as enrollments_beyond
from astro.programs.models import (
    CardRule,
    Enrollment,
    Fulfilment,
    Program,
    ProgramCard,
    ProgramItem,
    ProgramPicture,
    ProgramVersion,
)
from astro.programs.rules import RULE_COLUMNS, RuleOfCard, is_counting, rule_from, version_in_force
from astro.tenancy.models import Location

PRIME = 2_147_483_647
FORMAT = 2
"""Of the catalogue: a till that has one of another format fetches it anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FillingCard:
    """A program card that counts at a location on a day, with the rule in force: buy `buy`, get `get`."""

    program_card_id: int
    rule_id: int
    program_id: int
    title: str
    brand: str
    buy: int
    get: int
    rule: RuleOfCard
    opens: bool = False
    """Whether the product that was asked for pays for a prepaid card, rather than fills it."""
    audience: Audience = "everyone"
    brand_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledCard(FillingCard):
    """The same with the products that fill it."""

    product_ids: tuple[int, ...]

    @property
    def need(self) -> int:
        return self.buy


@dataclass(frozen=True, slots=True)
class _Rule:
    number: int
    from_on: date
    card: FillingCard


def enrollments_on(day: date) -> QuerySet[Enrollment]:
    """The enrollments of the current retailer that count on that day: none of a program that has ended for everyone."""
    is_running = Q(program__ends_on__isnull=True) | Q(program__ends_on__gte=day)
    return Enrollment.objects.filter(is_running, Q(until_on__isnull=True) | Q(until_on__gte=day), from_on__lte=day)


def held_enrollments(locations: Iterable[Location], *, day: date) -> QuerySet[Enrollment]:
    """What runs at these locations in Temporary Holding: a distributor is to pay, and none is chosen."""
    is_running = Q(program__ends_on__isnull=True) | Q(program__ends_on__gte=day)
    rows = Enrollment.objects.filter(
        is_running,
        location__in=[row.pk for row in locations],
        until_on__isnull=True,
        distributor__isnull=True,
        program__fulfilment=Fulfilment.DISTRIBUTOR,
    )
    return rows.select_related("program", "location").order_by("program__title", "location__name", "id")


def programs_open_on(day: date) -> QuerySet[Program]:
    """The programs in the retailer's reach that run on that day, joined or not."""
    return Program.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)


def enrollment_for_redemption(location: Location, *, program_id: int, day: date) -> Enrollment | None:
    """Under which enrollment a reward is settled: the one of that day, or else the last that the location had.

    None where the location never took part: the reward was earned at another one.
    """
    rows = Enrollment.objects.filter(location=location, program=program_id, from_on__lte=day)
    began = [row for row in rows.order_by("-from_on", "-id") if row.until_on is None or row.until_on >= row.from_on]
    return next((row for row in began if is_counting(row, day)), began[0] if began else None)


def enrolled_programs(location: Location, *, day: date) -> QuerySet:
    """The ids of the programs that count there on that day, to be used inside another query."""
    return enrollments_on(day).filter(location=location).values("program_id")


def enrolled_on(location: Location, *, day: date) -> list[EnrolledCard]:
    """The cards that fill at this location on that day, with rule and products. Two queries."""
    programs = enrolled_programs(location, day=day)
    products: dict[int, list[int]] = defaultdict(list)
    items = ProgramItem.objects.filter(valid_on(day), fills=True, program_card__program__in=programs)
    for card_id, product_id in items.order_by("product_id").values_list("program_card_id", "product_id"):
        products[card_id].append(product_id)
    return [
        EnrolledCard(
            program_card_id=card.program_card_id,
            rule_id=card.rule_id,
            program_id=card.program_id,
            title=card.title,
            brand=card.brand,
            buy=card.buy,
            get=card.get,
            rule=card.rule,
            audience=card.audience,
            brand_id=card.brand_id,
            product_ids=tuple(products[card.program_card_id]),
        )
        for card in _cards_in_force(programs, location=location, day=day)
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """What becomes of customers' cards of a program card on a day. `ended_on`: over for everyone since that day.
    `is_frozen`: nobody takes part here, so it takes no punch until somebody does again; what was earned is given.
    `has_versions`: its rules changed, or will: cards may run under different ones."""

    ended_on: date | None
    is_frozen: bool
    has_versions: bool = False
    about: str = ""
    picture_id: int | None = None
    """What a program of the store's own says in a few words, and its `ProgramPicture`."""
    audience: Audience = "everyone"

    def turns_away(self, kind: str) -> bool:
        """Whether it takes no punch of a customer of this kind, whatever their numbers."""
        return not is_for(self.audience, kind)


def standing_on(program_card_ids: Iterable[int], *, day: date, location: Location | None = None) -> dict[int, Standing]:
    """How these program cards stand at the location, or without one at any location of the retailer. One query."""
    running = enrollments_on(day).filter(program=OuterRef("program"))
    if location is not None:
        running = running.filter(location=location)
    others = ProgramVersion.objects.filter(program=OuterRef("program"), number__gt=1)
    picture = ProgramPicture.objects.filter(program=OuterRef("program")).values("pk")[:1]
    rows = ProgramCard.objects.filter(pk__in=set(program_card_ids)).annotate(
        is_running=Exists(running), has_versions=Exists(others), picture_id=Subquery(picture)
    )
    told = ("retailer", "program__ends_on", "program__description", "program__audience")
    columns = ("pk", *told, "is_running", "has_versions", "picture_id")
    found = {}
    for pk, owner, ends_on, about, audience, is_running, has_versions, picture_id in rows.values_list(*columns):
        has_ended = ends_on is not None and ends_on < day
        found[pk] = Standing(
            ended_on=ends_on if has_ended else None,
            is_frozen=not is_running and not has_ended,
            has_versions=has_versions,
            about=about if owner else "",
            picture_id=picture_id,
            audience=audience,
        )
    return found


def cards_filled_by(product_ids: Collection[int], *, location: Location, day: date) -> dict[int, list[FillingCard]]:
    """The cards that each of these products fills there on that day. Products that fill none are left out."""
    programs = enrolled_programs(location, day=day)
    items = ProgramItem.objects.filter(
        valid_on(day), fills=True, product_id__in=list(product_ids), program_card__program__in=programs
    )
    pairs = list(items.values_list("product_id", "program_card_id", "program_card__program_id", "opens"))
    wanted = {program_id for _product, _card, program_id, _opens in pairs}
    if not wanted:
        return {}
    filled: dict[int, list[FillingCard]] = defaultdict(list)
    for card in _cards_in_force(wanted, location=location, day=day):
        for product_id, card_id, _program, opens in pairs:
            if card_id == card.program_card_id:
                filled[product_id].append(replace(card, opens=True) if opens else card)
    return dict(filled)


def card_in_force(program_card_id: int, *, location: Location, day: date) -> FillingCard | None:
    """One program card with the rule that holds on that day, whoever is enrolled; None where it has none then."""
    programs = ProgramCard.objects.filter(pk=program_card_id).values_list("program_id", flat=True)
    cards = _cards_in_force(list(programs), location=location, day=day)
    return next((card for card in cards if card.program_card_id == program_card_id), None)


def catalogue(location: Location, *, day: date) -> dict[str, Any]:
    """All that the till knows without asking: products, their codes, and the cards they fill. Ids are strings.

    Products of no enrolled program are there with no cards, so that the till can name what was scanned; `missed` names
    the program that would take it if the location joined; `asks_paid`: a cash-back card asks what was paid for it.
    """
    cards = enrolled_on(location, day=day)
    fills: dict[int, list[str]] = defaultdict(list)
    for card in cards:
        for product_id in card.product_ids:
            fills[product_id].append(str(card.program_card_id))
    missed = _missed(fills, day=day)
    asking = {pk for card in cards if card.rule.gives == "back" for pk in card.product_ids}
    prices = all_prices_on(currency=location.retailer.currency, day=day)
    rows = Product.objects.filter(retired_at__isnull=True).values_list("id", "name", "size", "brand__name")
    products = {
        str(pk): {
            "name": name,
            "brand": brand or "",
            "size": size,
            "msrp_cents": prices.get(pk),
            "cards": fills[pk],
            **({"missed": str(missed[pk])} if pk in missed else {}),
            **({"asks_paid": True} if pk in asking else {}),
        }
        for pk, name, size, brand in rows.order_by("id")
    }
    programs = Program.objects.filter(pk__in={card.program_id for card in cards} | set(missed.values()))
    return {
        "version": catalogue_version(location, day=day),
        "products": products,
        "codes": {gtin: str(pk) for gtin, pk in _codes(day) if str(pk) in products},
        "cards": {
            str(card.program_card_id): {
                "title": card.title,
                "brand": card.brand,
                "need": card.need,
                "program": str(card.program_id),
                **({"is_brief": True} if card.rule.is_brief else {}),
            }
            for card in cards
        },
        "programs": {str(pk): title for pk, title in programs.order_by("title", "id").values_list("id", "title")},
    }


def catalogue_version(location: Location, *, day: date) -> str:
    """A short text that changes when what `catalogue` would say for that day changes, made without building it.

    Each table is summed up by how many rows hold on the day and which they are. Rows are never edited but for their
    last day; whoever adds an action that rewrites a product's name must add what tells the difference here.
    """
    marks = [
        _mark(enrollments_on(day).filter(location=location), "program_id"),
        _mark(programs_open_on(day), "id", "revision"),
        _mark(CardRule.objects.filter(version__from_on__lte=day)),
        _mark(ProgramItem.objects.filter(valid_on(day), fills=True)),
        _mark(Product.objects.filter(retired_at__isnull=True)),
        _mark(Barcode.objects.filter(valid_on(day))),
        _mark(Price.objects.filter(from_on__lte=day)),
    ]
    return hashlib.sha256(repr((FORMAT, location.pk, marks)).encode()).hexdigest()[:32]


def rules_in_force(program_ids: Collection[int], *, day: date) -> dict[int, list[RuleOfCard]]:
    """The rules of the cards of these programs, by program id. A program that starts later shows its first rules."""
    found: dict[int, list[_Rule]] = defaultdict(list)
    for rule in _rules(CardRule.objects.filter(version__program__in=list(program_ids))):
        found[rule.card.program_id].append(rule)
    return {
        program_id: [card.rule for card in _newest(rules, max(day, min(rule.from_on for rule in rules)))]
        for program_id, rules in found.items()
    }


def rule_of(row: CardRule) -> RuleOfCard:
    return rule_from([getattr(row, name) for name in RULE_COLUMNS])


def _cards_in_force(programs: QuerySet | Collection[int], *, location: Location, day: date) -> list[FillingCard]:
    """The cards of these programs under the version that holds on that day, in the order of the programs' titles."""
    found: dict[int, list[_Rule]] = defaultdict(list)
    for rule in _rules(CardRule.objects.filter(version__program__in=programs, version__from_on__lte=day)):
        found[rule.card.program_id].append(rule)
    cards = [card for rules in found.values() for card in _newest(rules, day)]
    return [card if card.brand else replace(card, brand=location.retailer.name) for card in cards]


def _rules(rows: QuerySet[CardRule]) -> Iterator[_Rule]:
    """In the order of the programs' titles and of their cards. The brand of a store's own program is empty."""
    ordered = rows.order_by("version__program__title", "program_card__position", "program_card__title", "id")
    for (
        number,
        from_on,
        program_id,
        brand,
        brand_id,
        audience,
        card_id,
        title,
        rule_id,
        *columns,
    ) in ordered.values_list(
        "version__number",
        "version__from_on",
        "version__program_id",
        "version__program__brand__name",
        "version__program__brand_id",
        "version__program__audience",
        "program_card_id",
        "program_card__title",
        "id",
        *RULE_COLUMNS,
    ):
        rule = rule_from(columns)
        card = FillingCard(
            program_card_id=card_id,
            rule_id=rule_id,
            program_id=program_id,
            title=title,
            brand=brand or "",
            buy=rule.buy,
            get=rule.get,
            rule=rule,
            audience=audience,
            brand_id=brand_id,
        )
        yield _Rule(number, from_on, card)


def _newest(rules: list[_Rule], day: date) -> list[FillingCard]:
    holding = version_in_force(rules, day)
    return [rule.card for rule in rules if holding is not None and rule.number == holding.number]


def _missed(filling: Collection[int], *, day: date) -> dict[int, int]:
    """The program that takes a product and is not joined here, by product id. `filling`: what fills a card anyway."""
    items = ProgramItem.objects.filter(
        valid_on(day), fills=True, program_card__program__in=programs_open_on(day).values("id")
    )
    rows = items.order_by("-program_card__program__title", "-program_card__program_id")
    pairs = rows.values_list("product_id", "program_card__program_id")
    return {product_id: program_id for product_id, program_id in pairs if product_id not in filling}


def _codes(day: date) -> Iterable[tuple[str, int]]:
    """Codes and products; a store's own come last, so that they win where both carry the code."""
    rows = Barcode.objects.filter(valid_on(day)).order_by(F("retailer_id").asc(nulls_first=True), "id")
    return rows.values_list("gtin", "product_id")


def _mark(rows: QuerySet[Any], *names: str) -> tuple[int, ...]:
    sums = {f"of_{name}": Sum(F(name) % PRIME) for name in names or ("id",)}
    found = rows.aggregate(count=Count("id"), **sums)
    return found["count"], *(int(found[name] or 0) for name in sums)
