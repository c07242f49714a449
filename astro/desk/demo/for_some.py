"""Programs that are for some only, in the store that the demo tells most of: an employee with a monthly quantity, and a
breeder with the number of a brand."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from astro.accounts.models import User
from astro.catalog.models import Brand
from astro.customers.actions import make_breeder, make_employee
from astro.customers.models import Customer
from astro.desk.demo.script import Script
from astro.programs.models import Audience, Kind
from astro.programs.own.actions import Draft, make_own
from astro.programs.own.reading import read_items
from astro.programs.rules import RuleOfCard
from astro.tenancy.models import Location, Retailer

NUMBERED_BY = "Northpaw"


def open_for_some(
    script: Script, store: Retailer, places: Sequence[Location], *, by: User, besides: Collection[str]
) -> None:
    """The last hour that is told: two programs, and two customers who may use them. Nobody of the demo's accounts."""
    place, now = places[0], script.now
    drafts = [
        ("Staff Bags", "For those who work here: two bags a month.", "Staff bag 20.00", Audience.EMPLOYEES, 2),
        ("Breeder Litter Bags", "For breeders whom we know.", "Litter bag 45.00", Audience.BREEDERS, None),
    ]
    for title, about, item, audience, monthly in drafts:
        draft = Draft(
            kind=Kind.BUY_GET,
            title=title,
            about=about,
            rule=RuleOfCard(6, monthly=monthly),
            items=read_items(item),
            passes=[],
            rewards=[],
            starts_on=min(one.day(now) for one in places),
            ends_on=None,
            locations=places,
            audience=audience,
        )
        make_own(draft, retailer=store, by=by, now=now)
    rows = Customer.objects.filter(is_practice=False, retired_at=None).exclude(email__in=besides)
    breeder, employee = rows.order_by("search")[:2]
    brand = Brand.objects.get(name=NUMBERED_BY)
    make_breeder(breeder, numbers={brand.pk: "NP-20417"}, by=by, at=place, now=now)
    make_employee(employee, employee_id="E-07", by=by, at=place, now=now)
