"""What can go wrong at the till, in the cashier's words."""

from datetime import date, time

from django.utils.formats import date_format, time_format
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


def unreadable_visit() -> BadVisit:
    return BadVisit(_("The till sent something that cannot be read. Reload the page; your basket is kept."))


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


class NotYet(DomainError):
    """A purchase that lies ahead."""

    def __init__(self, *, field: str = "day") -> None:
        super().__init__(
            _("That is in the future. Enter when it was bought, as it stands on the receipt."), field=field
        )


class TooLongAgo(DomainError):
    """A purchase from before the first day that this person may enter; `who_can` may go back further, or ""."""

    def __init__(self, *, first_day: date, days: int, who_can: str) -> None:
        told = ngettext(
            "You can enter purchases of up to %(days)s day ago: since %(first)s.",
            "You can enter purchases of up to %(days)s days ago: since %(first)s.",
            days,
        ) % {"days": days, "first": date_format(first_day)}
        if not days:
            told = _("You can enter purchases of today only.")
        super().__init__(f"{told} {who_can}".strip(), field="day")


class NoSuchTime(DomainError):
    """A time of day that the clocks skipped."""

    def __init__(self, *, day: date, told: time, place: str) -> None:
        sentence = _(
            "On %(day)s the clocks in %(place)s went forward, and %(time)s was skipped. Look at the receipt again, or "
            "leave the time out."
        )
        values = {"day": date_format(day), "place": place, "time": time_format(told)}
        super().__init__(sentence % values, field="time")


class EnteredBefore(DomainError):
    """A form whose key stands already, with something else in it."""

    def __init__(self) -> None:
        super().__init__(
            _("This was saved already, with something else in it. Look at the customer's history; nothing was added."),
            status=409,
        )


class SettledBefore(DomainError):
    """Somebody else has settled this kept purchase, or this person did in another tab."""

    def __init__(self) -> None:
        super().__init__(_("This was settled already. Go back to the list to see how."), status=409)


class CountedMeanwhile(DomainError):
    """A kept visit whose key stands: it came in by another way, for a customer who was known there."""

    def __init__(self) -> None:
        super().__init__(
            _("This purchase was checked out already, for another customer. Look at that visit first."), status=409
        )


class NotAll(DomainError):
    """Items of a kept visit were left without an answer."""

    def __init__(self) -> None:
        super().__init__(_("Choose a product for every item, or leave the item out."), field="items")


class NothingKept(DomainError):
    """A kept row from which nothing can be recorded: what was bought could not be read."""

    def __init__(self) -> None:
        super().__init__(_("The till did not say what was bought. Enter the receipt by hand instead."), status=409)


class StillCounts(DomainError):
    """A kept purchase that was recorded is not opened again: the visit is undone instead."""

    def __init__(self) -> None:
        super().__init__(
            _("This purchase was recorded. If that was wrong, open the visit and undo it there."), status=409
        )


class NothingWrong(DomainError):
    """A correction that would change nothing: it was made before, or everything is as it is wished."""

    def __init__(self) -> None:
        super().__init__(_("That is so already. Nothing was changed."), status=409)


class NotForCashiers(DomainError):
    """What only an administrator may put right."""

    def __init__(self) -> None:
        super().__init__(_("An administrator of your store can do this."), status=403)


class SameCustomer(DomainError):
    """Something is to be given to the one who has it."""

    def __init__(self) -> None:
        super().__init__(_("This is the same customer. Choose another one."), field="to")


class GivenInVisit(DomainError):
    """A visit in which a free item was given is not moved: its redemption is undone first."""

    def __init__(self) -> None:
        super().__init__(
            _("A free item was given in this visit. Undo the free item first, then move the visit."), status=409
        )


class CannotTransfer(DomainError):
    """A card that stays with its customer, and why."""

    @classmethod
    def of_practice(cls) -> "CannotTransfer":
        return cls(_("Cards of the practice customer and real ones are never mixed."), status=409)

    @classmethod
    def of_given(cls) -> "CannotTransfer":
        return cls(_("Its reward was handed out, so this card stays. Undo the free item first."), status=409)

    @classmethod
    def of_empty(cls) -> "CannotTransfer":
        return cls(_("There is no punch on this card any more. Reload the page and look again."), status=409)


class CannotSplit(DomainError):
    """A card that cannot be made two, and why."""

    @classmethod
    def of_its_kind(cls) -> "CannotSplit":
        return cls(_("This kind of card keeps its items apart by itself, so it cannot be split."), status=409)

    @classmethod
    def of_given(cls) -> "CannotSplit":
        return cls(_("Its reward was handed out, so this card stays as it is."), status=409)

    @classmethod
    def of_too_few(cls) -> "CannotSplit":
        return cls(_("A card can be split from two punches on."), status=409)

    @classmethod
    def of_none_or_all(cls) -> "CannotSplit":
        return cls(_("Choose the punches for the new card: at least one goes, and at least one stays."), field="punch")
