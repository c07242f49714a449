"""A worker in a process of its own, for `test_kill.py`: `python -m tests.importer.killed_worker` with DATABASE_URL set.

open <rows>    makes a store and a list of so many rows, checked and told to run; says its id
work           works until it is done or killed, and says after each slice how far it is
count          says how it ended, as JSON
"""

from __future__ import annotations

import json
import os
import sys

import django


def open_list(rows: int) -> None:
    from astro.importer import actions
    from tests import cast
    from tests.importer.lists import long_list, tried

    huxley = cast.make_retailer(name="Huxley House")
    midtown = cast.make_location(huxley, name="Midtown")
    owner = cast.make_user()
    upload = tried(long_list(rows), at=midtown, by=owner)
    with cast.inside(huxley):
        actions.run_upload(upload, by=owner, now=cast.NOW)


def work() -> None:
    from datetime import timedelta
    from itertools import count
    from threading import Event

    from astro.kit.outbox.worker import Pace, work_round
    from tests.cast import NOW

    # Each worker an hour later: what the killed one had claimed falls due again without a wait.
    later = NOW + timedelta(hours=int(sys.argv[2]))
    for number in count():
        if not work_round(Event(), pace=Pace(), clock=lambda: later):
            return
        sys.stdout.write(f"slice {number}\n")
        sys.stdout.flush()


def tell() -> None:
    from astro.customers.models import Customer, SeenAt
    from astro.importer.models import Upload, UploadRow
    from astro.tenancy.models import Retailer
    from tests import cast

    with cast.inside(Retailer.objects.get()):
        upload = Upload.objects.get()
        told = {
            "state": upload.state,
            "counts": upload.counts,
            "customers": Customer.objects.count(),
            "phones": Customer.objects.values("phone").distinct().count(),
            "seen": SeenAt.objects.count(),
            "rows": UploadRow.objects.count(),
        }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astro.project.settings")
    django.setup()
    from astro.importer import running

    running.SLICE = 40
    if sys.argv[1] == "open":
        open_list(int(sys.argv[2]))
    elif sys.argv[1] == "work":
        work()
    else:
        tell()
