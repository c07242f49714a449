"""`astro restore`: a backup in place of what is here, migrated and added up again."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from astro.desk.operating.copies.errors import CopyFailed
from astro.desk.operating.copies.restoring import restore
from astro.kit.clock import utc_now


class Command(BaseCommand):
    help = "Puts a backup in place, migrates it, and adds everything up again. Stop the server and the worker first."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what `astro backup` made")
        parser.add_argument("--replace", action="store_true", help="although there is data here")
        parser.add_argument("--other-keys", action="store_true", help="although opt-outs will not be found again")

    def handle(self, *args: Any, file: Path, replace: bool, other_keys: bool, **options: Any) -> None:
        try:
            manifest, done = restore(file, replace=replace, other_keys=other_keys, now=utc_now(), tell=self._tell)
        except CopyFailed as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{manifest.rows:,} rows are back, as of {manifest.made_at}.")
        if done.count:
            self.stdout.write(f"{done.count:,} disagreements. `astro verify` names them.")
            sys.exit(1)
        self.stdout.write("Everything adds up. `astro doctor` looks at the rest; then start Astro again.")

    def _tell(self, sentence: str) -> None:
        self.stderr.write(sentence, style_func=str)
