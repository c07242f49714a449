"""Setting the stage: what is everyone's, and the stores with their people, tills and programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from astro.accounts.actions import add_user, enroll_device
from astro.accounts.models import Device, User
from astro.catalog.actions import add_brand, add_distributor, add_product, set_price
from astro.catalog.models import Brand, Distributor, Product
from astro.checkout.fields.actions import FieldTerms, add_field
from astro.checkout.models import LONGEST_ANSWER, FieldKind
from astro.customers.actions import add_tag
from astro.desk.demo import story
from astro.desk.demo.returning import BRAND, take_part
from astro.desk.demo.script import Script, items_of
from astro.desk.demo.shelf import Item, chosen, read_table
from astro.programs.actions import NewCard, enroll, publish_program
from astro.programs.models import Kind, Program
from astro.programs.rules import RuleOfCard
from astro.tenancy.models import Location

Step = Callable[[str], None]
"""Told after each thing that was made, with the stage that it belongs to."""

PRICES_KNOWN_SINCE = timedelta(days=60)
PRICES_RISE_AFTER = (90, 300)


@dataclass(frozen=True, slots=True)
class Shared:
    """What is everyone's, by the names of the tables."""

    distributors: dict[str, Distributor]
    products: dict[str, Product]
    programs: dict[str, Program]


@dataclass(frozen=True, slots=True)
class Shop:
    """A location with who works there and its tills."""

    location: Location
    people: tuple[User, ...]
    tills: tuple[Device, ...]


@dataclass(frozen=True, slots=True)
class Store:
    """A retailer's shops and all products on its shelf, by name."""

    shops: dict[str, Shop]
    products: dict[str, Product]


def stock_everyones(script: Script, step: Step) -> Shared:
    distributors = {
        name: add_distributor(
            name, serves=_regions(row["serves"]), needs_account_number=row.get("needs_account_number", True)
        )
        for name, row in script.stores["distributors"].items()
    }
    shared = [item for item in script.shelf if not item.store]
    brands = {name: add_brand(name) for name in dict.fromkeys(item.brand for item in shared)}
    take_part(script, brands[BRAND])
    products = _add_products(script, shared, brands, _("Brands and products"), step)
    programs = {
        row["title"]: _publish(
            script, row, products, brands=brands, distributors=distributors, stage=_("Programs"), step=step
        )
        for row in script.programs["program"]
        if "store" not in row
    }
    return Shared(distributors, products, programs)


def _regions(rows: Sequence[str]) -> Iterator[tuple[str, str]]:
    for row in rows:
        country, regions = row.split(":")
        for region in regions.split():
            yield country, region


def _add_products(
    script: Script, items: Sequence[Item], brands: Mapping[str, Brand], stage: str, step: Step
) -> dict[str, Product]:
    rng = script.chance("prices")
    products = {}
    for item in items:
        products[item.key] = add_product(
            item.name,
            brand=brands.get(item.brand),
            size=item.size,
            species=item.pet,
            category=item.category,
            gtins=[item.gtin],
            prices={"USD": item.cents},
            from_on=script.begin - PRICES_KNOWN_SINCE,
        )
        if item.raised_cents is not None:
            rises_on = script.begin + timedelta(days=rng.randint(*PRICES_RISE_AFTER))
            set_price(products[item.key], currency="USD", msrp_cents=item.raised_cents, from_on=rises_on)
        step(stage)
    return products


def _publish(
    script: Script,
    row: Mapping[str, Any],
    products: Mapping[str, Product],
    *,
    brands: Mapping[str, Brand],
    distributors: Mapping[str, Distributor],
    stage: str,
    step: Step,
) -> Program:
    shelf = items_of(script.shelf, row)
    program = publish_program(
        row["title"],
        brand=brands.get(row.get("brand", "")),
        cards=[_card(card, shelf, products) for card in row["card"]],
        starts_on=script.first_day(row),
        ends_on=script.last_day(row),
        fulfilment=row.get("paid_by", "distributor"),
        carriers=[distributors[name] for name in row.get("carriers", [])],
        category=row["category"],
        description=row["about"],
        terms=row.get("terms", script.programs["terms"]).strip(),
        requires_email="email" in row.get("needs", []),
        requires_address="address" in row.get("needs", []),
        kind=row.get("kind", Kind.FREQUENT_BUYER),
    )
    step(stage)
    return program


