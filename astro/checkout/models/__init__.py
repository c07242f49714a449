"""The tables of this module, one file for each idea."""

from astro.checkout.models.fields import (
    LONGEST_ANSWER,
    LONGEST_LABEL,
    AnswerCorrection,
    AnswerFlag,
    AskedFor,
    CheckoutField,
    FieldAnswer,
    FieldKind,
    FieldPlace,
)
from astro.checkout.models.kept import Arrival, KeptVisit, Outcome, Settled, TillQueue, Why
from astro.checkout.models.late import MOST_DAYS, CardPhoto, LateEntry, LateLimits, LateWhy, PaperCard
from astro.checkout.models.presence import Presence
from astro.checkout.models.visits import Purchase, Reason, Sealed, Sealing, Source, UnitVoid, Visit

__all__ = [
    "LONGEST_ANSWER",
    "LONGEST_LABEL",
    "MOST_DAYS",
    "AnswerCorrection",
    "AnswerFlag",
    "Arrival",
    "AskedFor",
    "CardPhoto",
    "CheckoutField",
    "FieldAnswer",
    "FieldKind",
    "FieldPlace",
    "KeptVisit",
    "LateEntry",
    "LateLimits",
    "LateWhy",
    "Outcome",
    "PaperCard",
    "Presence",
    "Purchase",
    "Reason",
    "Sealed",
    "Sealing",
    "Settled",
    "Source",
    "TillQueue",
    "UnitVoid",
    "Visit",
    "Why",
]
