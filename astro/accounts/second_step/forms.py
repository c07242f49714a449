"""The forms of the second step: allauth's, in our words and with our limits."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ReauthenticateForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from astro.accounts.second_step.tries import TOO_MANY, count_try, forget_tries, is_first_use

CODE_LENGTH = 20
NOT_MADE_HERE = _("Your browser sent something that is no passkey of yours. Try again.")
_BROKEN = (AttributeError, KeyError, IndexError, TypeError, ValueError)


def _code_field(*, hint: Any, mode: str) -> forms.CharField:
    return forms.CharField(
        label=_("Code"),
        max_length=CODE_LENGTH,
        help_text=hint,
        error_messages={"required": _("Type the code.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": mode, "autofocus": True}),
    )


class CodeForm(AuthenticateForm):
    """At signing in: a code of the app, or one of those on paper."""

    code = _code_field(hint=_("Six digits of your app, or one of your recovery codes."), mode="numeric")

    def clean_code(self) -> str:
        count_try(context.request, user=self.user)
        code: str = self.cleaned_data["code"]
        for one in Authenticator.objects.filter(user=self.user).order_by("-type"):
            if one.type != Authenticator.Type.WEBAUTHN and self._opens(one, code):
                one.user = self.user
                self.authenticator = one
                forget_tries(context.request, user=self.user)
                return code
        raise get_adapter().validation_error("incorrect_code")

    def _opens(self, one: Authenticator, code: str) -> bool:
        if not one.wrap().validate_code(code):
            return False
        return one.type != Authenticator.Type.TOTP or is_first_use(code, user=self.user)

    @property
    def seconds_to_wait(self) -> int | None:
        """After too many wrong codes, else None."""
        errors = self.errors.as_data().get("code", [])
        return next((error.params["seconds"] for error in errors if error.code == TOO_MANY and error.params), None)


class AppForm(ActivateTOTPForm):
    """The first code of a new app: that it counts as we do. It is then spent, like any other."""

    code = _code_field(hint=_("The six digits that your app shows now."), mode="numeric")

    def clean_code(self) -> str:
        count_try(context.request, user=self.user)
        code: str = self.cleaned_data["code"]
        if not validate_totp_code(self.secret, code) or not is_first_use(code, user=self.user):
            raise get_adapter().validation_error("incorrect_code")
        forget_tries(context.request, user=self.user)
        return code


class PasskeyForm(AuthenticateWebAuthnForm):
    """What a passkey has signed: of the person who gave the password, or, without `user`, of whoever it names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.passwordless = self.user is None

    def clean_credential(self) -> Authenticator:
        """No count of tries: a signature of 256 bits is not guessed, and anybody could use up another one's."""
        credential = self.cleaned_data["credential"]
        try:
            auth.parse_authentication_response(credential)
            user = self.user or auth.extract_user_from_response(credential)
            authenticator = auth.complete_authentication(user, credential)
        except ValidationError:
            raise
        except _BROKEN:
            raise ValidationError(NOT_MADE_HERE) from None
        authenticator.user = user
        return authenticator


class PasskeyNameForm(forms.Form):
    name = forms.CharField(
        label=_("Name of this passkey"),
        max_length=60,
        help_text=_("What it is on, for example My phone."),
        error_messages={"required": _("Give this passkey a name.")},
    )


class AddPasskeyForm(AddWebAuthnForm):
    """A passkey that the browser has just made. Good for signing in alone, so it checks who holds it."""

    name = forms.CharField(
        label=_("Name of this passkey"),
        max_length=60,
        required=False,
        help_text=_("What it is on, for example My phone."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("passwordless", None)

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            raise ValidationError(NOT_MADE_HERE) from None
        except _BROKEN:
            raise ValidationError(NOT_MADE_HERE) from None
        return cleaned


class ProofForm(ReauthenticateForm):
    """One's password, once more, before something that a stranger at an open computer must not do."""

    password = forms.CharField(
        label=_("Your password"),
        max_length=1000,
        strip=False,
        error_messages={"required": _("Type your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
