"""What can go wrong with exceptions, in the words of who asks and of who decides."""

from django.utils.translation import gettext as _

from astro.kit.errors import DomainError


class BadException(DomainError):
    """An exception that cannot be asked, or decided, as it is told. Nothing of it is written."""


class AskedBefore(DomainError):
    """A form whose key stands already, with something else in it."""

    def __init__(self) -> None:
        super().__init__(
            _("This exception was asked already, with something else in it. Look at its page; nothing was added."),
            status=409,
        )


class DecidedBefore(DomainError):
    """It was approved, rejected or withdrawn while this was on the screen; or its decision was taken back."""

    def __init__(self) -> None:
        super().__init__(_("This exception changed meanwhile. Load the page again to see how it stands."), status=409)


class HandedOut(DomainError):
    """An approval whose punches helped to pay for a free item."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A free item was handed out for a card with these punches, so the decision stays. Undo that redemption "
                "first, while its credit line is in no batch."
            ),
            status=409,
        )
