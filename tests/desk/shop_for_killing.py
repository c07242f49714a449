"""The store of `test_kill.py`, in whatever database the environment names: made before, and read afterwards.

python -m tests.desk.shop_for_killing open      makes the store and says who can check out what, as JSON
python -m tests.desk.shop_for_killing count     says what is stored, as JSON
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django

TILLS = 8
CUSTOMERS = 12


def open_shop() -> dict[str, Any]:
    """Eight cashiers signed in, twelve customers, a program that asks for three bags."""
    from django.conf import settings
    from django.test import Client

    from astro.programs.rules import RuleOfCard
    from tests import cast

    huxley = cast.make_retailer(name="Huxley House")
    midtown = cast.make_location(huxley, name="Midtown")
    cashiers = [cast.make_user() for _ in range(TILLS)]
    for cashier in cashiers:
        cast.make_membership(cashier, retailer=huxley, role="cashier", location=midtown)
    bag = cast.make_product()
    program = cast.make_program(products=[bag], rule=RuleOfCard(3, 1, "any", "none"))
    cast.make_enrollment(midtown, program=program, by=cashiers[0])
    with cast.inside(huxley):
        customers = [cast.make_customer(at=midtown).pk for _ in range(CUSTOMERS)]
    clients = [cast.signed_in(Client(), cashier) for cashier in cashiers]
    return {
        "sessions": [client.cookies[settings.SESSION_COOKIE_NAME].value for client in clients],
        "customers": [str(pk) for pk in customers],
        "product": str(bag.pk),
    }


def count() -> dict[str, Any]:
    """Visits with their units and punches, sealings, and what was handed out, by the keys that the tills made."""
    from django.db.models import Sum

    from astro.cards.models import Punch, Redemption
    from astro.checkout.models import Purchase, Sealing, Visit
    from astro.credits.models import CreditLine
    from astro.tenancy.models import Retailer
    from tests import cast

    with cast.inside(Retailer.objects.get()):
        units = dict(Purchase.objects.order_by().values_list("visit").annotate(Sum("quantity")))
        visits = Visit.objects.filter(pk__in=units)
        given = Redemption.objects.filter(is_live=True)
        return {
            "visits": sorted([str(key), units[pk]] for pk, key in visits.values_list("pk", "key")),
            "punches": Punch.objects.count(),
            "sealings": sorted(str(key) for key in Sealing.objects.values_list("key", flat=True)),
            "rewards": sorted(str(pk) for pk in given.values_list("reward", flat=True)),
            "owed": sorted(str(pk) for pk in CreditLine.objects.values_list("cause_id", flat=True)),
        }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astro.project.settings")
    django.setup()
    what = {"open": open_shop, "count": count}[sys.argv[1]]
    sys.stdout.write(json.dumps(what()))
