"""The tables of this module, one file for each idea."""

from astro.credits.models.lines import Assignment, CreditLine, LineState
from astro.credits.models.returns import (
    ConsumerReturn,
    DeclineReason,
    ReturnReason,
    ReturnState,
    ReturnStep,
    ReturnTerms,
)

__all__ = [
    "Assignment",
    "ConsumerReturn",
    "CreditLine",
    "DeclineReason",
    "LineState",
    "ReturnReason",
    "ReturnState",
    "ReturnStep",
    "ReturnTerms",
]
