"""`astro backup`: everything in one file, while tills go on."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from astro.desk.operating.copies.backups import make_backup
from astro.desk.operating.copies.errors import CopyFailed
from astro.kit.clock import utc_now


class Command(BaseCommand):
    help = "Copies the whole installation into one file, while tills go on. The file is as secret as the data."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("where", type=Path, help="a folder, or the name of a file that is not there yet")
        parser.add_argument("--without-keys", action="store_true", help="leave out secret-key and lasting-key")

    def handle(self, *args: Any, where: Path, without_keys: bool, **options: Any) -> None:
        try:
            target, manifest = make_backup(where, with_keys=not without_keys, now=utc_now(), tell=self._tell)
        except CopyFailed as problem:
            raise CommandError(f"No backup was made. {problem}") from problem
        except KeyboardInterrupt:
            raise CommandError("Stopped. No backup was made, and nothing is left of it.", returncode=130) from None
        self._tell(f"{manifest.rows:,} rows, {target.stat().st_size:,} bytes, read back and whole.")
        inside = "every customer's data" + (f" and the keys ({', '.join(manifest.keys)})" if manifest.keys else "")
        self._tell(f"It holds {inside}: keep it as safe as the installation itself, and on another machine.")
        missing = sorted(manifest.marks.keys() - set(manifest.keys))
        if missing:
            self._tell(
                f"Not in it: {', '.join(missing)}. Keep them too: without lasting-key no opt-out is found again."
            )
        self.stdout.write(str(target))

    def _tell(self, sentence: str) -> None:
        self.stderr.write(sentence, style_func=str)
