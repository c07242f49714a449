"""What can go wrong on support's pages, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from astro.kit.errors import DomainError


class AlreadyDone(DomainError):
    """What was to be changed is so already."""

    def __init__(self) -> None:
        super().__init__(_("This is so already. Load the page again to see how it is now."), 409)
