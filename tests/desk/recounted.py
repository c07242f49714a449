"""What `astro verify` would find, for tests that did something to the cards."""

from __future__ import annotations

from astro.desk.recount import Recount, recount, recount_everyones
from astro.tenancy.models import Retailer
from tests.cast import NOW


def recounted(*, now=NOW):
    """What is wrong anywhere, as sentences without the row's id, and how much was looked at."""
    done = Recount()
    list(recount(Retailer.objects.order_by("pk"), now=now, into=done))
    recount_everyones(done)
    found = [*(row for _retailer, row in done.findings), *done.everyones]
    return [f"{row.table}: {str(row).partition(': ')[2]}" for row in found], done.checked
