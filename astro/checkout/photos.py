"""Pictures of paper cards, taken in as `kit.pictures` takes any picture in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from astro.checkout.models import CardPhoto, PaperCard
from astro.kit.errors import DomainError
from astro.kit.pictures import BadPicture, Fault, redrawn

LONGEST_SIDE: Final = 1600


class BadPhoto(DomainError):
    """A picture that cannot be taken in."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, field="photo")


def small_jpeg(upload: UploadedFile) -> bytes:
    """The picture as a JPEG of at most 1600 pixels a side. Raises BadPhoto."""
    try:
        return redrawn(upload, longest=LONGEST_SIDE)
    except BadPicture as problem:
        raise BadPhoto(_sentence(problem.fault)) from problem


def keep_photo(jpeg: bytes, *, now: datetime) -> CardPhoto:
    """Kept for a paper card that is about to be entered; forgotten after a day where none is."""
    photo = CardPhoto(image=jpeg, taken_in_at=now)
    photo.save(force_insert=True)
    return photo


def loose_photo(pk: int) -> CardPhoto | None:
    """A photo that belongs to no paper card yet."""
    found: CardPhoto | None = CardPhoto.objects.filter(_is_loose(), pk=pk).first()
    return found


def forget_loose_photos(*, before: datetime) -> int:
    """Forget photos of cards that were never saved; returns how many."""
    loose = CardPhoto.objects.filter(_is_loose(), taken_in_at__lt=before)
    ids = list(loose.values_list("pk", flat=True))
    CardPhoto.objects.filter(pk__in=ids).delete()
    return len(ids)


def _sentence(fault: Fault) -> str:
    return {
        Fault.EMPTY: _("This file is empty. Take the photo again."),
        Fault.TOO_LARGE: _("This file is larger than 15 MB. Take the photo again with a smaller size."),
        Fault.NO_PICTURE: _(
            "This is no picture that we can read. Take a photo with the camera, or choose a JPEG, PNG or WebP file."
        ),
        Fault.TOO_MANY_PIXELS: _("This picture has too many pixels. Take the photo again with a smaller size."),
        Fault.DAMAGED: _("This picture is damaged. Take the photo again."),
    }[fault]


def _is_loose() -> Any:
    return ~Exists(PaperCard.objects.filter(photo=OuterRef("pk")))
