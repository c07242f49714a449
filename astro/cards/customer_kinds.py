"""Which programs and cards hang on what a customer is: see `customers/kinds.py`."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from astro.cards.models import Card, State
from astro.customers.kinds import Offered
from astro.customers.models import Customer, Kind
from astro.programs.models import Audience
from astro.programs.queries import enrollments_on

FOR = {Audience.BREEDERS: Kind.BREEDER, Audience.NUMBERED: Kind.BREEDER, Audience.EMPLOYEES: Kind.EMPLOYEE}


def offered_on(day: date) -> Offered:
    rows = enrollments_on(day).filter(program__audience__in=FOR).order_by()
    found = set(rows.values_list("program__audience", "program__brand_id", "program__brand__name"))
    brands = {(pk, name) for audience, pk, name in found if audience == Audience.NUMBERED}
    kinds = frozenset(str(FOR[Audience(audience)]) for audience, _pk, _name in found)
    return Offered(kinds, sorted(brands, key=lambda one: one[1]))


def cards_that_stop(customer: Customer, kind: str) -> list[str]:
    cards = Card.objects.filter(customer=customer, state=State.OPEN, program_card__program__audience__in=FOR)
    rows = cards.select_related("program_card__program").order_by("program_card__title", "number")
    return [
        _("%(title)s: %(punches)s of %(need)s")
        % {"title": card.program_card.title, "punches": card.punches, "need": card.need}
        for card in rows
        if FOR[Audience(card.program_card.program.audience)] != kind
    ]
