"""Which state of a return may follow which, and how its reasons are grouped. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from astro.credits.models import DeclineReason, ReturnReason, ReturnState

FOLLOWS: Final[dict[ReturnState, frozenset[ReturnState]]] = {
    ReturnState.SUBMITTED: frozenset(
        {ReturnState.IN_REVIEW, ReturnState.APPROVED, ReturnState.DECLINED, ReturnState.WITHDRAWN}
    ),
    ReturnState.IN_REVIEW: frozenset({ReturnState.APPROVED, ReturnState.DECLINED, ReturnState.WITHDRAWN}),
    ReturnState.RESUBMITTED: frozenset(
        {ReturnState.IN_REVIEW, ReturnState.APPROVED, ReturnState.DECLINED, ReturnState.WITHDRAWN}
    ),
    # In review again: the decline is undone.
    ReturnState.DECLINED: frozenset({ReturnState.RESUBMITTED, ReturnState.IN_REVIEW, ReturnState.WITHDRAWN}),
    # In review again: the approval is undone.
    ReturnState.APPROVED: frozenset(
        {ReturnState.CREDITED, ReturnState.IN_REVIEW, ReturnState.DECLINED, ReturnState.WITHDRAWN}
    ),
    # Approved again: it was marked as credited by mistake.
    ReturnState.CREDITED: frozenset({ReturnState.RECONCILED, ReturnState.APPROVED}),
    # Credited again: the store has not found it in its books after all.
    ReturnState.RECONCILED: frozenset({ReturnState.CREDITED}),
    ReturnState.WITHDRAWN: frozenset(),
}

STORE_FOLLOWS: Final[dict[ReturnState, frozenset[ReturnState]]] = {
    ReturnState.SUBMITTED: frozenset({ReturnState.WITHDRAWN}),
    ReturnState.IN_REVIEW: frozenset({ReturnState.WITHDRAWN}),
    ReturnState.RESUBMITTED: frozenset({ReturnState.WITHDRAWN}),
    ReturnState.DECLINED: frozenset({ReturnState.RESUBMITTED, ReturnState.WITHDRAWN}),
    ReturnState.APPROVED: frozenset({ReturnState.WITHDRAWN}),
    ReturnState.CREDITED: frozenset({ReturnState.RECONCILED}),
    ReturnState.RECONCILED: frozenset({ReturnState.CREDITED}),
    ReturnState.WITHDRAWN: frozenset(),
}
"""What the store itself may do: no more than `FOLLOWS` allows."""

OWED: Final = frozenset({ReturnState.APPROVED, ReturnState.CREDITED, ReturnState.RECONCILED})
"""With a credit line."""

OPEN: Final = frozenset({ReturnState.SUBMITTED, ReturnState.IN_REVIEW, ReturnState.RESUBMITTED})
"""Somebody is to approve or decline it."""

MENDABLE: Final = frozenset({DeclineReason.ACCOUNT_NUMBER, DeclineReason.ADDRESS})
"""Declined for something that the store can put right and resubmit."""

GROUPS: Final[tuple[tuple[Promise, tuple[ReturnReason, ...]], ...]] = (
    (
        _("Customer/Pet Experience"),
        (ReturnReason.REFUSED, ReturnReason.SICK, ReturnReason.ALLERGIC, ReturnReason.WRONG_PRODUCT),
    ),
    (
        _("Product"),
        (
            ReturnReason.FOREIGN_OBJECTS,
            ReturnReason.TEXTURE,
            ReturnReason.HARDNESS,
            ReturnReason.SMELL,
            ReturnReason.RECALL,
        ),
    ),
    (_("Packaging"), (ReturnReason.SEAL, ReturnReason.TORN, ReturnReason.DAMAGED)),
    (_("Other"), (ReturnReason.OTHER,)),
)


def may_follow(
    now: ReturnState,
    then: ReturnState,
    *,
    declined_for: str = "",
    follows: Mapping[ReturnState, frozenset[ReturnState]] = FOLLOWS,
) -> bool:
    """Whether a return that is `now` may become `then`. Resubmitting asks for a reason that the store can mend."""
    if then == ReturnState.RESUBMITTED and declined_for not in MENDABLE:
        return False
    return then in follows[now]
