"""What is wrong with an installation, in sentences. `astro doctor` tells all of it, `/ready` and `astro serve` a part.

Every function looks at one thing and returns a list of sentences: what is wrong, then what to do. An empty list is
good news. Sentences name roles, tables and folders, so they are for whoever runs the installation, not for visitors.
"""

import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.module_loading import import_string

from astro.desk.operating.milestones import VERIFY, milestone
from astro.desk.seen_from_outside import proxies
from astro.kit.clock import utc_now
from astro.kit.models import OutboxRow, Schedule
from astro.kit.outbox.health import outbox_age, parked_rows
from astro.kit.outbox.schedules import late_schedules, unseen_schedules
from astro.tenancy.gaps import ROLES, gaps, missing_roles

LATE = timedelta(minutes=5)
"""How long a row of the outbox may wait after it is due. A worker that lives takes it within seconds."""

RECOUNT_EVERY = timedelta(hours=36)
"""A recount comes each night, and may take hours."""

CLOCKS_AGREE = timedelta(seconds=30)
SYNCED = ("fsync", "full_page_writes", "synchronous_commit")
SQLITE_SYNCS = 2
_LOST = "A power cut would lose purchases that tills were told are recorded."
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}


def python_version(version: Sequence[int] = sys.version_info[:2]) -> list[str]:
    if tuple(version[:2]) >= (3, 11):
        return []
    return [f"This is Python {version[0]}.{version[1]}; Astro needs 3.11 or later. Remove .venv and start ./run again."]


def data_folder() -> list[str]:
    try:
        settings.DATA.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.DATA):
            return []
    except OSError as problem:
        return [f"The data folder {settings.DATA} cannot be written ({problem.strerror}). Change it with ASTRO_DATA."]


def database() -> list[str]:
    """Whether the database answers and takes a row; the row is not kept."""
    try:
        connection.ensure_connection()
    except DatabaseError as problem:
        return [_unreachable(str(problem))]
    if not connection.introspection.table_names():
        return ["The database is empty. Run `astro migrate`."]
    try:
        with transaction.atomic():
            OutboxRow.objects.create(retailer_id=0, kind="doctor", payload={}, created_at=utc_now())
            transaction.set_rollback(True)
    except DatabaseError as problem:
        return [f"The database cannot be written: {_first_line(str(problem))}."]
    return []


def roles() -> list[str]:
    return missing_roles(connection)


def migrations() -> list[str]:
    waiting = sorted(_migrations() - set(MigrationRecorder(connection).applied_migrations()))
    if not waiting:
        return []
    names = ", ".join(f"{app}.{name}" for app, name in waiting[:3]) + (", …" if len(waiting) > 3 else "")
    return [f"{len(waiting)} migrations are not applied ({names}). Run `astro migrate`."]


def walls() -> list[str]:
    return gaps(connection)


