"""What can go wrong with people and tills, in their words."""

from django.utils.translation import gettext_lazy as _

from astro.kit.errors import DomainError


class SignedOut(DomainError):
    """Nobody is signed in. Said to programs; people are sent to the sign-in page."""

    def __init__(self) -> None:
        super().__init__(_("You are signed out. Sign in, then try again."), 401)


class WrongRole(DomainError):
    """This person may not do this."""

    def __init__(self) -> None:
        super().__init__(
            _("This page is for administrators. Ask an administrator of your store to do it, or to change your role."),
            403,
        )


class MastersOnly(DomainError):
    """Only a master administrator may do this."""

    def __init__(self) -> None:
        super().__init__(
            _("This is for the master administrator of your stores. Ask them to do it for you."),
            403,
        )


class NoLocation(DomainError):
    """A master administrator of a store that has no location yet: every page shows one."""

    def __init__(self) -> None:
        super().__init__(
            _("Your store has no location yet, and everything here belongs to one. Ask for it to be added."), 409
        )


class AlreadyTill(DomainError):
    """This browser is a till of this retailer, so it cannot become another one."""

    def __init__(self, *, name: str) -> None:
        sentence = _("This browser is already the till “%(name)s”. Retire that one first.")
        super().__init__(sentence % {"name": name}, 409)


class TillNameTaken(DomainError):
    """A living till of this location has this name."""

    def __init__(self, *, name: str) -> None:
        sentence = _("There is already a till called “%(name)s” here. Give this one another name.")
        super().__init__(sentence % {"name": name}, 422, "name")
