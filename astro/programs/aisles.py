"""The two aisles of programs: frequent-buyer programs, and offers. The same lists, each under its own menu."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from astro.programs.models import Kind


@dataclass(frozen=True, slots=True)
class Aisle:
    """Where programs of these `kinds` are listed. The rest is what the lists say."""

    namespace: str
    title: Promise
    kinds: tuple[str, ...]
    none_joined: Promise
    all_joined: Promise

    @property
    def urls(self) -> dict[str, str]:
        return {tab: reverse(f"{self.namespace}:{tab}") for tab in ("list", "enrolled", "grid", "export")}


FREQUENT_BUYER = Aisle(
    "programs",
    _("Frequent Buyer"),
    tuple(kind.value for kind in Kind if kind != Kind.OFFER),
    _("You are not enrolled in a program yet."),
    _("You are enrolled in every program there is."),
)
OFFERS = Aisle(
    "offers",
    _("Offers"),
    (Kind.OFFER.value,),
    _("You are not enrolled in an offer now."),
    _("There is no offer that you could still enroll in."),
)


def aisle_of(kind: str) -> Aisle:
    return OFFERS if kind == Kind.OFFER else FREQUENT_BUYER