def fragments() -> list[str]:
    """What the look-up of customers by fragment needs from the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            wanted = ["pg_trgm", "btree_gin"]
            cursor.execute("select extname from pg_extension where extname = any(%s)", [wanted])
            missing = sorted(set(wanted) - {name for (name,) in cursor.fetchall()})
            return [
                f"The extension {name} is missing. As the owner of the database: create extension {name};"
                for name in missing
            ]
        cursor.execute("select 1 from pragma_compile_options where compile_options = 'ENABLE_FTS5'")
        return [] if cursor.fetchone() else ["This SQLite was built without FTS5. Use Python of your distribution."]


def outbox() -> list[str]:
    found = late_outbox()
    parked = parked_rows()
    if count := len(parked):
        kinds = ", ".join(sorted({row.kind for row in parked}))
        found.append(f"{count} rows of the outbox were given up after failing again and again ({kinds}).")
    return found


def late_outbox() -> list[str]:
    """Only what tells that no worker is at work; a row that was given up is no reason to take no visitors."""
    age = outbox_age(now=utc_now())
    if age <= LATE:
        return []
    minutes = int(age.total_seconds() // 60)
    return [f"The outbox is {minutes} minutes behind. Is the worker running? `astro worker` starts one."]


def late_by_the_clock() -> list[str]:
    """Every schedule that failed or did not run: `unseen` ones only where a worker has been here at all."""
    now = utc_now()
    found = [
        f"The schedule {kind} should have come through {_told(by)} ago. The worker's log says why it does not."
        for kind, by in late_schedules(now=now).items()
    ]
    unseen = unseen_schedules()
    if unseen and Schedule.objects.exists():
        found.append(
            f"No worker of this release has run here yet ({', '.join(unseen[:3])}). Start `astro worker` again."
        )
    return found


def recounted() -> list[str]:
    """What the nightly recount said last, where it has said something."""
    last = milestone(VERIFY)
    if last is None:
        return []
    found = []
    if count := last.facts["findings"]:
        found.append(f"The recount of {last.made_at:%Y-%m-%d} found {count} disagreements. `astro verify` names them.")
    if (age := utc_now() - last.made_at) > RECOUNT_EVERY:
        found.append(f"The last recount came through {_told(age)} ago. The worker's log says why none has since.")
    return found


def addresses() -> list[str]:
    found = []
    elsewhere = [host for host in settings.ALLOWED_HOSTS if host not in LOOPBACK]
    if settings.DEBUG and (settings.HTTPS or elsewhere):
        found.append("ASTRO_DEBUG shows the inside of Astro to every visitor. Set it to no.")
    if "*" in settings.ALLOWED_HOSTS:
        found.append("ASTRO_HOSTS lets in any name, also a forged one. Name your own: ASTRO_HOSTS=cards.example.com")
    if elsewhere and not settings.HTTPS:
        found.append(
            "Tills on other machines need HTTPS: without it browsers allow no camera, no installing and no work "
            "offline. Put HTTPS in front of Astro and set ASTRO_HTTPS=yes."
        )
    if settings.HTTPS and not elsewhere:
        found.append("ASTRO_HTTPS is on, but ASTRO_HOSTS names no host besides this machine.")
    return found


def keys() -> list[str]:
    """Whether others on this machine can read the installation's keys."""
    return [
        f"Others on this machine can read {file}: with it they sign what they like. Run: chmod 600 {file}"
        for file in (settings.DATA / "secret-key", settings.DATA / "lasting-key")
        if file.exists() and file.stat().st_mode & 0o077
    ]


def text_answers() -> list[str]:
    """Whether a text service elsewhere could bring back what customers answer: without STOP no store may text."""
    service: dict[str, Any] | None = settings.TEXT_GATEWAY
    public = urlsplit(settings.PUBLIC_URL)
    if service is None or service["host"] in LOOPBACK or public.hostname not in LOOPBACK:
        return []
    return [
        f"Texts are sent, but nobody's STOP can come back: {settings.PUBLIC_URL} is how this machine calls itself. "
        "Set ASTRO_PUBLIC_URL to the address under which the world reaches Astro."
    ]


def static_files() -> list[str]:
    storage = import_string(settings.STORAGES["staticfiles"]["BACKEND"])
    manifest = getattr(storage, "manifest_name", None)
    if manifest and not (Path(settings.STATIC_ROOT) / manifest).exists():
        return ["The static files are not collected. Run `astro collectstatic --noinput`."]
    return []


def time_zones() -> list[str]:
    try:
        ZoneInfo("America/Denver")
    except ZoneInfoNotFoundError:
        return ["Time zone data is missing, and with it every store's day. On Debian: sudo apt install tzdata"]
    return []


