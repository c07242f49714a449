"""Whether an answer fits its field. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Final, Literal, TypeAlias

from django.utils.translation import gettext as _

from astro.checkout.basket import Answer, answer_name
from astro.checkout.errors import BadVisit

Kind: TypeAlias = Literal["text", "number", "choice"]
Flag: TypeAlias = Literal["", "missing", "unfit"]

LARGEST: Final = Decimal("999999999999.999")
"""Of a number: twelve digits, and three behind the point."""


class Asking(Enum):
    """Who is asked, and so what may be refused."""

    AT_THE_TILL = "at the till"
    """Somebody stands there: what is required must be answered, and what does not fit is asked again."""

    IF_THEY_LIKE = "if they like"
    """Somebody enters it later: nothing is required, but what is typed must fit."""

    OF_NOBODY = "of nobody"
    """It was kept on a till: nothing is refused, and what is missing or does not fit is flagged."""

    NOT = "not"
    """It comes from a list or another program, where nobody was asked."""


class Unfit(BadVisit):
    """An answer that does not fit, or is missing: `field` is its name in the form. Nothing is written."""


@dataclass(frozen=True, slots=True)
class AskedField:
    """A field as it is asked. `longest` counts letters; the limits of a number belong to it."""

    id: int
    label: str
    kind: Kind
    options: tuple[str, ...] = ()
    longest: int = 200
    lowest: Decimal | None = None
    highest: Decimal | None = None
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer as it is written down. `field_id` is None for a question that the store never had."""

    field_id: int | None
    label: str
    kind: Kind
    value: str
    flag: Flag = ""


def judge(
    answers: Sequence[Answer], asked: Sequence[AskedField], known: Mapping[int, AskedField], *, asking: Asking
) -> list[Judged]:
    """What is written of these answers, in the order of the fields that are `asked`; `known` holds them, and others of
    the store's that were answered.

    An answer to a field that was switched off meanwhile is taken: the till asked it. Raises Unfit.
    """
    if asking is Asking.NOT:
        return []
    given = {answer.field_id: answer.value for answer in answers}
    judged: list[Judged] = []
    for field in [*asked, *(known[pk] for pk in given if pk in known and pk not in {one.id for one in asked})]:
        value = given.get(field.id, "")
        trouble = trouble_of(field, value) if value else ""
        is_missing = not value and field.is_required and field in asked and asking is not Asking.IF_THEY_LIKE
        if asking is not Asking.OF_NOBODY and (trouble or is_missing):
            raise Unfit(trouble or missing_told(field), field=answer_name(field.id))
        if value or is_missing:
            flag: Flag = "missing" if is_missing else "unfit" if trouble else ""
            told = value if trouble else tidy(field, value)
            judged.append(Judged(field.id, field.label, field.kind, told, flag))
    strangers = [answer for answer in answers if answer.field_id not in known]
    if strangers and asking is not Asking.OF_NOBODY:
        raise Unfit(
            _("A question was answered that your store does not ask. Reload the page; your basket is kept."),
            field=answer_name(strangers[0].field_id),
        )
    return judged + [
        Judged(None, _("A question that is not known"), "text", answer.value, "unfit") for answer in strangers
    ]


def trouble_of(field: AskedField, value: str) -> str:
    """Why this answer does not fit, in a sentence; "" where it does."""
    told = {"label": field.label, "longest": field.longest}
    if field.kind == "text" and len(value) > field.longest:
        return _("%(label)s: that is too long. Up to %(longest)s letters fit.") % told
    if field.kind == "choice" and value not in field.options:
        return _("%(label)s: choose one of the answers of the list.") % told
    if field.kind == "number":
        number = number_of(value)
        if number is None:
            return _("%(label)s: type a number, like 12 or 12.5.") % told
        if not is_between(field, number):
            return limits_told(field)
    return ""


def missing_told(field: AskedField) -> str:
    if field.kind == "choice":
        return _("%(label)s: choose an answer, then go on.") % {"label": field.label}
    return _("%(label)s: type an answer, then go on.") % {"label": field.label}


def limits_told(field: AskedField) -> str:
    """Between which limits its number must lie, in a sentence; "" without limits."""
    lowest, highest = (None if one is None else plain(one) for one in (field.lowest, field.highest))
    told = {"label": field.label, "lowest": lowest, "highest": highest}
    if lowest is not None and highest is not None:
        return _("%(label)s: type a number from %(lowest)s to %(highest)s.") % told
    if lowest is not None:
        return _("%(label)s: type a number of %(lowest)s or more.") % told
    return _("%(label)s: type a number of up to %(highest)s.") % told if highest is not None else ""


def is_between(field: AskedField, number: Decimal) -> bool:
    return (field.lowest is None or field.lowest <= number) and (field.highest is None or number <= field.highest)


def number_of(text: str) -> Decimal | None:
    """The number that was typed: digits, a point perhaps, a minus perhaps. None where it is none, or too large."""
    told = text.strip().removeprefix("-")
    whole, point, part = told.partition(".")
    if not told.isascii() or not whole.isdigit() or (point and not part.isdigit()) or len(part) > 3:
        return None
    try:
        number = Decimal(text.strip())
    except InvalidOperation:  # pragma: no cover - digits and a point are a number
        return None
    return number if abs(number) <= LARGEST else None


def plain(number: Decimal) -> str:
    """Without zeros that say nothing, and never with an exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def tidy(field: AskedField, value: str) -> str:
    """As it is written down: numbers are kept alike, however they were typed."""
    number = number_of(value) if field.kind == "number" else None
    return value if number is None else plain(number)
