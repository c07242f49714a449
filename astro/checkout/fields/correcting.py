"""Putting an answer right that came when nobody could be asked again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from astro.accounts.models import User
from astro.activity.actions import record
from astro.checkout.fields.judging import AskedField, tidy, trouble_of
from astro.checkout.fields.queries import as_asked
from astro.checkout.models import LONGEST_ANSWER, AnswerCorrection, FieldAnswer
from astro.kit.errors import DomainError
from astro.tenancy.models import Location


@transaction.atomic
def correct_answer(answer: FieldAnswer, value: str, *, by: User, at: Location, now: datetime) -> AnswerCorrection:
    """What it ought to have been. The answer stays as it came; said twice, the same is written once.

    Refuses an answer that was never flagged, one of a customer who was erased, and a value that does not fit the field
    as it is asked now.
    """
    row = (
        FieldAnswer.objects.select_for_update(of=("self",)).select_related("field", "visit__customer").get(pk=answer.pk)
    )
    if not row.flag:
        raise DomainError(_("This answer fits its question. There is nothing to put right."), status=409)
    if row.visit.customer.erased_at is not None:
        raise DomainError(_("This customer was erased, and the answers with them."), status=409)
    field = asked_in(row)
    if not value:
        raise DomainError(_("Type the right answer."), field="value")
    trouble = trouble_of(field, value)
    if trouble:
        raise DomainError(trouble, field="value")
    value = tidy(field, value)
    last = row.corrections.order_by("-number").first()
    if last is not None and last.value == value:
        return last
    correction = AnswerCorrection(
        answer=row, number=last.number + 1 if last else 1, value=value, by=by, corrected_at=now
    )
    correction.save(force_insert=True)
    record("checkout answer corrected", row, by=by, at=at, now=now, number=correction.number)
    return correction


def asked_in(answer: FieldAnswer) -> AskedField:
    """The field as it is asked now; for a question that the store never had, a text of any kind."""
    if answer.field is None:
        return AskedField(id=0, label=answer.label, kind="text", longest=LONGEST_ANSWER)
    return as_asked(answer.field)
