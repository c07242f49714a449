"""The store of `test_kill.py` and `tests/proof`, in whatever database the environment names: made, and read later.

python -m tests.desk.shop_for_killing open      makes the store and says who can check out what, as JSON
python -m tests.desk.shop_for_killing count     says what is stored, as JSON
python -m tests.desk.shop_for_killing seal      seals what happened there a day ago
python -m tests.desk.shop_for_killing log       says how its log is sealed, as JSON
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django

TILLS = 8
CUSTOMERS = 12
PHONE = "+14065550142"


def open_shop() -> dict[str, Any]:
    """Eight cashiers signed in, twelve customers, a program that asks for three bags."""
    from django.conf import settings
    from django.test import Client

    from astro.customers.actions import give_code
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
        called = cast.make_customer(at=midtown, phone=PHONE)
        code = give_code(cast.make_customer(at=midtown), now=cast.NOW).code
    clients = [cast.signed_in(Client(), cashier) for cashier in cashiers]
    return {
        "sessions": [client.cookies[settings.SESSION_COOKIE_NAME].value for client in clients],
        "customers": [str(pk) for pk in customers],
        "called": str(called.pk),
        "phone": PHONE,
        "code": code,
        "product": str(bag.pk),
        "retailer": str(huxley.pk),
        "location": str(midtown.pk),
        "by": str(cashiers[0].pk),
    }


def count() -> dict[str, Any]:
    """What stands: visits with units, what is kept for a person, punches, sealings, rewards, by the tills' keys."""
    from django.db.models import Sum

    from astro.cards.models import Punch, Redemption
    from astro.checkout.models import Arrival, KeptVisit, Purchase, Sealing, Visit
    from astro.credits.models import CreditLine
    from astro.tenancy.models import Retailer
    from tests import cast

    with cast.inside(Retailer.objects.get()):
        units = dict(Purchase.objects.order_by().values_list("visit").annotate(Sum("quantity")))
        visits = Visit.objects.filter(pk__in=units)
        given = Redemption.objects.filter(is_live=True)
        return {
            "visits": sorted([str(key), units[pk]] for pk, key in visits.values_list("pk", "key")),
            "arrivals": sorted(map(str, Arrival.objects.values_list("key", flat=True))),
            "kept": sorted([str(one.key), one.why, units_kept(one.body)] for one in KeptVisit.objects.all()),
            "punches": Punch.objects.count(),
            "sealings": sorted(str(key) for key in Sealing.objects.values_list("key", flat=True)),
            "rewards": sorted(str(pk) for pk in given.values_list("reward", flat=True)),
            "owed": sorted(str(pk) for pk in CreditLine.objects.values_list("cause_id", flat=True)),
        }


def seal() -> dict[str, Any]:
    """One event of a day ago, and its seal."""
    from astro.kit.clock import utc_now
    from astro.tenancy.models import Location, Retailer
    from tests import cast
    from tests.activity import sealing

    huxley, since = Retailer.objects.get(), (utc_now() - sealing.START).total_seconds() / 60
    with cast.inside(huxley):
        event = sealing.happened(Location.objects.get(), since - 24 * 60)
    made = sealing.seal(huxley, since)
    assert made is not None
    return {"event": event.pk, "until": str(made.until_at)}


def log() -> dict[str, Any]:
    """The seals, and what the log says of a beginning anew."""
    from astro.activity.models import Event, Seal
    from astro.tenancy.models import Retailer
    from tests import cast

    with cast.inside(Retailer.objects.get()):
        return {
            "seals": list(Seal.objects.order_by("number").values_list("digest", flat=True)),
            "anew": list(Event.objects.filter(name="log sealed anew").values_list("facts", flat=True)),
        }


def units_kept(body: dict[str, Any]) -> int:
    return sum(line["quantity"] for line in (*body.get("lines", ()), *body.get("unknown", ())))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astro.project.settings")
    django.setup()
    what = {"open": open_shop, "count": count, "seal": seal, "log": log}[sys.argv[1]]
    sys.stdout.write(json.dumps(what()))
