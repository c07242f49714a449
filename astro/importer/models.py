"""Uploads, what they hold, and what became of each row."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from astro.accounts.models import User
from astro.customers.models import Customer
from astro.tenancy.models import Location
from astro.tenancy.walls import RetailerModel, SameRetailerKey


class UploadState(models.TextChoices):
    """received > matched > tried (the dry run is done) > running > done; stopped by a person, failed, or undone."""

    RECEIVED = "received", _("Columns to be matched")
    TRYING = "trying", _("Being checked")
    TRIED = "tried", _("Checked")
    RUNNING = "running", _("Being added")
    STOPPED = "stopped", _("Stopped")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


class Upload(RetailerModel):
    """One file, from arrival to undo. `columns` says which of its columns is what; `counts` has `new`, `changed`,
    `same`, `skipped`, `wrong`; `at_row` is how far it has come (rows below the heading), of `rows` in all."""

    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    form = models.CharField(max_length=8, help_text=_("csv or xlsx"))
    reading = models.JSONField(default=dict, help_text=_("Letters, separator and heading row, as they were found."))
    columns = models.JSONField(default=dict)
    choices = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=UploadState, default=UploadState.RECEIVED)
    counts = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(null=True, blank=True)
    at_row = models.PositiveIntegerField(default=0)
    wants_stop = models.BooleanField(default=False)
    trouble = models.CharField(max_length=300, blank=True)
    location = SameRetailerKey(Location, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    uploaded_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    undo_until = models.DateTimeField(null=True, blank=True)

    class Meta(RetailerModel.Meta):
        indexes = [models.Index(fields=["retailer", "uploaded_at", "id"], name="upload_by_time")]

    def __str__(self) -> str:
        return self.name


class UploadPart(RetailerModel):
    """A piece of the file, as it came. In the database, so that any worker on any machine can go on."""

    upload = SameRetailerKey(Upload, related_name="parts")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "upload", "number"], name="upload_part_once")]

    def __str__(self) -> str:
        return f"{self.upload_id} {self.number}"


class RowResult(models.TextChoices):
    NEW = "new", _("added")
    CHANGED = "changed", _("changed")
    WRONG = "wrong", _("to fix")


class UploadRow(RetailerModel):
    """What became of one row: whom it made or changed, with what to put back on undo, or why it could not be taken."""

    upload = SameRetailerKey(Upload, related_name="results")
    row = models.PositiveIntegerField()
    result = models.CharField(max_length=8, choices=RowResult)
    customer = SameRetailerKey(Customer, null=True, related_name="+")
    before = models.JSONField(default=dict)
    cells = models.JSONField(default=list)
    error = models.TextField(blank=True)

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "upload", "row"], name="upload_row_once")]

    def __str__(self) -> str:
        return f"{self.upload_id} {self.row}"


class UploadKey(RetailerModel):
    """A phone, e-mail, id or customer that a row of the file is about, as a number of 63 bits; the first such row keeps
    it. So that a file of any length finds its own doubles without being held in memory; gone when the run is over."""

    upload = SameRetailerKey(Upload, related_name="keys")
    digest = models.BigIntegerField()
    row = models.PositiveIntegerField()
    content = models.BigIntegerField(help_text=_("The whole row, likewise: the same row twice is no trouble."))

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "upload", "digest"], name="upload_key_once")]

    def __str__(self) -> str:
        return f"{self.upload_id} {self.row}"


class ColumnMemory(RetailerModel):
    """How a store's columns were matched last: by the folded name of the heading."""

    heading = models.CharField(max_length=120)
    meaning = models.CharField(max_length=40)
    changed_at = models.DateTimeField()

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer", "heading"], name="column_once")]

    def __str__(self) -> str:
        return f"{self.heading}: {self.meaning}"
