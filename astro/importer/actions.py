"""What a person does with an upload: hands it in, says what its columns are, has it run, stops it, takes it back."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.importer.errors import NotNow
from astro.importer.meanings import folded, is_known
from astro.importer.models import ColumnMemory, Upload, UploadKey, UploadPart, UploadRow, UploadState
from astro.importer.pieces import PIECE, digest_of, keep
from astro.importer.reading.tables import examine
from astro.importer.running import put_slice
from astro.tenancy.models import Location

NAME_LENGTH = 200
MATCHED_FROM = (UploadState.RECEIVED, UploadState.TRIED, UploadState.FAILED)
UNDONE_FROM = (UploadState.DONE, UploadState.STOPPED, UploadState.FAILED)


@transaction.atomic
def receive(file: BinaryIO, *, name: str, at: Location, by: User, now: datetime) -> Upload:
    """Take a file in. It is looked at before anything is kept: raises `Unreadable` for what is no list."""
    layout = examine(file, is_known=is_known)
    upload = Upload(
        name=_plain_name(name),
        size=file.seek(0, 2),
        digest=digest_of(_pieces(file)),
        form=layout.form,
        reading=layout.as_json(),
        location=at,
        by=by,
        uploaded_at=now,
    )
    upload.save(force_insert=True)
    keep(upload, _pieces(file))
    record("upload received", upload, by=by, at=at, now=now)
    return upload


@transaction.atomic
def match_columns(
    upload: Upload, meanings: Sequence[str], choices: Mapping[str, Any], *, by: User, now: datetime
) -> Upload:
    """Say what each column is, and have the list checked. What was chosen is remembered for the next list.

    Raises `NotNow` where it is being added already.
    """
    current = _locked(upload)
    if current.state not in MATCHED_FROM or _has_written(current):
        raise NotNow(_("This list is being worked on, or was added already. Look at how it stands."), status=409)
    _must_have_its_file(current)
    UploadRow.objects.filter(upload=current).delete()
    UploadKey.objects.filter(upload=current).delete()
    current.columns = {str(place): meaning for place, meaning in enumerate(meanings) if meaning}
    current.choices = {**choices, "round": current.choices.get("round", 0) + 1}
    _begin(current, UploadState.TRYING, now=now)
    current.by = by
    current.save()
    _remember(current, meanings, now=now)
    record("upload matched", current, by=by, at=current.location, now=now)
    put_slice(current, now=now)
    return current


@transaction.atomic
def run_upload(upload: Upload, *, by: User, now: datetime) -> Upload:
    """Add them; after a stop, go on where it stood. Asked again while it runs, nothing changes. Raises `NotNow`."""
    current = _locked(upload)
    if current.state == UploadState.RUNNING:
        return current
    if current.state not in (UploadState.TRIED, UploadState.STOPPED):
        raise NotNow(_("This list was not checked yet, or is done. Look at how it stands."), status=409)
    _must_have_its_file(current)
    goes_on = current.state == UploadState.STOPPED
    current.choices = {**current.choices, "round": current.choices["round"] + 1}
    if goes_on:
        current.state, current.ended_at, current.undo_until = UploadState.RUNNING, None, None
    else:
        UploadRow.objects.filter(upload=current).delete()
        current.choices["tried"] = current.counts
        _begin(current, UploadState.RUNNING, now=now)
    current.by = by
    current.save()
    record("upload begun", current, by=by, at=current.location, now=now)
    put_slice(current, now=now)
    return current


@transaction.atomic
def stop_upload(upload: Upload, *, by: User, now: datetime) -> Upload:
    """Stop after the rows that are being written just now. What has ended meanwhile stays as it is."""
    current = _locked(upload)
    if current.state in (UploadState.TRYING, UploadState.RUNNING) and not current.wants_stop:
        current.wants_stop, current.by = True, by
        current.save(update_fields=["wants_stop", "by"])
        record("upload stop asked", current, by=by, at=current.location, now=now)
    return current


@transaction.atomic
def undo_upload(upload: Upload, *, by: User, now: datetime) -> Upload:
    """Take back what the list added and changed, as far as nothing came after it. Raises `NotNow` after 24 hours."""
    current = _locked(upload)
    if current.state == UploadState.UNDOING:
        return current
    if current.state not in UNDONE_FROM or current.undo_until is None:
        raise NotNow(_("There is nothing to undo here."), status=409)
    if now > current.undo_until:
        raise NotNow(_("A list can be undone for 24 hours, and those are over."), status=409)
    current.choices = {**current.choices, "round": current.choices["round"] + 1, "added": current.counts}
    current.state, current.at_row, current.wants_stop, current.by = UploadState.UNDOING, 0, False, by
    current.counts = {**current.counts, "undone": 0, "kept": 0}
    current.save()
    record("upload undo asked", current, by=by, at=current.location, now=now)
    put_slice(current, now=now)
    return current


def _begin(upload: Upload, state: UploadState, *, now: datetime) -> None:
    upload.state, upload.at_row, upload.counts, upload.wants_stop, upload.trouble = state, 0, {}, False, ""
    upload.started_at, upload.ended_at, upload.undo_until = now, None, None


def _must_have_its_file(upload: Upload) -> None:
    if not UploadPart.objects.filter(upload=upload).exists():
        raise NotNow(_("We keep a file for a week, and this one is older. Upload it again."), status=409)


def _has_written(upload: Upload) -> bool:
    return upload.undo_until is not None


def _locked(upload: Upload) -> Upload:
    current: Upload = Upload.objects.select_for_update(of=("self",)).select_related("location").get(pk=upload.pk)
    return current


def _remember(upload: Upload, meanings: Sequence[str], *, now: datetime) -> None:
    """By heading; a column that was left out on purpose is remembered as left out."""
    headings = upload.reading["headings"] if upload.reading["heading"] is not None else []
    told = {folded(name): meaning for name, meaning in zip(headings, meanings, strict=False) if folded(name)}
    known = {row.heading: row for row in ColumnMemory.objects.filter(heading__in=list(told))}
    for heading, meaning in told.items():
        row = known.get(heading)
        if row is None:
            ColumnMemory(heading=heading, meaning=meaning, changed_at=now).save(force_insert=True)
        elif row.meaning != meaning:
            row.meaning, row.changed_at = meaning, now
            row.save()


def _pieces(file: BinaryIO) -> Iterable[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def _plain_name(name: str) -> str:
    """What the file was called, without its folder and without what cannot be seen."""
    told = PurePath(name.replace("\\", "/")).name
    told = "".join(one for one in told if unicodedata.category(one) not in ("Cc", "Cs", "Cf")).strip()
    return told[-NAME_LENGTH:] or str(_("list"))
