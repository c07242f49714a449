"""Tags: made, renamed, archived, and put on customers, one or thousands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import islice

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.customers.changes import note_changes, note_changes_of_many
from astro.customers.details import is_plain
from astro.customers.errors import DetailError, Gone, TagTaken
from astro.customers.models import LABEL_LENGTH, Customer, CustomerTag, Tag
from astro.kit import plain
from astro.kit.folding import fold
from astro.tenancy.models import Location

AT_ONCE = 1000  # customers that are locked and written together


@transaction.atomic
def add_tag(label: str, *, by: User | None = None, at: Location | None = None, now: datetime) -> Tag:
    """A new tag of this retailer. Raises `DetailError`, and `TagTaken` where one has that name, in use or not."""
    name = read_label(label)
    tag = Tag(label=name, label_folded=fold(name), created_at=now)
    _save_as_the_only_one(tag, force_insert=True)
    record("tag added", tag, by=by, at=at, now=now)
    return tag


@transaction.atomic
def rename_tag(tag: Tag, label: str, *, by: User | None, at: Location | None, now: datetime) -> Tag:
    """Whoever carries it carries the new name. Raises as `add_tag` does."""
    name = read_label(label)
    if name != tag.label:
        tag.label, tag.label_folded = name, fold(name)
        _save_as_the_only_one(tag, update_fields=["label", "label_folded"])
        record("tag renamed", tag, by=by, at=at, now=now)
    return tag


@transaction.atomic
def archive_tag(tag: Tag, *, by: User | None, at: Location | None, now: datetime) -> None:
    """No longer to be chosen or seen. Who carries it is remembered. Archived already, nothing happens."""
    if Tag.objects.filter(pk=tag.pk, archived_at__isnull=True).update(archived_at=now):
        record("tag archived", tag, by=by, at=at, now=now)
    tag.archived_at = tag.archived_at or now


@transaction.atomic
def restore_tag(tag: Tag, *, by: User | None, at: Location | None, now: datetime) -> None:
    """In use again, on whoever carried it. In use already, nothing happens."""
    if Tag.objects.filter(pk=tag.pk, archived_at__isnull=False).update(archived_at=None):
        record("tag restored", tag, by=by, at=at, now=now)
    tag.archived_at = None


@transaction.atomic
def set_tags(customer: Customer, tag_ids: Collection[int], *, by: User | None, at: Location, now: datetime) -> None:
    """Exactly these tags, of those in use; an archived tag that the customer carries stays.

    Raises `DetailError` for a tag that is not in use, `Gone` for a retired customer.
    """
    living = Customer.objects.select_for_update().filter(pk=customer.pk, retired_at__isnull=True).first()
    if living is None:
        raise Gone
    wanted = {tag.pk: tag for tag in Tag.objects.filter(pk__in=tag_ids, archived_at__isnull=True)}
    if wanted.keys() != set(tag_ids):
        raise DetailError(_("One of these tags was archived. Open the tags again and choose anew."), field="tags")
    carried = {
        row.tag_id: row
        for row in CustomerTag.objects.filter(customer=living, tag__archived_at__isnull=True).select_related("tag")
    }
    off = [row for tag_id, row in carried.items() if tag_id not in wanted]
    on = [tag for tag_id, tag in wanted.items() if tag_id not in carried]
    if not off and not on:
        return
    CustomerTag.objects.filter(pk__in=[row.pk for row in off]).delete()
    plain.insert([CustomerTag(customer=living, tag=tag, since=now, by=by) for tag in on], unless_there=True)
    changed = {"tag": (_in_a_row(row.tag for row in off), _in_a_row(on))}
    note_changes(living, changed, by=by, at=at, now=now)


@transaction.atomic
def tag_many(customer_ids: Iterable[int], tag: Tag, *, on: bool, by: User | None, at: Location, now: datetime) -> int:
    """Put a tag on all of these customers, or take it off; returns how many it changed.

    Who was retired meanwhile is passed over, and so is who carries it already. Raises `DetailError` for a tag that is
    not in use.
    """
    if not Tag.objects.filter(pk=tag.pk, archived_at__isnull=True).exists():
        raise DetailError(_("This tag was archived. Choose another one."), field="tag")
    ids = iter(sorted(set(customer_ids)))
    return sum(_tag_some(some, tag, on=on, by=by, at=at, now=now) for some in _batches(ids))


def read_label(text: str) -> str:
    """A tag's name as it is kept: one line, 40 characters, something to read. Raises `DetailError`."""
    label = " ".join(text.split())
    if not label:
        raise DetailError(_("Type a name for the tag."), field="label")
    if len(label) > LABEL_LENGTH or len(fold(label)) > LABEL_LENGTH:
        raise DetailError(_("A tag can have 40 characters. Make it shorter."), field="label")
    if not is_plain(label) or not fold(label):
        raise DetailError(_("This tag has an invisible control character in it. Type it by hand."), field="label")
    return label


def _tag_some(ids: list[int], tag: Tag, *, on: bool, by: User | None, at: Location, now: datetime) -> int:
    living = list(
        Customer.objects.select_for_update()
        .filter(pk__in=ids, retired_at__isnull=True)
        .order_by("id")
        .only("id", "retailer")
    )
    rows = CustomerTag.objects.filter(tag=tag, customer__in=living)
    carrying = set(rows.values_list("customer_id", flat=True))
    changed = [customer for customer in living if (customer.pk in carrying) != on]
    if not changed:
        return 0
    if on:
        plain.insert([CustomerTag(customer=one, tag=tag, since=now, by=by) for one in changed], unless_there=True)
    else:
        rows.delete()
    said = ("", tag.label) if on else (tag.label, "")
    note_changes_of_many(changed, {"tag": said}, by=by, at=at, now=now)
    return len(changed)


def _batches(ids: Iterator[int]) -> Iterator[list[int]]:
    while some := list(islice(ids, AT_ONCE)):
        yield some


def _in_a_row(tags: Iterable[Tag]) -> str:
    return ", ".join(tag.label for tag in sorted(tags, key=lambda tag: tag.label_folded))


def _save_as_the_only_one(tag: Tag, **how: list[str] | bool) -> None:
    """Save, unless another tag has the name. The constraint decides between two people at once."""
    _refuse_double(tag)
    try:
        with transaction.atomic():
            tag.save(**how)
    except IntegrityError:
        _refuse_double(tag)
        raise


def _refuse_double(tag: Tag) -> None:
    existing = Tag.objects.filter(label_folded=tag.label_folded).exclude(pk=tag.pk).first()
    if existing:
        raise TagTaken(existing.label, is_archived=existing.archived_at is not None)
