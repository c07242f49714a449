"""What can go wrong with a file, in the user's words."""

from __future__ import annotations

from astro.kit.errors import DomainError


class Unreadable(DomainError):
    """The whole file cannot be taken; the sentence says what to do instead."""


class NotNow(DomainError):
    """The upload is no longer where the page that asked took it to be: somebody was faster, or time is up."""
