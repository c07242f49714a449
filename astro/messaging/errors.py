"""What can go wrong with a message, in its reader's words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from astro.kit.errors import DomainError


class NoLongerTheirs(DomainError):
    """A link to verify an address which is not the customer's any more."""

    def __init__(self) -> None:
        super().__init__(
            _("This e-mail address is no longer on file at the store. If it is yours, tell them at your next visit."),
            status=410,
        )


class OnlyPractice(DomainError):
    """The practice customer's letter, which staff read in the mailbox: who opens its link proves nothing."""

    def __init__(self) -> None:
        super().__init__(_("This is a letter to the practice customer. Its button does nothing."), status=409)


class OtherLocationsStore(DomainError):
    """The store's details were to be written by somebody who runs another location."""

    def __init__(self, location: str) -> None:
        super().__init__(
            _("These details are kept with %(location)s. Ask an administrator of that location.")
            % {"location": location}
        )


class NoSuchStore(DomainError):
    """A page of a store that is not here."""

    def __init__(self) -> None:
        super().__init__(_("There is no such store here. Check the link."), status=404)
