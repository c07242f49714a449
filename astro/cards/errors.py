"""What can go wrong with a card, in the cashier's words."""

from django.utils.translation import gettext_lazy as _

from astro.kit.errors import DomainError


class CardMoved(DomainError):
    """A round changed between reading and writing: the customer's lock was not held."""

    def __init__(self) -> None:
        super().__init__(_("This card was changed at another till just now. Check out once more."), status=409)
