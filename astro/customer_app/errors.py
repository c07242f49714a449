"""What can go wrong in the app, in the customer's words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from astro.kit.errors import DomainError


class TooManyTries(DomainError):
    """Asked too often in a short time. `seconds` until the next try is let through."""

    def __init__(self, *, seconds: int) -> None:
        self.seconds = seconds
        minutes = -(-seconds // 60)
        sentence = ngettext(
            "There were too many tries. Wait %(minutes)d minute, then try again.",
            "There were too many tries. Wait %(minutes)d minutes, then try again.",
            minutes,
        )
        super().__init__(sentence % {"minutes": minutes}, status=429)


class LinkNoLongerYours(DomainError):
    """The link was sent to an address that the customer has no more, or to somebody who is no customer any more."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This link has stopped working, because your account at the store has changed since it was sent. "
                "Ask the store to send you a new one."
            ),
            status=410,
        )


class PracticeHasNoApp(DomainError):
    """The practice customer's messages are read by everyone who works at the store, so they must open no account: its
    password would be the store's, and its e-mail address perhaps somebody else's."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This customer is there to practice with, so there is no app for them. "
                "Try it with a customer whom you add yourself."
            ),
            status=403,
        )


class HasPassword(DomainError):
    """The link would set a password where there is one already. It leads to the sign-in page instead."""

    def __init__(self) -> None:
        super().__init__(_("You have a password already. Sign in with it."), status=409)
