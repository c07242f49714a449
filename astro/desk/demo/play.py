"""Playing the story: everything is made by the actions that tills and offices use, at the moment it is told for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from astro.accounts.actions import add_user, enroll_device, give_membership
from astro.accounts.models import Device, Membership, Role, User
from astro.catalog.actions import add_brand, add_distributor, add_product, set_price
from astro.catalog.models import Brand, Distributor, Product
from astro.checkout.actions import record_visit
from astro.checkout.basket import read_basket
from astro.customers.actions import add_customer, add_practice_customer, give_code
from astro.customers.models import CodeKind, Customer
from astro.desk.demo import story
from astro.desk.demo.shelf import Item, chosen, read_shelf, read_table
from astro.programs.actions import NewCard, enroll, publish_program
from astro.programs.models import Program
from astro.programs.rules import RuleOfCard
from astro.tenancy.current import platform, retailer
from astro.tenancy.models import Location, Retailer

Step = Callable[[str], None]
"""Told after each thing that was made, with the stage that it belongs to."""

PRICES_KNOWN_SINCE = timedelta(days=60)
PRICES_RISE_AFTER = (90, 300)
PIECE = 100
"""Visits in one transaction, where not everything is in one."""
AT_THE_COUNTER = 0.8
"""How often it is a cashier, where a store has one, who rings up."""


class State(StrEnum):
    """What an installation holds."""

    EMPTY = "empty"
    PART = "part"
    DEMO = "demo"
    REAL = "real"


def state() -> State:
    """Whether the demo may be played here. Any retailer that is not the demo's makes the data real."""
    stores = read_table("stores.toml")
    there = set(Retailer.objects.values_list("name", flat=True))
    if there - {store["name"] for store in stores["retailer"]}:
        return State.REAL
    people = [person for store in stores["retailer"] for person in store["person"]]
    if Membership.objects.count() == len(people):  # the last thing that is made
        return State.DEMO
    return State.PART if there or Distributor.objects.filter(name__in=stores["distributors"]).exists() else State.EMPTY


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
class Script:
    """Everything that will be played, made up before the first row is written."""

    seed: str
    until: date
    now: datetime
    shelf: list[Item]
    stores: Mapping[str, Any]
    programs: Mapping[str, Any]
    customers: dict[str, list[story.Shopper]]

    @property
    def begin(self) -> date:
        return self.until - timedelta(days=story.DAYS)

    @property
    def steps(self) -> int:
        """How often `Step` will be called."""
        told = sum(len(shopper.visits) + 1 for people in self.customers.values() for shopper in people)
        return len(self.shelf) + len(self.programs["program"]) + told


def write_script(*, seed: str, until: date, now: datetime, share: float = 1.0) -> Script:
    """The whole story of both stores up to that day and moment. `share` below 1 is for tests."""
    shelf, stores = read_shelf(), read_table("stores.toml")
    names, tastes = read_table("names.toml"), read_table("tastes.toml")
    customers = {
        store["name"]: story.tell(
            story.Tables(store, names, tastes, [item for item in shelf if item.store in ("", store["name"])]),
            seed=seed,
            until=until,
            now=now,
            share=share,
        )
        for store in stores["retailer"]
    }
    return Script(seed, until, now, shelf, stores, read_table("programs.toml"), customers)


def play(script: Script, *, step: Step) -> None:
    """All of it. Where it breaks off, SQLite has nothing of it, and PostgreSQL a part that `state` knows as one.

    PostgreSQL keeps every row lock of every savepoint until the transaction ends, so in a single one the last visits
    would take three times as long as the first. There it goes in pieces.
    """
    with transaction.atomic() if connection.vendor == "sqlite" else nullcontext():
        with transaction.atomic(), platform("the demo's brands, products and programs are everyone's"):
            shared = _stock_everyones(script, step)
        for store in script.stores["retailer"]:
            _play_store(script, store, shared, step)
        _hand_over_keys(script)


def _stock_everyones(script: Script, step: Step) -> Shared:
    distributors = {
        name: add_distributor(
            name, serves=_regions(row["serves"]), needs_account_number=row.get("needs_account_number", True)
        )
        for name, row in script.stores["distributors"].items()
    }
    shared = [item for item in script.shelf if not item.store]
    brands = {name: add_brand(name) for name in dict.fromkeys(item.brand for item in shared)}
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
    rng = _chance(script, "prices")
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
    shelf = [item for item in script.shelf if (item.brand, item.store) == (row.get("brand", ""), row.get("store", ""))]
    program = publish_program(
        row["title"],
        brand=brands.get(row.get("brand", "")),
        cards=[_card(card, shelf, products) for card in row["card"]],
        starts_on=script.until + timedelta(days=row["starts"]),
        ends_on=script.until + timedelta(days=row["ends"]) if "ends" in row else None,
        fulfilment=row.get("paid_by", "distributor"),
        carriers=[distributors[name] for name in row.get("carriers", [])],
        category=row["category"],
        description=row["about"],
        terms=row.get("terms", script.programs["terms"]).strip(),
        requires_email="email" in row.get("needs", []),
        requires_address="address" in row.get("needs", []),
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
        ),
        fills=[products[item.key] for item in chosen(shelf, **card["items"])],
        rewards=[products[item.key] for item in chosen(shelf, **card["rewards"])] if "rewards" in card else None,
        species=card.get("pet", ""),
        size=card.get("size", ""),
    )


