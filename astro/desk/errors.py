"""What can go wrong at the desk, in words for those who stand there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from astro.kit.errors import DomainError

if TYPE_CHECKING:
    from astro.desk.models import SignUp


class KnownAddress(DomainError):
    """Said only to whoever may know it: on one's own machine, or with a link that came to this very address."""

    def __init__(self) -> None:
        super().__init__(
            _("This e-mail signs in here already. Sign in; then another store can be signed up from this page."),
            field="email",
        )


class LinkOver(DomainError):
    """Too old, or never ours."""

    page = "desk/sign_up_over.html"

    def __init__(self) -> None:
        super().__init__(_("This link is too old, or not whole. Sign up once more: it takes a minute."), 404)


class OpenAlready(DomainError):
    """The link was used."""

    page = "desk/sign_up_over.html"

    def __init__(self, sign_up: SignUp) -> None:
        super().__init__(_("Your store is open. Sign in with your e-mail and the password that you chose."), 409)
        self.sign_up = sign_up


class WrongPassword(DomainError):
    def __init__(self) -> None:
        super().__init__(
            _("This is not the password that you chose when you signed up. Check it, or sign up once more."),
            field="password",
        )


class NotForSupport(DomainError):
    def __init__(self) -> None:
        super().__init__(_("You work for the platform, and so for no store. Sign out to sign a store up."), 409)


class NotAtTill(DomainError):
    def __init__(self) -> None:
        super().__init__(_("You are on this till with a PIN. Sign in with your password to sign a store up."), 409)
