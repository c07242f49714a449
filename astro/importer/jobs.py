"""What the worker does for uploads."""

from datetime import datetime, time, timedelta
from typing import Any

from astro.importer.models import Upload, UploadKey, UploadPart, UploadRow, UploadState
from astro.importer.running import go_on
from astro.importer.undoing import undo_further
from astro.kit.outbox.handlers import daily, handles
from astro.tenancy.everywhere import put_everywhere

FILE_KEPT = timedelta(days=7)
ROWS_KEPT = timedelta(days=30)
AT_WORK = (UploadState.TRYING, UploadState.RUNNING, UploadState.UNDOING)


@handles("importer.try")
def try_further(payload: dict[str, Any], *, now: datetime) -> None:
    """Checks the next rows of a list; nothing of a customer is written."""
    go_on(payload, writes=False, now=now)


@handles("importer.run")
def run_further(payload: dict[str, Any], *, now: datetime) -> None:
    """Adds the next rows of a list."""
    go_on(payload, writes=True, now=now)


@handles("importer.undo")
def take_back_further(payload: dict[str, Any], *, now: datetime) -> None:
    """Takes back the next rows of a list."""
    undo_further(payload, now=now)


@daily(at=time(8))
@handles("importer.sweep")
def sweep_everywhere(payload: dict[str, Any], *, now: datetime) -> None:
    """Has every retailer's old files forgotten."""
    put_everywhere("importer.forget_files", once=now.date().isoformat(), now=now)


@handles("importer.forget_files")
def forget_files(payload: dict[str, Any], *, now: datetime) -> None:
    """A file is a store's whole customer list: kept for a week, its rows to fix for a month. The counts stay."""
    for kept, models in ((FILE_KEPT, (UploadPart, UploadKey)), (ROWS_KEPT, (UploadRow,))):
        old = [
            upload.pk
            for upload in Upload.objects.filter(uploaded_at__lt=now - kept).only("pk", "state", "ended_at")
            if upload.state not in AT_WORK and (upload.ended_at is None or upload.ended_at < now - kept)
        ]
        for model in models:
            model.objects.filter(upload__in=old).delete()
