"""Choosing auto-enrollment for a brand, stopping it, and joining what it means.

Each holds the store first, then its locations: a choice is never changed while the clock acts on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.catalog.models import Brand, Distributor
from astro.kit.errors import DomainError
from astro.programs import errors
from astro.programs.actions import ACCOUNT_NUMBER, enroll, lock_locations, unenroll
from astro.programs.automatic.choices import Wish, due, known_numbers, payers_of, standing_choices
from astro.programs.joining import serves
from astro.programs.models import (
    AutoEnrollment,
    AutoEnrollmentPlace,
    DistributorAccount,
    Enrollment,
    Program,
)
from astro.tenancy.current import current_retailer_id
from astro.tenancy.features import all_of
from astro.tenancy.models import Location, Retailer


@transaction.atomic
def choose(
    brand: Brand,
    *,
    distributor: Distributor | None = None,
    places: Mapping[Location, Distributor | None] | None = None,
    numbers: Mapping[int, str] | None = None,
    by: User,
    now: datetime,
) -> tuple[AutoEnrollment, list[Enrollment]]:
    """From now on new offers of the brand are joined at these places, or, without any named, at every location, where
    `distributor` pays. What is open now is joined at once. Gives back the choice that holds and what was joined.

    `numbers`: account numbers by the id of the location; they are remembered. The same choice again writes no row.
    Refuses no place at all, a distributor that does not deliver there, and a number that is missing or misshapen.
    """
    _lock_store()
    locations = list(Location.objects.select_related("retailer"))
    payers = dict(places) if places is not None else dict.fromkeys(locations, distributor)
    if not payers:
        raise DomainError(_("Choose at least one location."), field="scope")
    _remember(payers, numbers or {})
    choice = standing_choices().get(brand.pk)
    covers_all = places is None
    is_same = choice is not None and choice.is_on and choice.covers_all == covers_all
    if not is_same or payers_of(choice, locations=locations) != payers:  # type: ignore[arg-type]
        choice = AutoEnrollment(
            brand=brand,
            is_on=True,
            covers_all=covers_all,
            distributor=distributor if covers_all else None,
            decided_by=by,
            decided_at=now,
        )
        choice.save()
        if not covers_all:
            AutoEnrollmentPlace.objects.bulk_create(
                AutoEnrollmentPlace(choice=choice, location=place, distributor=payer) for place, payer in payers.items()
            )
        record(
            "auto-enrollment chosen",
            choice,
            by=by,
            at=None,
            now=now,
            brand_id=brand.pk,
            location_ids=sorted(place.pk for place in payers),
            covers_all=covers_all,
        )
    assert choice is not None
    return choice, enroll_due(now=now, brand=brand)


@transaction.atomic
def stop(brand: Brand, *, by: User, now: datetime) -> bool:
    """No new offer of the brand is joined by itself any more; what is enrolled stays. False where it was off."""
    _lock_store()
    standing = standing_choices().get(brand.pk)
    if standing is None or not standing.is_on:
        return False
    row = AutoEnrollment(brand=brand, is_on=False, decided_by=by, decided_at=now)
    row.save()
    record("auto-enrollment stopped", row, by=by, at=None, now=now, brand_id=brand.pk)
    return True


@transaction.atomic
def enroll_due(*, now: datetime, brand: Brand | None = None) -> list[Enrollment]:
    """Join every open offer that the current store's choices ask for and that nobody ever enrolled there. The same
    again joins nothing."""
    retailer = _lock_store()
    choices = {pk: row for pk, row in standing_choices().items() if row.is_on and brand in (None, row.brand)}
    locations = list(Location.objects.select_related("retailer"))
    wishes = [Wish(row.brand, payers_of(row, locations=locations)) for row in choices.values()]
    lock_locations({place for wish in wishes for place in wish.payers})
    return [
        enroll(
            one.location,
            program=one.program,
            distributor=one.distributor,
            account_number=one.number,
            by=choices[one.program.brand_id].decided_by,
            now=now,
            came_by=choices[one.program.brand_id],
        )
        for one in due(wishes, given=all_of(retailer), now=now)
    ]


@transaction.atomic
def leave(program: Program, *, by: User, now: datetime) -> list[Enrollment]:
    """Every location leaves this offer where it was joined by itself. It is never joined by itself again."""
    rows = Enrollment.objects.filter(program=program, came_by__isnull=False, until_on__isnull=True)
    found = list(rows.select_related("location", "program").order_by("location__name", "id"))
    lock_locations(row.location for row in found)
    return [unenroll(row, by=by, now=now) for row in found]


def _lock_store() -> Retailer:
    """Two presses of a button, or a press and the clock, come one after the other."""
    return Retailer.objects.select_for_update(no_key=True).get(pk=current_retailer_id() or 0)


def _remember(payers: Mapping[Location, Distributor | None], numbers: Mapping[int, str]) -> None:
    """Keep the numbers that were typed, after everything that a distributor may be refused for."""
    chosen = {payer for payer in payers.values() if payer is not None}
    known = known_numbers(chosen, locations=payers)
    for place, payer in payers.items():
        if payer is None:
            continue
        if not serves(payer, place):
            raise errors.does_not_serve(payer.name, place.name, place.region)
        typed = numbers.get(place.pk, "").strip()
        if not typed and payer.needs_account_number and (payer.pk, place.pk) not in known:
            raise errors.number_missing(payer.name)
        if typed and not ACCOUNT_NUMBER.fullmatch(typed):
            raise errors.number_misshapen()
        if typed and known.get((payer.pk, place.pk)) != typed:
            DistributorAccount.objects.update_or_create(location=place, distributor=payer, defaults={"number": typed})
