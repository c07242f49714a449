"""What this module keeps of a customer (`customers/parts.py`): rows of uploads, each with what it says of a person.

A result names whom an upload made or changed, so that the upload can be undone. A merge leaves it: undoing takes back
what the file brought, never the customer who was kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q

from astro.customers.models import Customer
from astro.customers.parts import Moved, Outline, Section
from astro.importer.models import UploadPart, UploadRow, UploadState
from astro.kit.folding import digits_of, fold

AT_WORK = (UploadState.TRYING, UploadState.RUNNING, UploadState.UNDOING)
LEAST_DIGITS = 7


def merge(kept: Customer, gone: Customer, *, today: date, now: datetime) -> Moved:
    return {}


def split(kept: Customer, gone: Customer, moved: Moved, *, today: date, now: datetime) -> None:
    """Nothing was moved."""


def outline(customer: Customer) -> Outline:
    return []


def tell(customer: Customer) -> dict[str, Section]:
    rows = UploadRow.objects.filter(customer=customer).select_related("upload").order_by("upload__uploaded_at", "row")
    return {
        "uploads": [
            {
                "file": row.upload.name,
                "moment": row.upload.uploaded_at.isoformat(),
                "row": row.row,
                "result": str(row.get_result_display()),
                "cells": row.cells,
            }
            for row in rows
        ]
    }


def erase(customer: Customer, *, now: datetime) -> None:
    """What rows say of this person goes, also of those that could not be taken, and the files that they came in.

    A file that is being read just now is left to its upload; by then it holds nothing that is not told here again.
    """
    mine = UploadRow.objects.filter(customer=customer)
    uploads = set(mine.values_list("upload_id", flat=True))
    emails, numbers = [fold(customer.email)] if customer.email else [], [digits_of(customer.phone)]
    numbers = [number[-LEAST_DIGITS:] for number in numbers if len(number) >= LEAST_DIGITS]
    name = (fold(customer.first_name), fold(customer.last_name))
    wrong = UploadRow.objects.filter(~Q(cells=[]), customer__isnull=True)
    about = {row.pk: row.upload_id for row in wrong.iterator() if _is_about(row.cells, emails, numbers, name)}
    for rows in (mine, UploadRow.objects.filter(pk__in=list(about))):
        rows.update(cells=[], before={}, error="")
    files = UploadPart.objects.filter(upload__in=uploads | set(about.values()))
    files.filter(~Q(upload__state__in=AT_WORK)).delete()


def _is_about(cells: Iterable[object], emails: Iterable[str], numbers: Iterable[str], name: tuple[str, str]) -> bool:
    told = [str(cell) for cell in cells]
    folded = [fold(cell) for cell in told]
    digits = [digits_of(cell) for cell in told]
    if any(email in cell for email in emails for cell in folded):
        return True
    if any(number in cell for number in numbers for cell in digits):
        return True
    whole = " ".join(folded).split()
    return all(word in whole for part in name for word in part.split())
