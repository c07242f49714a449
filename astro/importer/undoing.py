"""Taking a list back: who was added by it goes, what was changed becomes what it was, as far as nothing came after.

Whoever was checked out, changed, asked or heard since stays as they are, and the page says so for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from astro.activity.actions import record
from astro.activity.models import Event
from astro.checkout.models import Visit
from astro.checkout.undoing import undo_visit
from astro.customers.actions import change_customer, change_pet, retire_customer, retire_pet, write_address, write_note
from astro.customers.errors import Gone
from astro.customers.models import Customer, CustomerTag, Merge, Pet
from astro.customers.pets import PetDetails
from astro.importer.models import RowResult, Upload, UploadRow, UploadState
from astro.importer.running import put_slice, take_up
from astro.kit.errors import DomainError

SLICE = 250
CUSTOMER = Customer._meta.label_lower


def undo_further(payload: dict[str, Any], *, now: datetime) -> None:
    """One slice of it, the last row first."""
    upload = take_up(payload, UploadState.UNDOING)
    if upload is None:
        return
    todo = UploadRow.objects.filter(upload=upload, result__in=[RowResult.NEW, RowResult.CHANGED], error="")
    rows = list(todo.select_related("customer").order_by("-row")[:SLICE])
    later = _touched_since(upload, rows)
    for row in rows:
        why = later.get(row.customer_id or 0, "") or _undo(upload, row, now=now)
        upload.counts["kept" if why else "undone"] += 1
        if why:
            row.error = why
            row.save(update_fields=["error"])
        else:
            row.delete()
    upload.at_row += len(rows)
    if len(rows) == SLICE:
        upload.save(update_fields=["at_row", "counts"])
        put_slice(upload, now=now)
        return
    upload.state, upload.ended_at, upload.undo_until = UploadState.UNDONE, now, None
    upload.save(update_fields=["at_row", "counts", "state", "ended_at", "undo_until"])
    counts = {name: upload.counts[name] for name in ("undone", "kept")}
    record("upload undone", upload, by=upload.by, at=upload.location, now=now, **counts)


def _undo(upload: Upload, row: UploadRow, *, now: datetime) -> str:
    """Take one row back, whole or not at all; "" or why it could not be."""
    try:
        with transaction.atomic():
            for visit in Visit.objects.filter(key__in=row.before.get("visits", [])):
                undo_visit(visit, at=upload.location, by=upload.by, is_administrator=True, now=now)
            if row.result == RowResult.NEW:
                assert row.customer is not None
                retire_customer(row.customer, at=upload.location, by=upload.by, now=now)
            else:
                _put_back(upload, row, now=now)
    except Gone:
        return ""
    except DomainError as problem:
        return str(problem)
    return ""


def _put_back(upload: Upload, row: UploadRow, *, now: datetime) -> None:
    """Each field that still is as the list wrote it becomes what it was."""
    customer, before = row.customer, row.before
    assert customer is not None
    how: dict[str, Any] = {"by": upload.by, "at": upload.location, "now": now}
    was = {name: old for name, (old, new) in before.get("fields", {}).items() if getattr(customer, name) == new}
    names = ("first_name", "last_name", "phone", "email", "internal_id")
    if any(name in was for name in names):
        change_customer(customer, **{name: was.get(name, getattr(customer, name)) for name in names}, **how)
    if "note" in was:
        write_note(customer, was["note"], **how)
    if "home" in before:
        old, new = before["home"]
        address = customer.addresses.first()
        if address is not None and all(getattr(address, name) == value for name, value in new.items()):
            write_address(customer, old, **how)
    for pet in Pet.objects.filter(pk__in=before.get("pets", []), retired_at__isnull=True).select_related("customer"):
        retire_pet(pet, **how)
    _empty_pets(before.get("filled", []), how)
    CustomerTag.objects.filter(customer=customer, pk__in=before.get("tags", [])).delete()


def _empty_pets(filled: Sequence[tuple[str, Mapping[str, Sequence[Any]]]], how: Mapping[str, Any]) -> None:
    for pet_id, what in filled:
        pet = Pet.objects.filter(pk=pet_id, retired_at__isnull=True).select_related("customer").first()
        if pet is None:
            continue
        columns = {one.name: getattr(pet, one.name) for one in fields(PetDetails)}
        columns |= {name: old for name, (old, new) in what.items() if columns[name] == new}
        change_pet(pet, PetDetails(**columns), **how)


def _touched_since(upload: Upload, rows: Sequence[UploadRow]) -> dict[int, str]:
    """Whom something happened to after they were added: they stay. By customer. Four questions for all of them."""
    added = {row.customer_id: row for row in rows if row.result == RowResult.NEW and row.customer_id}
    if not added:
        return {}
    touched: dict[int, str] = {}
    events = Event.objects.filter(about_kind=CUSTOMER, about_id__in=list(added))
    for customer_id, name, facts in events.values_list("about_id", "name", "facts"):
        if facts.get("upload") != upload.pk and name != "customer retired":
            touched[customer_id] = _("Something was changed about this customer since, so they stay.")
    visits = Visit.objects.filter(customer__in=list(added)).values_list("customer_id", "key")
    for customer_id, key in visits:
        if str(key) not in added[customer_id].before.get("visits", []):
            touched[customer_id] = _("This customer was checked out since, so they stay.")
    merges = Merge.objects.filter(Q(kept__in=list(added)) | Q(gone__in=list(added)), split_at__isnull=True)
    for kept_id, gone_id in merges.values_list("kept_id", "gone_id"):
        for customer_id in {kept_id, gone_id} & added.keys():
            touched[customer_id] = _("This customer was put together with another one, so they stay.")
    for row in added.values():
        if row.customer is not None and row.customer.app_since is not None:
            touched[row.customer.pk] = _("This customer uses the app, so they stay.")
    return touched
