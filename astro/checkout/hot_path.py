"""The statements of a checkout that read before it writes, as plain SQL (see `kit/plain.py`): two of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError

from astro.checkout.basket import Basket
from astro.checkout.models import Visit
from astro.customers.models import Customer
from astro.kit import plain
from astro.kit.ids import MAX_ID
from astro.programs.queries import FillingCard
from astro.programs.rules import RULE_COLUMNS, rule_from, version_in_force
from astro.tenancy import current
from astro.tenancy.models import Location

_LOOK = """
select c.first_name, c.last_name, c.is_practice,
       (select v.id from checkout_visit v where v.retailer_id = c.retailer_id and v.key = %(key)s),
       (select count(*) from checkout_purchase p where p.retailer_id = c.retailer_id and p.key in {lines}),
       (select s.last_seen_at from customers_seenat s
        where s.retailer_id = c.retailer_id and s.customer_id = c.id and s.location_id = %(location)s),
       (select count(*) from checkout_checkoutfield f
        where f.retailer_id = c.retailer_id and f.for_visits and f.switched_off_at is null)
from customers_customer c
where c.retailer_id = %(retailer)s and c.id = %(customer)s and c.retired_at is null {lock}
"""

# What a planner weighs against each other are joins: few of them, the rest as values of a row, and it is done sooner.
_SHELF = """
select p.id, p.name, p.size,
       (select x.msrp_cents from catalog_price x
        where x.product_id = p.id and x.currency = %(currency)s and x.from_on <= %(day)s
          and (x.retailer_id is null or x.retailer_id = %(retailer)s)
        order by x.retailer_id is null, x.from_on desc limit 1),
       (select b.gtin from catalog_barcode b
        where b.product_id = p.id and b.until_on is null and (b.retailer_id is null or b.retailer_id = %(retailer)s)
        order by b.retailer_id is null, b.id desc limit 1),
       f.card_id, f.card_title, f.program_id, f.program_title, f.brand, f.brand_id, f.audience, f.opens,
       f.rule_id, f.number, f.from_on,
       {rule_columns}
