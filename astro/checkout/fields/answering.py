"""From what was answered to the rows that are written with a visit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from astro.checkout.basket import Answer
from astro.checkout.fields.judging import Asking, Judged, judge
from astro.checkout.fields.queries import fields_asked, known_fields
from astro.checkout.models import AskedFor, FieldAnswer, Visit
from astro.kit.ids import new_ids
from astro.tenancy.models import Location


def judged_answers(answers: Sequence[Answer], *, asked_for: AskedFor, at: Location, asking: Asking) -> list[Judged]:
    """Holds the answers against what is asked there now. Writes nothing. Raises Unfit."""
    if asking is Asking.NOT:
        return []
    asked = fields_asked(at, asked_for)
    known = {field.id: field for field in asked}
    others = {answer.field_id for answer in answers} - known.keys()
    return judge(answers, asked, known | known_fields(others), asking=asking)


def answer_rows(visit: Visit, judged: Sequence[Judged], *, asked_for: AskedFor, now: datetime) -> list[FieldAnswer]:
    """New rows, not written yet. They stay in the order of the fields."""
    return [
        FieldAnswer(
            pk=pk,
            visit_id=visit.pk,
            field_id=one.field_id,
            asked_for=asked_for,
            label=one.label,
            kind=one.kind,
            value=one.value,
            flag=one.flag,
            recorded_at=now,
        )
        for one, pk in zip(judged, new_ids(len(judged)), strict=True)
    ]


def told_in_event(judged: Sequence[Judged]) -> dict[str, int]:
    """How many answers, and how many of them are flagged; nothing where nobody was asked."""
    flagged = sum(1 for one in judged if one.flag)
    return ({"answers": len(judged)} if judged else {}) | ({"flagged": flagged} if flagged else {})
