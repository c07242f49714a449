"""What can go wrong with a store's account, in words."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from astro.kit.errors import DomainError


class ReasonMissing(DomainError):
    """Whoever changes something for a store says why, and the store reads it."""

    def __init__(self) -> None:
        super().__init__(_("Say why in a few words, 200 characters at most: the store reads it."), field="reason")


class AlreadySo(DomainError):
    """The account is so already, or became another meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("This was changed meanwhile. Load the page again to see how it is now."), 409)


class TrialNeedsEnd(DomainError):
    """A trial ends some day, and that is to come."""

    def __init__(self, *, now: datetime) -> None:
        super().__init__(_("Choose the last day of the trial: a day to come."), field="trial_until")
        self.now = now


class NoBillingContact(DomainError):
    """Somebody who cannot be written to about a bill, or does not run the store."""

    def __init__(self) -> None:
        super().__init__(
            _("The primary billing contact is an administrator who works there now and has an e-mail address."),
            field="membership",
        )


class NotBillingContact(DomainError):
    """An administrator who is not the one whom bills go to."""

    def __init__(self) -> None:
        super().__init__(_("Only the primary billing contact changes this. Ask them, or ask support to move it."), 409)
