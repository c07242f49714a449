"""What can go wrong with a card, in the cashier's words."""

from django.utils.translation import gettext as _

from astro.kit.errors import DomainError


class CardMoved(DomainError):
    """A round changed between reading and writing: the customer's lock was not held."""

    def __init__(self) -> None:
        super().__init__(_("This card was changed at another till just now. Check out once more."), status=409)


class AlreadyRedeemed(DomainError):
    """The reward was handed out before."""

    def __init__(self) -> None:
        super().__init__(
            _("This reward was already redeemed. Look at the customer's history to see when and where."), status=409
        )


class NotReady(DomainError):
    """The reward's card is not full any more."""

    def __init__(self) -> None:
        super().__init__(
            _("This card is not full any more: a purchase on it was removed. Open the customer again."), status=409
        )


class FullOnlyWithIt(DomainError):
    """The free item cannot be the very unit that fills the card."""

    def __init__(self) -> None:
        super().__init__(
            _("The card is full only with this item, so it stays a purchase. Hand out another one as the free item."),
            field="is_scanned",
        )
