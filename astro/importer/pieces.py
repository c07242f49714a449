"""A file in pieces of 512 kB in the database, read as if it were a file: by any worker, on any machine."""

from __future__ import annotations

import io
from collections.abc import Iterable
from hashlib import sha256

from astro.importer.models import Upload, UploadPart

PIECE = 512 * 1024


class Pieces(io.RawIOBase):
    """Read-only and seekable; holds one piece at a time. Read it inside the upload's retailer."""

    def __init__(self, upload: Upload) -> None:
        super().__init__()
        self.upload_id, self.size = upload.pk, upload.size
        self.place = 0
        self.held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.size}[whence]
        self.place = max(0, start + offset)
        return self.place

    def tell(self) -> int:
        return self.place

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self.place >= self.size or not len(buffer):
            return 0
        number, within = divmod(self.place, PIECE)
        data = self._piece(number)[within : within + len(buffer)]
        buffer[: len(data)] = data
        self.place += len(data)
        return len(data)

    def _piece(self, number: int) -> bytes:
        if self.held[0] != number:
            data = UploadPart.objects.filter(upload=self.upload_id, number=number).values_list("data", flat=True)
            self.held = (number, bytes(data.get()))
        return self.held[1]


def opened(upload: Upload) -> io.BufferedReader:
    """The upload's file, to be read."""
    return io.BufferedReader(Pieces(upload), buffer_size=64 * 1024)


def keep(upload: Upload, chunks: Iterable[bytes]) -> None:
    """Write the pieces of a file that is just coming in; `upload` is saved already."""
    held, number = bytearray(), 0
    for chunk in chunks:
        held += chunk
        while len(held) >= PIECE:
            UploadPart(upload=upload, number=number, data=bytes(held[:PIECE])).save(force_insert=True)
            del held[:PIECE]
            number += 1
    if held:
        UploadPart(upload=upload, number=number, data=bytes(held)).save(force_insert=True)


def digest_of(chunks: Iterable[bytes]) -> str:
    """SHA-256, in hex: the same for the same file only."""
    told = sha256()
    for chunk in chunks:
        told.update(chunk)
    return told.hexdigest()
