"""The picture of a program of the store's own: taken in as `kit.pictures` takes any picture in, and shown on its card.

It comes with the form of a new program, before there is one; then it is kept without, and named by a signed word that
the page carries along. One that no program was made for is forgotten when the next one comes, a day later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from django.core.files.uploadedfile import UploadedFile
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.kit.errors import DomainError
from astro.kit.ids import MAX_ID
from astro.kit.pictures import BadPicture, Fault, redrawn
from astro.programs.models import Program, ProgramPicture
from astro.tenancy.models import Location

SIDE: Final = 400
SMALL_SIDE: Final = 192
"""In pixels: what the store looks at, and what stands on a card."""

LOOSE_FOR: Final = timedelta(days=1)
SIGNER: Final = Signer(salt="astro.programs.own.pictures")
Size = Literal["large", "small"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What we drew of a picture, as JPEG."""

    image: bytes
    small: bytes


def drawn(upload: UploadedFile) -> Drawn:
    """The middle square of the picture at both sizes. Raises DomainError with what to do about it."""
    try:
        return Drawn(
            image=redrawn(upload, longest=SIDE, shortest=SIDE, is_square=True),
            small=redrawn(upload, longest=SMALL_SIDE, is_square=True),
        )
    except BadPicture as problem:
        raise DomainError(_sentence(problem.fault), field="picture") from problem


@transaction.atomic
def keep_picture(picture: Drawn, *, now: datetime) -> ProgramPicture:
    """Kept for a program that is still being made."""
    ProgramPicture.objects.filter(program__isnull=True, drawn_at__lt=now - LOOSE_FOR).delete()
    row = ProgramPicture(image=picture.image, small=picture.small, drawn_at=now)
    row.save(force_insert=True)
    return row


def name_of(picture: ProgramPicture | None) -> str:
    """The signed word that a page carries along; "" where there is no picture."""
    return SIGNER.sign(str(picture.pk)) if picture else ""


def named(word: str) -> ProgramPicture | None:
    """The kept picture of that word, as long as it belongs to no program."""
    try:
        pk = int(SIGNER.unsign(word))
    except (BadSignature, ValueError):
        return None
    found: ProgramPicture | None = ProgramPicture.objects.filter(pk=pk, program__isnull=True).first()
    return found


@transaction.atomic
def write_picture(program: Program, picture: Drawn, *, by: User, at: Location, now: datetime) -> ProgramPicture:
    """In place of the one before, if there was any."""
    Program.objects.select_for_update().get(pk=program.pk)
    ProgramPicture.objects.filter(program=program).delete()
    row = ProgramPicture(program=program, image=picture.image, small=picture.small, drawn_at=now)
    row.save(force_insert=True)
    record("own program changed", program, by=by, at=at, now=now, fields=["picture"])
    return row


@transaction.atomic
def remove_picture(program: Program, *, by: User, at: Location, now: datetime) -> None:
    """Twice changes nothing."""
    if ProgramPicture.objects.filter(program=program).delete()[0]:
        record("own program changed", program, by=by, at=at, now=now, fields=["picture"])


def picture_of(program: Program) -> int | None:
    """The id of its picture, without the picture."""
    return ProgramPicture.objects.filter(program=program).values_list("pk", flat=True).first()


def answer_with(picture_id: int, size: Size) -> HttpResponse:
    """The picture that we drew, and nothing else, for this browser alone: a new picture has a new address. Whoever
    asks stands inside the wall of their store; another store's picture is not there."""
    if picture_id > MAX_ID:
        raise Http404
    column = "small" if size == "small" else "image"
    found = ProgramPicture.objects.filter(pk=picture_id).values_list(column, flat=True).first()
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found), content_type="image/jpeg")
    response["Content-Disposition"] = 'inline; filename="card.jpg"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    patch_cache_control(response, private=True, max_age=31_536_000, immutable=True)
    return response


def _sentence(fault: Fault) -> str:
    return {
        Fault.EMPTY: _("This file is empty. Choose another one."),
        Fault.TOO_LARGE: _("This file is larger than 15 MB. Choose a smaller one."),
        Fault.NO_PICTURE: _("This is no picture that we can read. Choose a JPEG, PNG or WebP file."),
        Fault.TOO_SMALL: _("This picture is too small. Choose one with at least 400 pixels in width and in height."),
        Fault.TOO_MANY_PIXELS: _("This picture has too many pixels. Choose a smaller one."),
        Fault.DAMAGED: _("This picture is damaged. Choose another one."),
    }[fault]
