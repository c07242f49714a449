"""What rare work said when it last came through."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from astro.kit.ids import new_id
from astro.kit.models import Milestone

VERIFY, BACKUP, TILLS, MESSAGES, SEALS = "verify", "backup", "tills", "messages", "seals"


def milestone(kind: str) -> Milestone | None:
    """The last word of this kind, if there is one."""
    return Milestone.objects.filter(kind=kind).first()


def note_milestone(kind: str, facts: dict[str, Any], *, now: datetime) -> None:
    """In place of what was said before."""
    Milestone.objects.bulk_create(
        [Milestone(id=new_id(), kind=kind, made_at=now, facts=facts)],
        update_conflicts=True, unique_fields=["kind"], update_fields=["made_at", "facts"],
    )  # fmt: skip
