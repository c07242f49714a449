"""What can go wrong when somebody asks for help, in their words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from astro.kit.errors import DomainError


class TooManyTickets(DomainError):
    """Too much was sent in a short time. `seconds` until the next is let through."""

    def __init__(self, *, seconds: int) -> None:
        self.seconds = seconds
        minutes = -(-seconds // 60)
        sentence = ngettext(
            "Too much was sent in a short time, so this was not sent. Wait %(minutes)d minute, then try again.",
            "Too much was sent in a short time, so this was not sent. Wait %(minutes)d minutes, then try again.",
            minutes,
        )
        super().__init__(sentence % {"minutes": minutes}, status=429)


class SentBefore(DomainError):
    """The form's key belongs to something else: a page that was kept for a long time, or somebody plays."""

    def __init__(self) -> None:
        super().__init__(_("This form was used before. Load the page again, then send it once more."), status=409)


class NoSuchTicket(DomainError):
    def __init__(self) -> None:
        super().__init__(_("There is no ticket of that name. `astro tickets` lists them."), status=404)


class NothingToSay(DomainError):
    def __init__(self) -> None:
        super().__init__(_("A notice needs words, and it must end after it begins."))


class NotFromAccessHelp(DomainError):
    """A call that the script of access help does not make."""

    def __init__(self) -> None:
        super().__init__(_("This could not be read. Load access help again, then send it once more."), status=400)
