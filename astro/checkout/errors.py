"""What can go wrong at the till, in the cashier's words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from astro.kit.errors import DomainError


class BadVisit(DomainError):
    """A visit that cannot be read or recorded. Nothing of it is written; the till keeps its basket."""


def unknown_products(count: int) -> BadVisit:
    sentence = ngettext(
        "One of the items is not in the catalogue any more. Remove it and check out again.",
        "%(count)s of the items are not in the catalogue any more. Remove them and check out again.",
        count,
    )
    return BadVisit(sentence % {"count": count}, field="product_id")


def too_large() -> BadVisit:
    return BadVisit(_("This visit is too large to send. Check out part of it, then the rest."), status=413)


class ArrivedTwice(DomainError):
    """The same visit is being recorded at this very moment, in another name. Sending it once more finds it there."""

    def __init__(self) -> None:
        super().__init__(
            _("This visit arrived twice at the same moment. Try again; it cannot count twice."), status=409
        )


class NothingToDo(DomainError):
    """A visit without purchases, of a customer who has no reward either."""

    def __init__(self) -> None:
        super().__init__(_("There is nothing to check out yet. Scan an item first."), field="lines")


class NotToday(DomainError):
    """Undoing what happened on an earlier day is an administrator's."""

    def __init__(self) -> None:
        super().__init__(_("This is from an earlier day. An administrator can take it back."), status=403)


class AlreadyPulled(DomainError):
    """The credit line is in a batch: whoever pays has it."""

    def __init__(self) -> None:
        super().__init__(
            _("This free item is already in the distributor's batch, so it cannot be taken back here."), status=409
        )


class GivenFree(DomainError):
    """A unit that was handed out as the free item is not removed: its redemption is undone."""

    def __init__(self) -> None:
        super().__init__(
            _("This item was given as the free one. Undo the free item first, then remove it."), status=409
        )


class NoSuchUnit(DomainError):
    """A removal that names units which the purchase does not have."""

    def __init__(self) -> None:
        super().__init__(_("That purchase has no such item. Reload the page and look again."), field="unit")


class NotFinished(DomainError):
    """A redemption that cannot be recorded, in the cashier's words; nothing of it is written."""


class FinishedBefore(DomainError):
    """The visit was finished with other choices, in another tab or at another till."""

    def __init__(self) -> None:
        super().__init__(_("This visit was finished already. Look at it before you hand anything out."), status=409)
