"""Going through a file slice by slice: tried first, then written. Each slice is one transaction of the worker.

A slice knows from which row it goes on and in which round; one that was outrun (its worker was killed and another went
on, a person stopped or matched the columns anew) finds that it is late, and does nothing. What a slice writes and how
far it came are committed together, so no row is ever written twice.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from astro.activity.actions import record
from astro.customers.actions.bulk import Outcome, Plan, plan_many
from astro.customers.actions.bulk_writing import write_many
from astro.customers.models import Act
from astro.importer import doubles, old_cards
from astro.importer.errors import Unreadable
from astro.importer.models import RowResult, Upload, UploadKey, UploadRow, UploadState
from astro.importer.pieces import opened
from astro.importer.reading.tables import Layout, Row, rows_of
from astro.importer.rows import BadRow, Manner, Reading, read_row
from astro.kit import plain
from astro.kit.outbox import queue

SLICE = 2_000
KINDS = {UploadState.TRYING: "importer.try", UploadState.RUNNING: "importer.run", UploadState.UNDOING: "importer.undo"}
UNDO_FOR = timedelta(hours=24)


@dataclass(slots=True)
class Taken:
    """One row on its way. `error` ends it; `passed` says that it is the same as an earlier one."""

    row: Row
    reading: Reading | None = None
    keys: doubles.Keys | None = None
    plan: Plan | None = None
    error: str = ""
    passed: bool = False


def put_slice(upload: Upload, *, now: datetime) -> None:
    """Have the worker go on from where the upload stands."""
    payload = {"upload": upload.pk, "round": upload.choices["round"], "from": upload.at_row}
    queue.put(KINDS[UploadState(upload.state)], payload, retailer_id=upload.retailer_id, now=now)


def take_up(payload: dict[str, Any], state: UploadState) -> Upload | None:
    """The upload of this slice, locked; None where the slice comes late."""
    upload: Upload | None = Upload.objects.select_for_update().filter(pk=payload["upload"], state=state).first()
    is_mine = (
        upload is not None and upload.choices.get("round") == payload["round"] and upload.at_row == payload["from"]
    )
    return upload if is_mine else None


def go_on(payload: dict[str, Any], *, writes: bool, now: datetime) -> None:
    """One slice: tried (`writes` False) or written."""
    upload = take_up(payload, UploadState.RUNNING if writes else UploadState.TRYING)
    if upload is None:
        return
    if upload.wants_stop:
        stop_here(upload, now=now)
        return
    try:
        rows, further = _take(upload)
    except Unreadable as problem:
        _fail(upload, str(problem), now=now)
        return
    with _not_collecting():
        try:
            _do(upload, rows, writes=writes, now=now)
        except IntegrityError:
            _do(upload, rows, writes=writes, now=now)  # a till was faster with a phone: now it is known
    upload.at_row += len(rows)
    if len(rows) == SLICE:
        _keep_open(upload, further)
        upload.save(update_fields=["at_row", "counts"])
        put_slice(upload, now=now)
        return
    _end(upload, writes=writes, now=now)


def stop_here(upload: Upload, *, now: datetime) -> None:
    """Somebody pressed Stop. What was written stays, and can be gone on with or undone."""
    was_writing = upload.state == UploadState.RUNNING
    upload.state, upload.wants_stop = (UploadState.STOPPED if was_writing else UploadState.RECEIVED), False
    upload.ended_at = now
    upload.undo_until = now + UNDO_FOR if was_writing else None
    upload.save(update_fields=["state", "wants_stop", "ended_at", "undo_until"])
    record("upload stopped", upload, by=upload.by, at=upload.location, now=now, rows=upload.at_row)


_open: dict[tuple[int, int, int], Iterator[Row]] = {}
"""The file where the last slice left it, for the worker that goes on; everybody else reads from the top."""


def _take(upload: Upload) -> tuple[list[Row], Iterator[Row]]:
    rows = _open.pop((upload.retailer_id, upload.pk, upload.at_row), None)
    _open.clear()
    if rows is None:
        rows = islice(rows_of(opened(upload), Layout.of_json(upload.reading)), upload.at_row, None)
    return list(islice(rows, SLICE)), rows


@contextmanager
def _not_collecting() -> Iterator[None]:
    """A slice makes a hundred thousand small things and no circles of them: to look for some costs a fifth of it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _keep_open(upload: Upload, rows: Iterator[Row]) -> None:
    _open[upload.retailer_id, upload.pk, upload.at_row] = rows


