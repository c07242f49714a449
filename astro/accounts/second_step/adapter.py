"""Where allauth's second steps ask us: how secrets are kept, and what things are called."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from astro.accounts.models import User

WRONG_CODE = gettext_lazy("That is not the code. Wait for the next one, and type it as it stands in the app.")


class SecondStepAdapter(DefaultMFAAdapter):
    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG_CODE}

    def encrypt(self, text: str) -> str:
        """Secrets of apps and seeds of paper codes: who reads our tables, or a backup, cannot sign in with them."""
        return _cipher(settings.LASTING_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher(settings.LASTING_KEY).decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """A passkey belongs to the name under which this installation was reached; `id` is that name without a port."""
        return {"id": context.request.get_host().partition(":")[0], "name": "Astro"}

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey %(number)d") % {"number": number}

    def _get_user_identifier(self, user: User) -> str:
        """How an app or a browser lists it: the login, which is what its person types here."""
        return user.login


@cache
def _cipher(lasting_key: str) -> Fernet:
    """By the key that never changes: a new secret key must not lock every administrator out of their own store."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"astro.accounts.second_step")
    return Fernet(base64.urlsafe_b64encode(derived.derive(lasting_key.encode())))
