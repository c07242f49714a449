"""What a retailer has: menus, doors and jobs ask `has`.

The state of the account gives some things (`GIVEN`); the platform may switch each on or off besides. Rows of switches
are dated and stay, so that it can be said later what somebody had on a day.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from astro.kit.errors import DomainError
from astro.tenancy import current
from astro.tenancy.models import AccountState, Feature, Retailer

FREQUENT_BUYER: Final = "frequent-buyer"
EVERY_PROGRAM: Final = "every-program"
OFFERS: Final = "offers"
CUSTOM_PROGRAMS: Final = "custom-programs"
POINTS: Final = "points"
COUPONS: Final = "coupons"
ADOPTION: Final = "adoption"
MARKETING: Final = "marketing"
MERGING: Final = "merging"
INTERNAL_CUSTOMER_ID: Final = "internal-customer-id"
ASTRO_ID: Final = "astro-id"

NAMES: Final[dict[str, Promise]] = {
    FREQUENT_BUYER: _lazy("punch cards: buy so many, get one"),
    EVERY_PROGRAM: _lazy("programs of every brand, not only those whose brand pays for the account"),
    OFFERS: _lazy("monthly offers"),
    CUSTOM_PROGRAMS: _lazy("programs of the store's own"),
    POINTS: _lazy("loyalty points"),
    COUPONS: _lazy("coupons and vouchers"),
    ADOPTION: _lazy("adoption bundles"),
    MARKETING: _lazy("campaigns by e-mail, text and push"),
    MERGING: _lazy("combining likely doubles of a customer"),
    INTERNAL_CUSTOMER_ID: _lazy("a number of the store's own for each customer, to be looked up by"),
    ASTRO_ID: _lazy("the Astro ID stands on a customer's checkout screen"),
}
"""What can be had, in words for the people of a store."""

_FULL = frozenset({FREQUENT_BUYER, EVERY_PROGRAM, OFFERS, CUSTOM_PROGRAMS, POINTS, COUPONS, ADOPTION, MERGING})

GIVEN: Final = {
    AccountState.TRIAL: _FULL | {MARKETING},
    AccountState.ACTIVE: _FULL | {MARKETING},
    AccountState.RESTRICTED: frozenset({FREQUENT_BUYER, MERGING}),
    AccountState.OFFERS_ONLY: frozenset({OFFERS, MERGING}),
    AccountState.CANCELLED: frozenset(),
}
"""What an account in each state has before anything is switched for it (`docs/architecture.md`, accounts)."""


class UnknownFeature(DomainError):
    """Nothing by this name can be switched."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("There is no feature %(name)s. These can be switched: %(names)s.")
            % {"name": name, "names": ", ".join(NAMES)}
        )


def has(retailer: Retailer, name: str) -> bool:
    """Whether the current retailer, which this must be, has it now. Raises `UnknownFeature`."""
    _known(name)
    if retailer.pk != current.scope():
        raise current.OtherRetailer("Ask what a retailer has inside its own wall.")
    switch = Feature.objects.filter(name=name, until__isnull=True).values_list("is_on", flat=True).first()
    return name in GIVEN[AccountState(retailer.state)] if switch is None else bool(switch)


def has_now(name: str) -> bool:
    """The same of the current retailer, for who has only its id at hand. Raises `UnknownFeature`."""
    return has(Retailer.objects.get(pk=current.current_retailer_id() or 0), name)


def all_of(retailer: Retailer, *, state: str | None = None) -> frozenset[str]:
    """Everything that the current retailer, which this must be, has now, or would have in that state. One query."""
    if retailer.pk != current.scope():
        raise current.OtherRetailer("Ask what a retailer has inside its own wall.")
    switches = dict(Feature.objects.filter(until__isnull=True).values_list("name", "is_on"))
    given = GIVEN[AccountState(state or retailer.state)]
    return frozenset(name for name in NAMES if switches.get(name, name in given))


def switch_on(name: str, *, reason: str = "", by_user_id: int | None = None, now: datetime) -> bool:
    """Give it to the current retailer from now on; False where it had it already. Raises `UnknownFeature`."""
    return _switch(name, is_on=True, reason=reason, by_user_id=by_user_id, now=now)


def switch_off(name: str, *, reason: str = "", by_user_id: int | None = None, now: datetime) -> bool:
    """Take it away from now on; False where it was off already. Raises `UnknownFeature`."""
    return _switch(name, is_on=False, reason=reason, by_user_id=by_user_id, now=now)


def _switch(name: str, *, is_on: bool, reason: str, by_user_id: int | None, now: datetime) -> bool:
    if has_now(name) is is_on:
        return False
    running = Feature.objects.filter(name=name, until__isnull=True)
    running.update(until=now, ended_reason=reason, ended_by_id=by_user_id)
    if has_now(name) is not is_on:  # the state of the account says otherwise
        row = Feature(name=name, is_on=is_on, since=now, reason=reason, by_user_id=by_user_id)
        row.save(force_insert=True)
    return True


def _known(name: str) -> None:
    if name not in NAMES:
        raise UnknownFeature(name)
