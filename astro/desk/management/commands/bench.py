"""`astro bench`: how fast this machine checks out, looks up and takes in lists, against its database alone."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from astro.desk.bench import checkouts, lookups, uploads
from astro.desk.bench.database import measured_inside, prepare
from astro.desk.bench.errors import NoResult
from astro.desk.bench.pgbench import find_pgbench
from astro.desk.bench.population import SCALES
from astro.desk.bench.report import checkout_report, look_up_report, profile_report, upload_report

ENGINES = ("sqlite", "postgresql")


def numbers(text: str) -> tuple[int, ...]:
    """`1,8,16`. Raises ArgumentTypeError for anything but whole numbers from 1."""
    try:
        found = tuple(int(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or min(found) < 1:
        raise ArgumentTypeError("write whole numbers with commas between: 1,8,16")
    return found


class Command(BaseCommand):
    help = "Measures checkout, look-up and uploads on the real path, in a database of its own that is thrown away."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_subparsers(dest="what", required=True)
        checkout = which.add_parser("checkout", help="visits a second, beside the same statements sent by pgbench")
        checkout.add_argument("--clients", type=numbers, default=(1, 8, 16), help="tills at once; 1,8,16 if left out")
        checkout.add_argument("--scale", choices=sorted(SCALES), default="full", help="how much is in the database")
        checkout.add_argument("--profile", action="store_true", help="tell instead where the time goes")
        checkout.add_argument("--verify", action="store_true", help="afterwards, add everything up again")
        checkout.add_argument("--idle-programs", type=int, default=0, help="enrolled besides, and bought by nobody")
        checkout.add_argument("--count", type=int, default=300, help="checkouts to profile")
        lookup = which.add_parser("lookup", help="the look-up box, beside the same statements sent by the driver alone")
        lookup.add_argument("--customers", type=numbers, default=(100_000, 1_000_000), help="of one retailer")
        lookup.add_argument("--engines", type=lambda text: text.split(","), default=list(ENGINES))
        upload = which.add_parser("upload", help="a customer list, beside the mere writing of its rows")
        upload.add_argument("--rows", type=int, default=100_000, help="of the list")
        upload.add_argument("--engines", type=lambda text: text.split(","), default=["postgresql"])
        upload.add_argument("--whole", action="store_true", help="with address, pet and tags, not the names only")
        upload.add_argument("--json", action="store_true", help="a list for programs instead of a table")
        upload.add_argument("--inside", action="store_true", help="(used by the command itself)")
        for each, slices, seconds in ((checkout, 3, 5.0), (lookup, 2, 2.0)):
            each.add_argument("--slices", type=int, default=slices, help="of product and floor each, in turns")
            each.add_argument("--seconds", type=float, default=seconds, help="of each slice")
            each.add_argument("--json", action="store_true", help="a list for programs instead of a table")
            each.add_argument("--inside", action="store_true", help="(used by the command itself)")

    def handle(self, *args: Any, what: str, inside: bool, **options: Any) -> None:
        run: Callable[..., None] = getattr(self, f"_{what}")
        try:
            run(inside=inside, **options)
        except NoResult as problem:
            raise CommandError(str(problem)) from problem
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was made for measuring is gone again.", returncode=130) from None

    def _checkout(self, *, inside: bool, json: bool, profile: bool, **options: Any) -> None:
        if not profile:
            find_pgbench()
        if inside:
            prepare()
            size = replace(SCALES[options["scale"]], idle=options["idle_programs"])
            if profile:
                self._tell(asdict(checkouts.profile(size, count=options["count"], tell=self.stderr.write)))
                return
            plan = checkouts.Plan(options["clients"], options["slices"], options["seconds"], size, options["verify"])
            self._tell(checkouts.measure(plan, tell=self.stderr.write))
            return
        words = ["checkout", "--scale", options["scale"], "--count", str(options["count"])]
        words += ["--clients", ",".join(map(str, options["clients"])), *(["--profile"] if profile else [])]
        words += ["--verify"] if options["verify"] else []
        words += ["--idle-programs", str(options["idle_programs"])] if options["idle_programs"] else []
        found = measured_inside([*words, *_slices(options)], engine="postgresql")
        if json:
            self._tell(found)
        else:
            self.stdout.write(profile_report(found) if profile else checkout_report(found))

    def _lookup(
        self, *, inside: bool, json: bool, customers: tuple[int, ...], engines: list[str], **options: Any
    ) -> None:
        if inside:
            prepare()
            plan = lookups.Plan(tuple(sorted(customers)), options["slices"], options["seconds"])
            self._tell(lookups.measure(plan, tell=self.stderr.write))
            return
        if unknown := set(engines) - set(ENGINES):
            raise CommandError(f"There is no engine {', '.join(sorted(unknown))}. There are {' and '.join(ENGINES)}.")
        words = ["lookup", "--customers", ",".join(map(str, customers)), *_slices(options)]
        found = [row for engine in engines for row in measured_inside(words, engine=engine)]
        if json:
            self._tell(found)
        else:
            self.stdout.write(look_up_report(found))

    def _upload(self, *, inside: bool, json: bool, rows: int, whole: bool, engines: list[str], **options: Any) -> None:
        if inside:
            prepare()
            self._tell(uploads.measure(uploads.Plan(rows, whole), tell=self.stderr.write))
            return
        if unknown := set(engines) - set(ENGINES):
            raise CommandError(f"There is no engine {', '.join(sorted(unknown))}. There are {' and '.join(ENGINES)}.")
        words = ["upload", "--rows", str(rows), *(["--whole"] if whole else [])]
        found = [row for engine in engines for row in measured_inside(words, engine=engine)]
        if json:
            self._tell(found)
        else:
            self.stdout.write(upload_report(found))

    def _tell(self, found: Any) -> None:
        self.stdout.write(json.dumps(found, indent=2))


def _slices(options: dict[str, Any]) -> list[str]:
    return ["--slices", str(options["slices"]), "--seconds", str(options["seconds"])]
