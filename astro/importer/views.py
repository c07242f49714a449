"""Uploading a customer list: the file, its columns, how it stands, and what became of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, administrators
from astro.accounts.queries import locations_of
from astro.activity.downloads import table_download
from astro.importer import actions
from astro.importer.errors import Unreadable
from astro.importer.forms import ColumnsForm, FileForm
from astro.importer.meanings import folded, guess, offered
from astro.importer.models import Upload, UploadState
from astro.importer.queries import (
    columns_of_file,
    progress_of,
    remembered,
    rows_not_undone,
    rows_to_fix,
    same_file_before,
    uploads_of,
)
from astro.importer.template_file import template_heading, template_rows
from astro.kit.clock import utc_now
from astro.kit.paging import page_of
from astro.kit.tables import csv_download, xlsx_download
from astro.tenancy import features

AT_WORK = frozenset({UploadState.TRYING, UploadState.RUNNING, UploadState.UNDOING})
SHOWN = 20


@administrators
@require_safe
def uploads(request: StaffRequest) -> HttpResponse:
    """Every list that was uploaded at the locations in reach, the last one first."""
    here = [location.pk for location in locations_of(request.membership)]
    page = page_of(uploads_of(here), order_by=["-uploaded_at"], cursor=request.GET.get("cursor"))
    return render(request, "importer/uploads.html", {"page": page})


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """Choose the file, or drop it."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = actions.receive(file.file, name=file.name, at=request.location, by=request.user, now=utc_now())
        except Unreadable as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("importer:columns", upload.pk)
    most = settings.UPLOAD_MOST
    page = {"form": form, "here": request.location, "upload_most": most, "most_mb": most // (1024 * 1024)}
    return render(request, "importer/new.html", page, status=422 if form.errors else 200)


@administrators
@require_safe
def template(request: StaffRequest) -> FileResponse:
    """A file to fill in: XLSX (`?as=xlsx`), else CSV."""
    download = xlsx_download if request.GET.get("as") == "xlsx" else csv_download
    has_internal_id = features.has_now(features.INTERNAL_CUSTOMER_ID)
    rows = template_rows(has_internal_id=has_internal_id)
    return download(_("customer list"), template_heading(has_internal_id=has_internal_id), rows)


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: StaffRequest, upload_id: int) -> HttpResponse:
    """What each column is. Saved, the list is checked."""
    upload = _upload_or_404(request, upload_id)
    if upload.state not in actions.MATCHED_FROM or not upload.parts.exists():
        return redirect("importer:upload", upload.pk)
    form = _columns_form(request, upload)
    if form.is_bound and form.is_valid():
        actions.match_columns(upload, form.meanings(), form.choices_made(), by=request.user, now=utc_now())
        return redirect("importer:upload", upload.pk)
    page = {"upload": upload, "form": form, "before": same_file_before(upload)}
    return render(request, "importer/columns.html", page, status=422 if form.errors else 200)


@administrators
@require_safe
@vary_on_headers("HX-Target")
def upload(request: StaffRequest, upload_id: int) -> HttpResponse:
    """How a list stands. While the worker is on it, the page asks again by itself; the work goes on without it."""
    shown = _upload_or_404(request, upload_id)
    done, total = progress_of(shown)
    is_at_work = shown.state in AT_WORK
    page: dict[str, Any] = {"upload": shown, "done": done, "total": total, "is_at_work": is_at_work}
    if request.headers.get("HX-Target") == "progress":
        answer = render(request, "importer/progress.html", page)
        if not is_at_work:
            answer["HX-Refresh"] = "true"
        return answer
    if shown.state == UploadState.RECEIVED:
        return redirect("importer:columns", shown.pk)
    to_fix = rows_to_fix(shown)
    page |= {
        "wrong": to_fix[:SHOWN],
        "wrong_count": to_fix.count(),
        "kept": rows_not_undone(shown)[:SHOWN] if shown.state == UploadState.UNDONE else [],
        "can_undo": shown.undo_until is not None and utc_now() <= shown.undo_until,
        "shown_most": SHOWN,
    }
    return render(request, "importer/upload.html", page)


@administrators
@require_POST
def runs(request: StaffRequest, upload_id: int) -> HttpResponse:
    """Add them, or go on after a stop."""
    actions.run_upload(_upload_or_404(request, upload_id), by=request.user, now=utc_now())
    return redirect("importer:upload", upload_id)


@administrators
@require_POST
def stops(request: StaffRequest, upload_id: int) -> HttpResponse:
    """Stop where it stands."""
    actions.stop_upload(_upload_or_404(request, upload_id), by=request.user, now=utc_now())
    messages.info(request, _("It stops after the rows that are being worked on just now."))
    return redirect("importer:upload", upload_id)


@administrators
@require_POST
def undos(request: StaffRequest, upload_id: int) -> HttpResponse:
    """Take the list back."""
    actions.undo_upload(_upload_or_404(request, upload_id), by=request.user, now=utc_now())
    return redirect("importer:upload", upload_id)


@administrators
@require_safe
def to_fix(request: StaffRequest, upload_id: int) -> FileResponse:
    """The rows that could not be taken, in the columns of the file, with why: to be mended and fed in again."""
    upload = _upload_or_404(request, upload_id)
    headings = [*upload.reading["headings"], "error"]
    width = len(headings) - 1
    rows = (
        [*(row.cells + [""] * width)[:width], " ".join(row.error.splitlines())]
        for row in rows_to_fix(upload).iterator(chunk_size=500)
    )
    return table_download(request, "rows_to_fix", name=_("rows to fix"), heading=headings, rows=rows, about=upload)


def _columns_form(request: StaffRequest, upload: Upload) -> ColumnsForm:
    found = columns_of_file(upload)
    meanings = offered(has_internal_id=features.has_now(features.INTERNAL_CUSTOMER_ID))
    if upload.columns:
        guessed = [upload.columns.get(str(column.place), "") for column in found]
        guessed = [meaning if meaning in meanings else "" for meaning in guessed]
    else:
        names = [column.heading for column in found]
        told = remembered([folded(name) for name in names]) if upload.reading["heading"] is not None else {}
        guessed = guess(names, remembered=told, offered=meanings)
    choices = upload.choices
    initial = {
        "last_first": "yes" if choices.get("last_first") else "no",
        "day_first": "yes" if choices.get("day_first") else "no",
        "has_proof": bool(choices.get("proof")),
        "proof": choices.get("proof", ""),
    }
    data = request.POST if request.method == "POST" else None
    return ColumnsForm(data, initial=initial, columns=found, offered=meanings, guessed=guessed)


def _upload_or_404(request: HttpRequest, upload_id: int) -> Upload:
    """One of a location that this person decides for."""
    upload: Upload = get_object_or_404(Upload.objects.select_related("location", "by"), pk=upload_id)
    if not request.membership.covers(upload.location_id):  # type: ignore[attr-defined]
        raise Http404
    return upload