def _card(card: Mapping[str, Any], shelf: Sequence[Item], products: Mapping[str, Product]) -> NewCard:
    rule = card["rule"]
    return NewCard(
        title=card["title"],
        rule=RuleOfCard(
            rule["buy"],
            choice=rule.get("choice", "any"),
            value_limit=rule.get("value", "none"),
            expiry_months=rule.get("months"),
            piles=rule.get("piles", "one"),
            most=rule.get("most"),
            monthly=rule.get("monthly"),
            gives="money" if "off" in rule else "item",
            gift_cents=rule.get("off"),
        ),
        fills=[products[item.key] for item in chosen(shelf, **card["items"])],
        rewards=[products[item.key] for item in chosen(shelf, **card["rewards"])] if "rewards" in card else None,
        species=card.get("pet", ""),
        size=card.get("size", ""),
    )


def open_store(script: Script, store: Mapping[str, Any], shared: Shared, step: Step) -> Store:
    """The current retailer's own products and programs, its shops, and what they are enrolled in."""
    own = [item for item in script.shelf if item.store == store["name"]]
    products = shared.products | _add_products(script, own, {}, store["name"], step)
    programs = shared.programs | {
        row["title"]: _publish(script, row, products, brands={}, distributors={}, stage=store["name"], step=step)
        for row in script.programs["program"]
        if row.get("store") == store["name"]
    }
    shops = _open_shops(script, store)
    for row in store["location"]:
        _join(script, row, shops[row["name"]], shared.distributors, programs)
    _ask_besides(store, shops, now=opening(script, store["location"][0]))
    for label in read_table("pets.toml")["tags"]:
        add_tag(label, now=opening(script, store["location"][0]))
    return Store(shops, products)


def _ask_besides(store: Mapping[str, Any], shops: Mapping[str, Shop], *, now: datetime) -> None:
    """What its till asks at Check Out. Nobody must answer: the year that is played has no answers."""
    first = next(iter(shops.values()))
    for row in store.get("field", []):
        terms = FieldTerms(
            label=row["label"],
            kind=FieldKind(row["kind"]),
            longest=row.get("longest", LONGEST_ANSWER),
            options=tuple(row.get("options", [])),
            places=frozenset({shops[row["at"]].location.pk}) if "at" in row else None,
        )
        add_field(terms, by=None, at=first.location, now=now)


def _open_shops(script: Script, store: Mapping[str, Any]) -> dict[str, Shop]:
    locations = {
        row["name"]: Location.objects.create(
            **{key: row[key] for key in ("name", "street", "city", "region", "postcode", "phone", "time_zone")},
            **{key: row[key] for key in ("store_name", "email", "is_primary") if key in row},
        )
        for row in store["location"]
    }
    users = {
        row["name"]: add_user(
            name=row["name"],
            email=row.get("email"),
            user_name=row.get("user_name"),
            password=script.stores["password"],
        )
        for row in store["person"]
    }
    boss = next(iter(users.values()))
    shops = {}
    for row in store["location"]:
        here = [users[person["name"]] for person in store["person"] if person.get("location") == row["name"]]
        tills = [
            enroll_device(name=name, at=locations[row["name"]], by=boss, now=opening(script, row))[0]
            for name in row["tills"]
        ]
        people = tuple(dict.fromkeys([*here, boss]))
        shops[row["name"]] = Shop(locations[row["name"]], people, tuple(tills))
    return shops


def opening(script: Script, location: Mapping[str, Any]) -> datetime:
    """The morning of the first day, before the first customer."""
    return story.Place.read(location).hours(script.begin)[0] - timedelta(hours=1)


def _join(
    script: Script,
    row: Mapping[str, Any],
    shop: Shop,
    distributors: Mapping[str, Distributor],
    programs: Mapping[str, Program],
) -> None:
    """Enroll a location in its programs, in those that began later on their first day."""
    place = story.Place.read(row)
    for title, name in row["enrolled"].items():
        program = programs[title]
        first_day = max(script.begin, program.starts_on)
        enroll(
            shop.location,
            program=program,
            distributor=distributors.get(name),
            account_number=row["accounts"].get(name, ""),
            by=shop.people[-1],
            now=place.hours(first_day)[0] - timedelta(minutes=30),
        )