def _do(upload: Upload, rows: Sequence[Row], *, writes: bool, now: datetime) -> None:
    with transaction.atomic():
        shelf = old_cards.Shelf(upload.location)
        taken = _read(upload, rows, manner_of(upload, now=now), writes=writes)
        _plan(upload, taken, shelf, writes=writes)
        counts = Counter(upload.counts)
        results = [
            UploadRow(
                upload_id=upload.pk, row=one.row.number, result=RowResult.WRONG, cells=one.row.cells, error=one.error
            )
            for one in taken
            if one.error
        ]
        counts["wrong"] += len(results)
        counts["skipped"] += sum(one.passed for one in taken)
        planned = [one for one in taken if one.plan is not None]
        plans = [one.plan for one in planned if one.plan is not None]
        undoing: list[dict[str, Any]] = [{} for _plan in plans]
        if writes:
            undoing = write_many(plans, at=upload.location, by=upload.by, now=now, upload=upload.pk)
        for one, plan, before in zip(planned, plans, undoing, strict=True):
            reading = one.reading
            assert reading is not None
            outcome = plan.outcome
            if reading.cards:
                if writes:
                    assert plan.customer is not None
                    number = one.row.number
                    keys, punches = old_cards.punch(
                        upload, number, plan.customer, reading.cards, shelf, by=upload.by, now=now
                    )
                    before["visits"] = keys
                else:
                    punches = sum(count for card in reading.cards for _day, count in card.days)
                counts["punches"] += punches
                outcome = Outcome.CHANGED if outcome is Outcome.SAME and punches else outcome
            counts[str(outcome)] += 1
            counts["addresses_left_out"] += "address" in reading.left_out
            counts["yes_left_out"] += reading.left_out.count("yes")
            for word in plan.words.values():
                counts["said_yes" if word.act == Act.YES else "said_stop"] += 1
            if writes and outcome in (Outcome.NEW, Outcome.CHANGED):
                assert plan.customer is not None
                result = RowResult.NEW if outcome is Outcome.NEW else RowResult.CHANGED
                results.append(
                    UploadRow(
                        upload_id=upload.pk,
                        row=one.row.number,
                        result=result,
                        customer_id=plan.customer.pk,
                        before=before,
                        cells=[],
                    )
                )
        plain.insert(results)
    upload.counts = {name: number for name, number in counts.items() if number}
    if rows and rows[-1].is_open:
        upload.counts["open_row"] = rows[-1].number


def _read(upload: Upload, rows: Sequence[Row], manner: Manner, *, writes: bool) -> list[Taken]:
    taken = [Taken(row) for row in rows]
    for one in taken:
        if one.row.trouble:
            one.error = one.row.trouble
            continue
        try:
            one.reading = read_row(one.row.cells, manner)
        except BadRow as problem:
            one.error = "\n".join(problem.sentences)
            continue
        one.keys = doubles.keys_of(one.row.number, one.reading.person, one.row.cells)
    keys = [one.keys for one in taken if one.keys]
    if not writes:
        doubles.leave(upload, keys)
    _pass_over(taken, doubles.earlier_rows(upload, keys))
    return taken


def _plan(upload: Upload, taken: Sequence[Taken], shelf: old_cards.Shelf, *, writes: bool) -> None:
    waiting = [one for one in taken if one.reading is not None and not one.error and not one.passed]
    for one in waiting:
        assert one.reading is not None
        one.error = old_cards.trouble_of(one.reading.cards, shelf)
    waiting = [one for one in waiting if not one.error]
    plans = plan_many([one.reading.person for one in waiting if one.reading], locked=writes)
    found: list[doubles.Keys] = []
    for one, plan in zip(waiting, plans, strict=True):
        if plan.outcome is Outcome.WRONG:
            one.error = plan.trouble
            continue
        one.plan = plan
        if plan.customer is not None and one.keys is not None:
            found.append(doubles.key_of_customer(one.row.number, plan.customer.pk, one.keys.content))
    if not writes:
        doubles.leave(upload, found)
    _pass_over(waiting, doubles.earlier_rows(upload, found))
    for one in waiting:
        if one.error or one.passed:
            one.plan = None


def _pass_over(taken: Sequence[Taken], earlier: dict[int, doubles.Earlier]) -> None:
    for one in taken:
        before = earlier.get(one.row.number)
        if before is None:
            continue
        if before.is_alike:
            one.passed = True
        else:
            one.error = _("Row %(row)d of this file is about the same customer. Put the two together.") % {
                "row": before.row
            }


def manner_of(upload: Upload, *, now: datetime) -> Manner:
    """How the person who uploaded the list wants it taken."""
    layout, told = Layout.of_json(upload.reading), upload.choices
    return Manner(
        meanings=tuple(upload.columns.get(str(place), "") for place in range(len(layout.headings))),
        country=upload.location.country,
        today=upload.location.day(now),
        upload=str(upload.pk),
        last_first=bool(told.get("last_first")),
        day_first=bool(told.get("day_first")),
        proof=str(told.get("proof", "")),
    )


def _end(upload: Upload, *, writes: bool, now: datetime) -> None:
    upload.rows = upload.at_row
    upload.state = UploadState.DONE if writes else UploadState.TRIED
    upload.ended_at = now
    if writes:
        upload.undo_until = now + UNDO_FOR
        UploadKey.objects.filter(upload=upload).delete()
        record(
            "upload finished",
            upload,
            by=upload.by,
            at=upload.location,
            now=now,
            **{name: upload.counts.get(name, 0) for name in ("new", "changed", "same", "skipped", "wrong")},
        )
    upload.save(update_fields=["at_row", "counts", "rows", "state", "ended_at", "undo_until"])


def _fail(upload: Upload, sentence: str, *, now: datetime) -> None:
    upload.state, upload.trouble, upload.ended_at = UploadState.FAILED, sentence[:300], now
    upload.undo_until = now + UNDO_FOR if upload.counts.get("new") or upload.counts.get("changed") else None
    upload.save(update_fields=["state", "trouble", "ended_at", "undo_until"])
