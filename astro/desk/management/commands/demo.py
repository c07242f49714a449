"""`astro demo`: two invented stores with a year of history, to look around in."""

from argparse import ArgumentParser
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from astro.desk.demo import accounts
from astro.desk.demo.play import State, play, state, write_script
from astro.desk.demo.progress import Progress
from astro.kit.clock import day_at, utc_now

SEED = "two stores"
FIRST_STORE = ZoneInfo("America/Denver")


class Command(BaseCommand):
    help = "Fills an empty installation with two invented stores and a year of their history."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", default=SEED, help="another word tells another year")
        parser.add_argument("--until", type=date.fromisoformat, help="the last day, as 2026-05-31; today if left out")
        parser.add_argument("--if-empty", action="store_true", help="do nothing where a store is already")

    def handle(self, *args: Any, seed: str, until: date | None, if_empty: bool, **options: Any) -> None:
        now = utc_now()
        today = day_at(now, FIRST_STORE)
        if until and until > today:
            raise CommandError(_("The demo's last day cannot be later than today, %(day)s.") % {"day": today})
        match state():
            case State.REAL if if_empty:
                return
            case State.REAL:
                raise CommandError(
                    _("There is a store here already, so nothing was loaded. The demo needs an empty installation.")
                )
            case State.PART:
                raise CommandError(
                    _("Loading the demo broke off last time: a part of it is here. Start again with an empty database.")
                )
            case State.DEMO:
                if not if_empty:
                    self.stdout.write(_("The demo is here already. Nothing was changed."))
            case State.EMPTY:
                self._load(seed=seed, until=until or today, now=now)
        self.stdout.write("\n".join(accounts.told()))

    def _load(self, **when: Any) -> None:
        self.stderr.write(
            _("Making two stores and a year of their history. This takes up to a minute."), style_func=str
        )
        script = write_script(**when)
        try:
            play(script, step=Progress(script.steps, out=self.stderr))
        except KeyboardInterrupt as stopped:
            raise CommandError("\n" + _("Stopped before the demo was complete.")) from stopped
