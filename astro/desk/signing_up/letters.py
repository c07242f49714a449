"""The two letters of signing up."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from astro.kit.mail import send_plain


def open_your_store(email: str, *, store: str, token: str, now: datetime) -> None:
    text = _(
        "Hello,\n\n"
        "Open %(store)s in Astro here, with the password that you chose. The link works for one day, and once:\n"
        "%(link)s\n\n"
        "If you did not sign up, there is nothing to do: without your click nothing is opened."
    ) % {"store": store, "link": _address("desk:confirm_sign_up", token)}
    send_plain(email, _("Open your store in Astro"), text, now=now)


def known_already(email: str, *, now: datetime) -> None:
    text = _(
        "Hello,\n\n"
        "Somebody signed up for Astro with this address. It has an account already, so nothing was opened.\n\n"
        "If it was you, sign in:\n%(sign_in)s\n"
        "Forgot your password? Set a new one:\n%(forgotten)s\n\n"
        "Want to sign up one more store? Sign in first, then open:\n%(sign_up)s\n\n"
        "If it was not you, there is nothing to do."
    ) % {
        "sign_in": _address("accounts:sign_in"),
        "forgotten": _address("accounts:forgotten"),
        "sign_up": _address("desk:sign_up"),
    }
    send_plain(email, _("You have an Astro account already"), text, now=now)


def _address(route: str, *args: object) -> str:
    return f"{settings.PUBLIC_URL}{reverse(route, args=args)}"