from catalog_product p
left join (
    select i.product_id, i.opens, c.id as card_id, c.title as card_title, c.position, c.program_id,
           (select g.title from programs_program g
            where g.id = c.program_id and (g.ends_on is null or g.ends_on >= %(day)s)
              and (g.retailer_id is null or g.retailer_id = %(retailer)s)
              and (select e.id from programs_enrollment e
                   where e.retailer_id = %(retailer)s and e.location_id = %(location)s and e.program_id = g.id
                     and e.from_on <= %(day)s and (e.until_on is null or e.until_on >= %(day)s) limit 1) is not null
           ) as program_title,
           (select n.name from programs_program g join catalog_brand n on n.id = g.brand_id
            where g.id = c.program_id and (g.retailer_id is null or g.retailer_id = %(retailer)s)) as brand,
           (select g.brand_id from programs_program g
            where g.id = c.program_id and (g.retailer_id is null or g.retailer_id = %(retailer)s)) as brand_id,
           (select g.audience from programs_program g
            where g.id = c.program_id and (g.retailer_id is null or g.retailer_id = %(retailer)s)) as audience,
           r.id as rule_id, v.number, v.from_on, {rules}
    from programs_programitem i
    join programs_programcard c on c.id = i.program_card_id
    join programs_cardrule r on r.program_card_id = c.id
    join programs_programversion v on v.id = r.version_id
    where i.product_id in {products} and i.fills
      and (i.from_on is null or i.from_on <= %(day)s) and (i.until_on is null or i.until_on >= %(day)s)
      and v.from_on <= %(day)s
      and (i.retailer_id is null or i.retailer_id = %(retailer)s)
      and (c.retailer_id is null or c.retailer_id = %(retailer)s)
      and (r.retailer_id is null or r.retailer_id = %(retailer)s)
      and (v.retailer_id is null or v.retailer_id = %(retailer)s)
) f on f.product_id = p.id
where p.id in {products} and (p.retailer_id is null or p.retailer_id = %(retailer)s)
order by f.program_title, f.position, f.card_title, f.rule_id
""".replace("{rule_columns}", ", ".join(f"f.{name}" for name in RULE_COLUMNS)).replace(
    "{rules}", ", ".join(f"r.{name}" for name in RULE_COLUMNS)
)


_STANDING = "select {columns} from checkout_visit v where v.retailer_id = %(retailer)s and v.key = %(key)s"


@dataclass(frozen=True, slots=True)
class Look:
    """The customer, locked, and what stands already: the visit of this key, lines of this visit in another one.

    `has_fields`: the store asks fields of its own at some till.
    """

    customer: Customer
    visit_id: int | None
    known_lines: int
    last_seen_at: datetime | None
    has_fields: bool = False


@dataclass(frozen=True, slots=True)
class Sold:
    """A product as it is that day: name, size, suggested price in cents, code; and the cards that it fills."""

    name: str
    size: str
    msrp_cents: int | None
    gtin: str
    cards: list[FillingCard]


@dataclass(frozen=True, slots=True)
class _Rule:
    number: int
    from_on: date
    card: FillingCard


def look(customer: Customer, basket: Basket, *, at: Location) -> Look:
    """Lock the customer, and see what stands. Raises Customer.DoesNotExist, and OtherRetailer for a location beyond.

    Who is retired is not locked: a till that goes on to whom they were merged into would hold the one and wait for the
    other, while a split does it the other way around.

    What a statement of PostgreSQL sees beside the locked row is from before it waited for the lock: a visit that stands
    is certain, one that does not is not. Inserting it decides.
    """
    if at.retailer_id != current.scope():
        raise current.OtherRetailer("A visit is recorded at a location of the current retailer.")
    if customer.pk > MAX_ID:  # an address may hold any number, SQLite may not
        raise Customer.DoesNotExist
    lines, params = plain.named("line", [line.key for line in basket.lines])
    sql = _LOOK.format(lines=lines, lock=plain.lock())
    found = plain.rows(
        sql,
        {"retailer": current.scope(), "customer": customer.pk, "location": at.pk, "key": basket.key, **params},
    )
    if not found:
        raise Customer.DoesNotExist
    first_name, last_name, is_practice, visit_id, known_lines, last_seen_at, fields = found[0]
    locked = Customer(
        pk=customer.pk, first_name=first_name, last_name=last_name, is_practice=bool(is_practice), sort_name=""
    )
    locked._state.adding = False
    return Look(locked, visit_id, known_lines, plain.moment(last_seen_at), has_fields=bool(fields))


def standing_visit(key: UUID) -> Visit | None:
    """The visit of this key, if it stands: what a till gets that sends it again."""
    told = plain.rows(_STANDING.format(columns=plain.columns(Visit, "v")), {"retailer": current.scope(), "key": key})
    return plain.made(Visit, told[0]) if told else None


def shelf(product_ids: Collection[int], *, at: Location, day: date) -> dict[int, Sold]:
    """What is known there that day of each of these products. Those that are in no catalogue are left out."""
    if not product_ids:
        return {}
    retailer = at.retailer
    products, params = plain.named("product", list(product_ids))
    told = plain.rows(
        _SHELF.format(products=products),
        {"retailer": current.scope(), "location": at.pk, "day": day, "currency": retailer.currency, **params},
    )
    sold: dict[int, Sold] = {}
    rules: dict[int, dict[int, list[_Rule]]] = defaultdict(lambda: defaultdict(list))
    for pk, name, size, msrp_cents, gtin, card_id, title, program_id, program, brand, *rest in told:
        sold.setdefault(pk, Sold(name, size, msrp_cents, gtin or "", []))
        if program is None:  # it fills no card, or one of a program that this location is not enrolled in that day
            continue
        brand_id, audience, opens, rule_id, number, from_on, *columns = rest
        rule = rule_from(columns)
        card = FillingCard(
            program_card_id=card_id,
            rule_id=rule_id,
            program_id=program_id,
            title=title,
            brand=brand or retailer.name,
            buy=rule.buy,
            get=rule.get,
            rule=rule,
            opens=bool(opens),
            audience=audience,
            brand_id=brand_id,
        )
        rules[pk][program_id].append(_Rule(number, plain.day(from_on), card))
    for pk, by_program in rules.items():
        for found in by_program.values():
            holding = version_in_force(found, day)
            sold[pk].cards.extend(rule.card for rule in found if holding and rule.number == holding.number)
    return sold


def is_known_line(problem: IntegrityError) -> bool:
    """Whether a purchase was refused because its key stands in another visit. The engines say so in their own words."""
    return "purchase_key_once" in str(problem) or "checkout_purchase.key" in str(problem)
