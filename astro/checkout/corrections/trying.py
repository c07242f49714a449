"""What a correction would do, found out by doing it and taking everything back before anybody else can see it."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from astro.checkout.corrections.doing import put_right, undo
from astro.checkout.corrections.wishes import Wish
from astro.checkout.models import Correction


def tried(wish: Wish, **told: Any) -> Correction:
    """The correction as `put_right` would make it; nothing of it is written. Raises as that does."""
    with transaction.atomic():
        correction = put_right(wish, **told)
        transaction.set_rollback(True)
    return correction


def undo_tried(correction: Correction, **told: Any) -> list[dict[str, Any]]:
    """What undoing would change, as facts; nothing is written. Raises as `undo` does."""
    with transaction.atomic():
        undone = undo(correction, **told)
        transaction.set_rollback(True)
    changed: list[dict[str, Any]] = undone.told
    return changed
