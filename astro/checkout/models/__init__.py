"""The tables of this module, one file for each idea."""

from astro.checkout.models.corrections import Correction, CorrectionKind, CorrectionUndo, ReturnRule, Spent
from astro.checkout.models.exceptions import (
    APPROVED,
    MOST_EXCEPTED,
    ExceptionReason,
    ExceptionState,
    ExceptionStep,
    ExceptionTicket,
    ExceptionVisit,
)
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
from astro.checkout.models.visits import Purchase, Reason, Sealed, Sealing, Source, UnitVoid, Visit, VoidUndo

__all__ = [
    "APPROVED",
    "LONGEST_ANSWER",
    "LONGEST_LABEL",
    "MOST_DAYS",
    "MOST_EXCEPTED",
    "AnswerCorrection",
    "AnswerFlag",
    "Arrival",
    "AskedFor",
    "CardPhoto",
    "CheckoutField",
    "Correction",
    "CorrectionKind",
    "CorrectionUndo",
    "ExceptionReason",
    "ExceptionState",
    "ExceptionStep",
    "ExceptionTicket",
    "ExceptionVisit",
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
    "ReturnRule",
    "Sealed",
    "Sealing",
    "Settled",
    "Source",
    "Spent",
    "TillQueue",
    "UnitVoid",
    "Visit",
    "VoidUndo",
    "Why",
]
