"""`astro verify`: does every stored count say what the rows add up to?"""

import json
import sys
from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from astro.desk.demo.progress import Progress
from astro.desk.operating.nightly import note_recount
from astro.desk.recount import Recount, recount, recount_everyones, steps
from astro.kit.clock import utc_now
from astro.tenancy.models import Retailer


class Command(BaseCommand):
    help = "Adds up every card, reward and credit line again, and names each row that disagrees. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--retailer", type=int, metavar="ID", help="that one only")
        parser.add_argument("--json", action="store_true", help="print an object for programs")

    def handle(self, *args: Any, retailer: int | None, json: bool, **options: Any) -> None:
        chosen = Retailer.objects.order_by("pk")
        if retailer is not None:
            chosen = chosen.filter(pk=retailer)
            if not chosen:
                raise CommandError(f"There is no retailer {retailer}.")
        started, done = monotonic(), Recount()
        progress = Progress(steps(chosen), out=self.stderr)
        for one in recount(chosen, now=utc_now(), into=done):
            progress(one.name)
        seconds = round(monotonic() - started, 1)
        if retailer is None:
            recount_everyones(done)
            note_recount(done, now=utc_now())
        self.stdout.write(_as_json(done, seconds) if json else _in_words(done, seconds))
        if done.count:
            sys.exit(1)


def _in_words(done: Recount, seconds: float) -> str:
    looked_at = ", ".join(f"{count:,} {name}" for name, count in done.checked.items())
    found = [f"- {retailer.name}: {row}" for retailer, row in done.findings]
    found += [f"- for all stores: {row}" for row in done.everyones]
    verdict = f"{len(found):,} disagreements." if found else "Everything adds up."
    return "\n".join([*found, f"{verdict} Looked at {looked_at} in {seconds} s."])


def _as_json(done: Recount, seconds: float) -> str:
    rows = [(str(retailer.pk), row) for retailer, row in done.findings] + [("", row) for row in done.everyones]
    found = [
        {
            "retailer_id": retailer_id,
            "customer_id": str(row.customer_id),
            "table": row.table,
            "id": str(row.row_id),
            "what": row.what,
            "stands": row.stands,
            "should": row.should,
        }
        for retailer_id, row in rows
    ]
    return json.dumps({"findings": found, "checked": dict(done.checked), "seconds": seconds}, indent=1)
