"""Pictures that people send: taken in small, turned the right way up, and without what a camera adds to them.

What comes from outside may be anything: a bomb that unfolds into gigabytes, half a file, a program. So only three kinds
are opened, by their contents and not by their name; the number of pixels is asked before one of them is unfolded; and
what is kept is drawn anew, so that nothing of the file but its picture goes on: no place, no phone, no comment.
"""

from __future__ import annotations

import io
import struct
from enum import Enum
from typing import IO, Any, Final, Literal

from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps, UnidentifiedImageError

KINDS: Final = ("JPEG", "PNG", "WEBP")
MOST_BYTES: Final = 15 * 1024 * 1024
MOST_PIXELS: Final = 60_000_000
QUALITY: Final = 80


class Fault(Enum):
    """Why a picture is not taken in. Whoever asked for it says it in its own words."""

    EMPTY = "empty"
    TOO_LARGE = "more than 15 MB"
    NO_PICTURE = "none of the three kinds"
    TOO_SMALL = "fewer pixels a side than asked for"
    TOO_MANY_PIXELS = "more than 60 million pixels"
    DAMAGED = "half a file, or a broken one"


class BadPicture(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def redrawn(
    upload: UploadedFile,
    *,
    longest: int,
    kind: Literal["JPEG", "PNG"] = "JPEG",
    shortest: int = 0,
    is_square: bool = False,
) -> bytes:
    """The picture on white, at most `longest` pixels a side; of one that `is_square` the middle, `longest` a side.

    Raises `BadPicture`, also for one that has fewer than `shortest` pixels a side.
    """
    if not upload.size:
        raise BadPicture(Fault.EMPTY)
    if upload.size > MOST_BYTES:
        raise BadPicture(Fault.TOO_LARGE)
    assert upload.file is not None
    try:
        return _drawn_anew(upload.file, longest=longest, kind=kind, shortest=shortest, is_square=is_square)
    except UnidentifiedImageError as problem:
        raise BadPicture(Fault.NO_PICTURE) from problem
    except Image.DecompressionBombError as problem:
        raise BadPicture(Fault.TOO_MANY_PIXELS) from problem
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, struct.error) as problem:
        raise BadPicture(Fault.DAMAGED) from problem


def _drawn_anew(file: IO[Any], *, longest: int, kind: str, shortest: int, is_square: bool) -> bytes:
    file.seek(0)
    with Image.open(file, formats=KINDS) as picture:
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise BadPicture(Fault.TOO_MANY_PIXELS)
        if min(width, height) < shortest:
            raise BadPicture(Fault.TOO_SMALL)
        picture.draft("RGB", (longest, longest))  # a JPEG is unfolded no larger than needed
        upright = ImageOps.exif_transpose(picture)
        if is_square:
            upright = ImageOps.fit(upright, (longest, longest))
        else:
            upright.thumbnail((longest, longest))
        clear = upright.convert("RGBA") if _has_holes(upright) else upright.convert("RGB")
    paper = Image.new("RGB", clear.size, "white")
    paper.paste(clear, mask=clear if clear.mode == "RGBA" else None)
    written = io.BytesIO()
    paper.save(written, kind, optimize=True, **({"quality": QUALITY} if kind == "JPEG" else {}))
    return written.getvalue()


def _has_holes(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
