"""Rows of one file that are about the same person.

Every row leaves its keys behind (phone, e-mail, internal id, the customer whom it was found to be); the first row keeps
a key. A later row with the same content is passed over, one with other content is to be fixed: which of the two is
right, only a person knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from astro.customers.actions.bulk import Person
from astro.importer.models import Upload, UploadKey
from astro.kit import plain


@dataclass(frozen=True, slots=True)
class Keys:
    """What one row is known by: `row` its number in the file, `content` all of it."""

    row: int
    digests: tuple[int, ...]
    content: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier row about the same person."""

    row: int
    is_alike: bool


def keys_of(row: int, person: Person, cells: Sequence[str]) -> Keys:
    told = person.details
    parts = (("phone", told.phone), ("email", told.email_folded), ("id", told.internal_id_folded))
    digests = tuple(_number(f"{name}:{value}") for name, value in parts if value)
    return Keys(row, digests, _number("\x1f".join(cell.strip() for cell in cells)))


def key_of_customer(row: int, customer_id: int, content: int) -> Keys:
    return Keys(row, (_number(f"customer:{customer_id}"),), content)


def leave(upload: Upload, keys: Iterable[Keys]) -> None:
    """Note the keys of these rows; where one is taken, the row that has it keeps it."""
    seen: set[int] = set()
    rows = []
    for one in keys:
        for digest in one.digests:
            if digest not in seen:
                seen.add(digest)
                rows.append(UploadKey(upload_id=upload.pk, digest=digest, row=one.row, content=one.content))
    plain.insert(rows, unless_there=True)


def earlier_rows(upload: Upload, keys: Sequence[Keys]) -> dict[int, Earlier]:
    """By row, the row before it that is about the same person. One question for all of them."""
    wanted = sorted({digest for one in keys for digest in one.digests})
    if not wanted:
        return {}
    known = UploadKey.objects.filter(upload=upload, digest__in=wanted).values_list("digest", "row", "content")
    first = {digest: (row, content) for digest, row, content in known}
    found: dict[int, Earlier] = {}
    for one in keys:
        before = [first[digest] for digest in one.digests if digest in first and first[digest][0] < one.row]
        if before:
            row, content = min(before)
            found[one.row] = Earlier(row, content == one.content)
    return found


def _number(text: str) -> int:
    """63 bits: of a million rows, two fall together by chance once in ten million files."""
    return int.from_bytes(blake2b(text.encode(errors="replace"), digest_size=8).digest()) >> 1
