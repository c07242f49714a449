"""Lists as stores have them, and what happens to one from arrival to the end, without a browser and without a wait."""

import io
from datetime import datetime
from threading import Event
from typing import Any

from astro.accounts.models import User
from astro.importer import actions
from astro.importer.meanings import guess, offered
from astro.importer.models import Upload
from astro.kit.outbox.worker import Pace, work_round
from astro.tenancy.models import Location
from tests.cast import NOW, inside


def long_list(count: int) -> str:
    """So many people with a phone and an e-mail each."""
    rows = "".join(f"Pat,No {n},(406) 555-{n:04d},pat{n}@example.com\n" for n in range(2_000, 2_000 + count))
    return f"First Name,Last Name,Mobile,Email\n{rows}"


def a_file(text: str, *, letters: str = "utf-8") -> io.BytesIO:
    return io.BytesIO(text.encode(letters))


def received(file: io.BytesIO | str, *, at: Location, by: User, name: str = "list.csv", now: datetime = NOW) -> Upload:
    with inside(at.retailer):
        return actions.receive(a_file(file) if isinstance(file, str) else file, name=name, at=at, by=by, now=now)


def matched(upload: Upload, *, by: User, now: datetime = NOW, **choices: Any) -> Upload:
    """With the columns as their headings say."""
    with inside(upload.location.retailer):
        meanings = guess(upload.reading["headings"], remembered={}, offered=offered(has_internal_id=True))
        return actions.match_columns(upload, meanings, choices, by=by, now=now)


def worked_off(*, now: datetime = NOW) -> None:
    while work_round(Event(), pace=Pace(), clock=lambda: now):
        pass


def fresh(upload: Upload) -> Upload:
    with inside(upload.location.retailer):
        return Upload.objects.select_related("location").get(pk=upload.pk)


def tried(file: io.BytesIO | str, *, at: Location, by: User, now: datetime = NOW, **choices: Any) -> Upload:
    """Uploaded, matched and checked."""
    upload = matched(received(file, at=at, by=by, now=now), by=by, now=now, **choices)
    worked_off(now=now)
    return fresh(upload)


def added(file: io.BytesIO | str, *, at: Location, by: User, now: datetime = NOW, **choices: Any) -> Upload:
    """Uploaded, matched, checked and run to the end."""
    upload = tried(file, at=at, by=by, now=now, **choices)
    with inside(at.retailer):
        actions.run_upload(upload, by=by, now=now)
    worked_off(now=now)
    return fresh(upload)


def undone(upload: Upload, *, by: User, now: datetime = NOW) -> Upload:
    with inside(upload.location.retailer):
        actions.undo_upload(upload, by=by, now=now)
    worked_off(now=now)
    return fresh(upload)
