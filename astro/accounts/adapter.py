"""Where allauth asks us: who may sign in, what is said when not, and what follows."""

from __future__ import annotations

import math
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.app_settings import LoginMethod
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from astro.accounts.actions import start_work
from astro.accounts.models import User, as_login
from astro.accounts.own.sessions import note_beginning
from astro.accounts.queries import last_membership, living_memberships
from astro.accounts.throttle import seconds_to_wait
from astro.accounts.tills import read_cookie
from astro.kit.addresses import client_address
from astro.kit.clock import utc_now

TOO_MANY = "too_many_login_attempts"
NOT_KNOWN = _("We don't know this name and password together. Check both, or ask an administrator of your store.")


class StaffAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": NOT_KNOWN,
        "username_password_mismatch": NOT_KNOWN,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Only somebody who works somewhere. A shut-out person counts and hears the same as a wrong password; of whom
        the store removed, and who knows the password, `request.removed` is where they worked last."""
        user = self.person_with(request, **credentials)
        if user is None or user.is_support or living_memberships(user):
            return user
        request.removed = last_membership(user)  # type: ignore[attr-defined]
        return None

    def person_with(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Whose password this is, wherever they work. Counted, and refused after too many."""
        self.pre_authenticate(request, **credentials)
        user = authenticate(request, **credentials)
        AuthenticationBackend.unstash_authenticated_user()
        if not isinstance(user, User):
            return None
        self._rollback_login_failed_rl_usage()
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count this try; refuse it, right password or not, when there were too many."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            seconds = seconds_to_wait(request, key=self._get_login_attempts_cache_key(request, **credentials))
            minutes = math.ceil(seconds / 60)
            sentence = ngettext(
                "There were too many tries with a wrong password. Wait %(minutes)d minute, then try again.",
                "There were too many tries with a wrong password. Wait %(minutes)d minutes, then try again.",
                minutes,
            )
            raise ValidationError(sentence, code=TOO_MANY, params={"minutes": minutes, "seconds": seconds}) from None

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        note_beginning(request, now=utc_now())
        if user.is_support:
            return  # the platform's, who stand in no store
        start_work(request.session, membership=living_memberships(user)[0], cookie=read_cookie(request), now=utc_now())

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Whether this is their password; counted and refused like at the sign-in page."""
        method = LoginMethod.EMAIL if user.email else LoginMethod.USERNAME
        again = self.authenticate(context.request, **{method.value: user.login, "password": password})
        return again is not None and again.pk == user.pk

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The password, always: what is changed behind it is what stands beside the password."""
        return [{"id": "reauthenticate", "description": "", "url": reverse("account_reauthenticate")}]

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: our own letters go out with our own records (`second_step.actions`)."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """For allauth's limits, and whoever asks its adapter; empty where nobody can tell, which is one more key."""
        found = client_address(request)
        return str(found) if found else ""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: allauth would greet on the next page, and the till has no room for that."""

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By what was typed alone. With the host name, each name of this server would allow as many tries again."""
        return as_login(credentials.get("email") or credentials.get("username") or "")
