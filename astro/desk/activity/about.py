"""What an event is about, as it is called now, with a link to its page where there is one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from astro.accounts.models import Device, Membership
from astro.activity.models import Event
from astro.checkout.models import CheckoutField, Correction, Visit
from astro.customers.models import Customer
from astro.programs.models import Enrollment
from astro.tenancy.current import current_retailer_id
from astro.tenancy.models import Location


@dataclass(frozen=True, slots=True)
class About:
    """A thing: what kind it is, its name, and where its page is; empty where there is none."""

    kind: str
    name: str = ""
    url: str = ""


def abouts(events: Iterable[Event]) -> dict[tuple[str, int], About]:
    """Of each event's thing, one query for each kind of thing."""
    ids: dict[str, set[int]] = defaultdict(set)
    for event in events:
        ids[event.about_kind].add(event.about_id)
    found: dict[tuple[str, int], About] = {}
    for kind, some in ids.items():
        look = LOOKS.get(kind)
        known = look(some) if look else {}
        for one in some:
            found[kind, one] = known.get(one) or About(kind_words(kind))
    return found


def kind_words(kind: str) -> str:
    """What such a thing is called; one of a newer release by its table."""
    words = {
        "accounts.masquerade": _("Acting as somebody"),
        "accounts.supportconsent": _("Support access"),
        "cards.card": _("Card"),
        "checkout.checkoutfield": _("Checkout field"),
        "checkout.arrival": _("Purchase that came in"),
        "checkout.keptvisit": _("Kept purchase"),
        "checkout.papercard": _("Paper card"),
        "checkout.purchase": _("Bought item"),
        "cards.redemption": _("Free item"),
        "importer.upload": _("Uploaded list"),
        "support.ticket": _("Ticket"),
        "tenancy.retailer": _("Store"),
    }
    if kind in words:
        return words[kind]
    try:
        told = str(apps.get_model(kind)._meta.verbose_name)
    except LookupError:
        return kind
    return told[:1].upper() + told[1:]


def _customers(ids: set[int]) -> dict[int, About]:
    rows = Customer.objects.filter(pk__in=ids)
    return {row.pk: _customer(row) for row in rows}


def _customer(row: Customer) -> About:
    if row.erased_at is not None:
        return About(_("An erased customer"))
    return About(_("Customer"), row.name, reverse("desk:customer", args=[row.pk]))


def _visits(ids: set[int]) -> dict[int, About]:
    found = {}
    for row in Visit.objects.filter(pk__in=ids).select_related("customer"):
        name = _("An erased customer") if row.customer.erased_at is not None else row.customer.name
        found[row.pk] = About(_("Purchase"), name, reverse("checkout:visit", args=[row.key]))
    return found


def _corrections(ids: set[int]) -> dict[int, About]:
    found = {}
    for row in Correction.objects.filter(pk__in=ids).select_related("customer"):
        name = _("An erased customer") if row.customer.erased_at is not None else row.customer.name
        found[row.pk] = About(row.get_kind_display(), name, reverse("checkout:correction", args=[row.pk]))
    return found


def _checkout_fields(ids: set[int]) -> dict[int, About]:
    return {
        row.pk: About(kind_words("checkout.checkoutfield"), row.label, reverse("checkout:field", args=[row.pk]))
        for row in CheckoutField.objects.filter(pk__in=ids)
    }


def _enrollments(ids: set[int]) -> dict[int, About]:
    rows = Enrollment.objects.filter(pk__in=ids).select_related("program")
    return {
        row.pk: About(_("Program"), row.program.title, reverse("programs:detail", args=[row.program_id]))
        for row in rows
    }


def _memberships(ids: set[int]) -> dict[int, About]:
    rows = Membership.objects.filter(pk__in=ids, retailer=current_retailer_id()).select_related("user")
    return {row.pk: About(_("User"), row.user.name, _page("accounts:user", row.pk)) for row in rows}


def _devices(ids: set[int]) -> dict[int, About]:
    return {
        row.pk: About(_("Till"), row.name, reverse("accounts:devices")) for row in Device.objects.filter(pk__in=ids)
    }


def _locations(ids: set[int]) -> dict[int, About]:
    rows = Location.objects.filter(pk__in=ids)
    return {row.pk: About(_("Location"), row.name, reverse("accounts:location", args=[row.pk])) for row in rows}


def _page(route: str, *args: Any) -> str:
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""


LOOKS: dict[str, Callable[[set[int]], dict[int, About]]] = {
    "customers.customer": _customers,
    "checkout.visit": _visits,
    "checkout.correction": _corrections,
    "checkout.checkoutfield": _checkout_fields,
    "programs.enrollment": _enrollments,
    "accounts.membership": _memberships,
    "accounts.device": _devices,
    "tenancy.location": _locations,
}
