"""The link in the letter: whose it is, from when, and a proof that only this installation can make.

No row is kept. The proof is made of what a new password changes (the password's own hash), so a link works once; and of
the e-mail and the last sign-in, so that it ends when the address changes, or its person remembers after all.
"""

from __future__ import annotations

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import base36_to_int, int_to_base36

from astro.accounts.models import User

LIVES_MINUTES = 60
"""`settings.PASSWORD_RESET_TIMEOUT` says the same in seconds."""


class _Proofs(PasswordResetTokenGenerator):
    key_salt = "astro.accounts.forgotten"


_proofs = _Proofs()
_NOBODY = User(pk=0, email="nobody@localhost", password="!")  # noqa: S106 - no password fits


def make_token(user: User) -> str:
    """The part of the address that differs."""
    return f"{int_to_base36(user.pk)}-{_proofs.make_token(user)}"


def user_of(token: str, *, to_change: bool = False) -> User | None:
    """Whose password this link may set, or None: used up, too old, or never ours. The same work for each of these.

    `to_change` holds the user's row until the transaction ends: of two who use a link at once, one is too late.
    """
    start, _dash, proof = token.partition("-")
    users = User.objects.select_for_update() if to_change else User.objects.all()
    user = users.filter(pk=_number(start), is_active=True, email__isnull=False).first()
    is_theirs = _proofs.check_token(user or _NOBODY, proof)
    return user if is_theirs and user is not None else None


def _number(text: str) -> int:
    """0 for what is none, which is nobody's id."""
    try:
        number = base36_to_int(text)
    except ValueError:
        return 0
    return number if number < 2**63 else 0
