"""Which programs the account of a store includes, and in words why not the others.

An account has offers or not, punch cards at all, programs of every brand or only of those that pay for it
(`is_sponsored`), and programs of its own: `tenancy.features` says which.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext as _

from astro.programs.models import Enrollment, Kind, Program
from astro.tenancy.features import CUSTOM_PROGRAMS, EVERY_PROGRAM, FREQUENT_BUYER, OFFERS


def why_not(program: Program, given: Collection[str]) -> str:
    """Why an account that has this (names of features) does not include the program; empty where it does."""
    if program.kind == Kind.OFFER:
        return "" if OFFERS in given else _("Your account has no offers.")
    if FREQUENT_BUYER not in given:
        return _("Your account has no punch cards.")
    if program.retailer_id is not None:
        return "" if CUSTOM_PROGRAMS in given else _("Your account has no programs of your own.")
    if EVERY_PROGRAM in given or program.is_sponsored:
        return ""
    return _("Your account has only programs whose brand pays for it.")


def included(given: Collection[str], *, through: str = "") -> Q:
    """The same as a condition; `through` is the way to the program, as `program__`."""
    offers = Q(**{f"{through}kind": Kind.OFFER}) if OFFERS in given else Q(pk__in=[])
    if FREQUENT_BUYER not in given:
        return offers
    shared = Q(**{f"{through}retailer__isnull": True})
    if EVERY_PROGRAM not in given:
        shared &= Q(**{f"{through}is_sponsored": True})
    own = Q(**{f"{through}retailer__isnull": False})
    found = shared | own if CUSTOM_PROGRAMS in given else shared
    return offers | (found & ~Q(**{f"{through}kind": Kind.OFFER}))


def enrollments_beyond(given: Collection[str]) -> list[Enrollment]:
    """The current retailer's running enrollments that such an account does not include, by location and program."""
    running = Enrollment.objects.filter(until_on__isnull=True).select_related("location", "program")
    rows = running.order_by("location__name", "program__title", "id")
    return [row for row in rows if why_not(row.program, given)]
