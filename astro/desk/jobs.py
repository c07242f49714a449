"""What the worker does for whoever runs this installation."""

from datetime import datetime, time
from typing import Any

from astro.desk.operating.messages import look_at_messages
from astro.desk.operating.nightly import FURTHER, Slice, begin_recount, read_slice, write_slice
from astro.desk.operating.seals import look_at_seals
from astro.desk.operating.tills import count_tills
from astro.desk.signing_up.actions import LETTER, forget_old, write_letter
from astro.kit.outbox.handlers import daily, every, handles


@every(minutes=1)
@handles("desk.count_tills")
def count_waiting_tills(payload: dict[str, Any], *, now: datetime) -> None:
    """How many purchases wait on tills, for `/metrics`."""
    count_tills(now=now)


@every(minutes=1)
@handles("desk.look_at_messages")
def look_at_waiting_messages(payload: dict[str, Any], *, now: datetime) -> None:
    """Whether mail and texts leave, for the status page."""
    look_at_messages(now=now)


@every(minutes=1)
@handles("desk.look_at_seals")
def look_whether_logs_are_sealed(payload: dict[str, Any], *, now: datetime) -> None:
    """Since when events wait for their seal, for `/metrics`."""
    look_at_seals(now=now)


@daily(at=time(10, 30))
@handles("desk.recount")
def recount_tonight(payload: dict[str, Any], *, now: datetime) -> None:
    """Begins to add every card up again."""
    begin_recount(now=now)


@handles(FURTHER, after=read_slice)
def recount_on(payload: dict[str, Any], *, seen: Slice, now: datetime) -> None:
    """Some seconds more of it."""
    write_slice(seen, now=now)


@handles(LETTER)
def write_sign_up_letter(payload: dict[str, Any], *, now: datetime) -> None:
    """To whoever signed up, known or not."""
    write_letter(payload["sign_up"], now=now)


@daily(at=time(9, 30))
@handles("desk.forget_sign_ups")
def forget_sign_ups(payload: dict[str, Any], *, now: datetime) -> None:
    """What nobody confirmed in time."""
    forget_old(now=now)
