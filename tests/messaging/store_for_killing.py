"""The store of `test_mail_kill.py`, in whatever database the environment names: made before, and read afterwards.

python -m tests.messaging.store_for_killing ask           migrates, makes the store and has one Welcome Email sent
python -m tests.messaging.store_for_killing later 0 5 …   does what a worker does so many minutes from now, and after
                                                          each says which deliveries there are, as JSON
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from typing import Any

import django


def ask() -> None:
    """A store with an address, a customer with one too, and the request of a cashier."""
    from django.core.management import call_command

    from astro.kit.clock import utc_now
    from tests import cast
    from tests.messaging import mailing

    call_command("migrate", verbosity=0)
    huxley = cast.make_retailer(name="Huxley House")
    midtown = cast.make_location(huxley, name="Midtown")
    mailing.tell_address(midtown)
    with cast.inside(huxley):
        betty = cast.make_customer(at=midtown, first_name="Betty", last_name="Smith", email=mailing.BETTYS)
    mailing.ask_by_mail(betty, by=cast.make_user(), at=midtown, now=utc_now())


def later(minutes: list[int]) -> Any:
    from astro.kit.clock import utc_now
    from astro.tenancy.models import Retailer
    from tests.messaging.mailing import send_all, told

    seen, now = [], utc_now()
    for minute in minutes:
        send_all(now + timedelta(minutes=minute))
        seen.append(told(Retailer.objects.get()))
    return seen


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astro.project.settings")
    django.setup()
    match sys.argv[1:]:
        case ["ask"]:
            ask()
        case ["later", *minutes]:
            json.dump(later([int(minute) for minute in minutes]), sys.stdout)