def durability() -> list[str]:
    """Whether what a till was told stands when the power goes: decision 17."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("pragma synchronous")
            (level,) = cursor.fetchone()
            return [] if level >= SQLITE_SYNCS else [f"SQLite does not sync each commit. {_LOST} Update Astro."]
        cursor.execute(
            "select name from pg_settings where name = any(%s) and setting = 'off' order by name", [[*SYNCED]]
        )
        off = [name for (name,) in cursor.fetchall()]
    if not off:
        return []
    change = " ".join(f"alter system set {name} = on;" for name in off)
    return [
        f"PostgreSQL answers before it has written ({', '.join(off)}). {_LOST} As a superuser: {change} "
        "select pg_reload_conf();"
    ]


def clock(now: Callable[[], datetime] = utc_now) -> list[str]:
    """Purchases carry the time of this clock, and ids are made from it."""
    found = []
    if not 2025 <= now().year <= 2092:
        found.append(f"This machine's clock stands at {now():%Y-%m-%d}. Set it: ids are made from it.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select clock_timestamp()")
            apart = abs(now() - cursor.fetchone()[0])
        if apart > CLOCKS_AGREE:
            found.append(f"This machine's clock and the database's are {int(apart.total_seconds())} seconds apart.")
    return found


Check = Callable[[], list[str]]
OF_THIS_MACHINE: Iterable[Check] = (
    python_version, data_folder, addresses, keys, proxies, text_answers, static_files, time_zones,
)  # fmt: skip
OF_THE_DATABASE: Iterable[Check] = (
    roles, migrations, walls, fragments, durability, outbox, late_by_the_clock, recounted, clock,
)  # fmt: skip
BEFORE_SERVING: Iterable[Check] = (database, migrations, walls)

BEFORE_VISITORS: Mapping[str, Check] = {
    "The database does not answer, or takes no rows.": database,
    "The database waits for `astro migrate`.": migrations,
    "The walls between retailers do not stand.": walls,
    "The outbox is behind.": late_outbox,
}


def problems() -> list[str]:
    """Everything that is wrong here. Without a database the questions to it are left out."""
    found = [sentence for check in OF_THIS_MACHINE for sentence in check()]
    unreachable = database()
    if unreachable:
        return found + unreachable
    return found + [sentence for check in OF_THE_DATABASE for sentence in check()]


@cache
def _migrations() -> set[tuple[str, str]]:
    """Every migration of this code; read from the files once."""
    return set(MigrationLoader(None).disk_migrations)


def _told(time: timedelta) -> str:
    hours = int(time.total_seconds() // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours" if hours >= 2 else f"{_minutes(time)} minutes"


def _minutes(time: timedelta) -> int:
    return int(time.total_seconds() // 60)


def _unreachable(problem: str) -> str:
    """Why the database cannot be reached, from what its driver says."""
    named = connection.settings_dict
    if connection.vendor != "postgresql":
        return f"The database file {named['NAME']} cannot be opened: {_first_line(problem)}. Check DATABASE_URL."
    where = f"{named['HOST'] or 'this machine'}, port {named['PORT'] or 5432}"
    how = f"If the roles are not made yet, a superuser of the server runs:\n\n{ROLES.read_text()}"
    if "password authentication failed" in problem or "no password supplied" in problem:
        return f"PostgreSQL refuses the password of “{named['USER']}” in DATABASE_URL, or knows no such role. {how}"
    if "role" in problem and "does not exist" in problem:
        return f"PostgreSQL knows no role “{named['USER']}”. {how}"
    if "database" in problem and "does not exist" in problem:
        return f"PostgreSQL has no database “{named['NAME']}”. {how}"
    if "not permitted to log in" in problem:
        return f"The role “{named['USER']}” in DATABASE_URL may not sign in: use the plain role, astro. {how}"
    if "refused" in problem or "timeout" in problem or "resolve" in problem or "translate host" in problem:
        return f"No PostgreSQL answers at {where}. Is it running, and is DATABASE_URL right?"
    return f"PostgreSQL at {where} cannot be used: {_first_line(problem)}."


def _first_line(problem: str) -> str:
    return problem.strip().partition("\n")[0].rstrip(".")
