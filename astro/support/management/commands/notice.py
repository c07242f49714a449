"""`astro notice`: tells all who work here what is the matter, on every page and on the status page."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.support.actions import clear_notices, give_notice
from astro.support.models import Notice, Severity
from astro.support.notices import forget, notices_now
from astro.support.parts import all_parts

MOMENT = "%Y-%m-%d %H:%M UTC"
SPAN = re.compile(r"\+(\d{1,4})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Command(BaseCommand):
    help = "Puts a notice on every page, takes all of them back (--clear), or shows what stands there now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        keys = [part.key for part in all_parts()]
        parser.add_argument("text", nargs="?", help="what everybody is to read")
        parser.add_argument("--component", action="append", default=[], choices=keys, help="what it is about")
        parser.add_argument("--severity", choices=Severity.values, default=Severity.WARNING)
        when = "2026-11-24T18:00 (UTC, or with an offset), or +90m, +2h, +1d"
        parser.add_argument("--from", dest="from_at", help=f"from when on: {when}; now if left out")
        parser.add_argument("--until", dest="until_at", help=f"until when: {when}; until it is taken back if left out")
        parser.add_argument("--clear", action="store_true", help="take back every notice, those to come too")

    def handle(self, *args: Any, text: str | None, clear: bool, **options: Any) -> None:
        now = utc_now()
        if clear:
            self.stdout.write(f"{clear_notices(now=now)} notices taken back.")
        if text:
            self.stdout.write(_told(self._give(text, now=now, **options)))
        elif not clear:
            forget()
            standing = notices_now(now=now)
            self.stdout.write("\n".join(map(_told, standing)) or "No notice stands on the pages.")

    def _give(self, text: str, *, now: datetime, **options: Any) -> Notice:
        from_at, until_at = _moment(options["from_at"], now), _moment(options["until_at"], now)
        try:
            return give_notice(
                text,
                severity=Severity(options["severity"]),
                parts=options["component"],
                from_at=from_at or now,
                until_at=until_at,
                now=now,
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal


def _moment(told: str | None, now: datetime) -> datetime | None:
    if told is None:
        return None
    if span := SPAN.fullmatch(told):
        return now + timedelta(**{UNITS[span[2]]: int(span[1])})
    try:
        moment = datetime.fromisoformat(told)
    except ValueError as problem:
        raise CommandError(f"{told!r} is no moment. Write 2026-11-24T18:00, or +2h.") from problem
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _told(notice: Notice) -> str:
    until = f"until {notice.until_at.astimezone(UTC):{MOMENT}}" if notice.until_at else "until it is taken back"
    about = f" ({', '.join(notice.parts)})" if notice.parts else ""
    since = f"from {notice.from_at.astimezone(UTC):{MOMENT}}"
    return f"{notice.get_severity_display()}{about}, {since}, {until}: {notice.text}"