def _play_store(script: Script, store: Mapping[str, Any], shared: Shared, step: Step) -> None:
    own = [item for item in script.shelf if item.store == store["name"]]
    opened = Retailer.objects.create(name=store["name"])
    with retailer(opened):
        with transaction.atomic():
            products = shared.products | _add_products(script, own, {}, store["name"], step)
            programs = shared.programs | {
                row["title"]: _publish(
                    script, row, products, brands={}, distributors={}, stage=store["name"], step=step
                )
                for row in script.programs["program"]
                if row.get("store") == store["name"]
            }
            shops = _open_shops(script, store)
            for row in store["location"]:
                _join(script, row, shops[row["name"]], shared.distributors, programs)
        _play_customers(script, store["name"], shops, products, step)


def _open_shops(script: Script, store: Mapping[str, Any]) -> dict[str, Shop]:
    locations = {
        row["name"]: Location.objects.create(
            **{key: row[key] for key in ("name", "street", "city", "region", "postcode", "phone", "time_zone")}
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
            enroll_device(name=name, at=locations[row["name"]], by=boss, now=_opening(script, row))[0]
            for name in row["tills"]
        ]
        people = tuple(dict.fromkeys([*here, boss]))
        shops[row["name"]] = Shop(locations[row["name"]], people, tuple(tills))
    return shops


def _opening(script: Script, location: Mapping[str, Any]) -> datetime:
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


def _play_customers(
    script: Script, store: str, shops: Mapping[str, Shop], products: Mapping[str, Product], step: Step
) -> None:
    """Everybody joins and comes back in the order of time."""
    rng = _chance(script, store)
    known: dict[int, Customer] = {}
    told = [
        (moment, number, visit)
        for number, shopper in enumerate(script.customers[store])
        for moment, visit in [(shopper.joined_at, None), *((visit.at, visit) for visit in shopper.visits)]
    ]
    told.sort(key=lambda row: row[:2])
    for start in range(0, len(told), PIECE):
        with transaction.atomic():
            for _moment, number, visit in told[start : start + PIECE]:
                shopper = script.customers[store][number]
                if visit is None:
                    known[number] = _welcome(shopper, shops[shopper.home])
                else:
                    _ring_up(known[number], visit, shops[visit.place], products, rng)
                step(store)


def _welcome(shopper: story.Shopper, shop: Shop) -> Customer:
    now = shopper.joined_at
    if shopper.is_practice:
        return add_practice_customer(now=now)
    person = shopper.person
    customer = add_customer(
        first_name=person.first_name,
        last_name=person.last_name,
        phone=person.phone,
        email=person.email,
        at=shop.location,
        by=shop.people[0],
        now=now,
    )
    for kind in shopper.codes:
        give_code(customer, kind=CodeKind(kind), now=now)
    return customer


def _ring_up(customer: Customer, visit: story.Visit, shop: Shop, products: Mapping[str, Product], rng: Random) -> None:
    told = {
        "key": str(visit.key),
        "occurred_at": visit.at.isoformat(),
        "lines": [
            {"key": str(line.key), "product_id": str(products[line.item.key].pk), "quantity": line.quantity}
            for line in visit.lines
        ],
    }
    record_visit(
        customer,
        read_basket(told, customer_id=customer.pk),
        at=shop.location,
        by=shop.people[0] if rng.random() < AT_THE_COUNTER else rng.choice(shop.people),
        device_id=rng.choice(shop.tills).pk,
        now=visit.at + timedelta(seconds=rng.randrange(1, 4)),
    )


@transaction.atomic
def _hand_over_keys(script: Script) -> None:
    """Let the people in, last of all: whoever can sign in finds everything there."""
    for store in script.stores["retailer"]:
        opened = Retailer.objects.get(name=store["name"])
        with retailer(opened):
            locations = {place.name: place for place in Location.objects.all()}
        for row in store["person"]:
            give_membership(
                User.objects.get_by_natural_key(row.get("email") or row["user_name"]),
                role=Role(row["role"]),
                retailer=opened,
                location=locations.get(row.get("location", "")),
                is_billing_contact=row.get("is_billing_contact", False),
                now=_opening(script, store["location"][0]),
            )


def _chance(script: Script, what: str) -> Random:
    return Random(f"{script.seed}/{what}/played")  # noqa: S311 - to be told again, not to be secret
