"""Letters to the people who work here, about getting in. Plain words, one thing to do in each, and who wrote.

Whoever has no e-mail gets none, and nothing breaks: an administrator helps them.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from astro.accounts.models import Invitation, User
from astro.kit.mail import send_plain


def address_of_page(route: str, *args: object) -> str:
    """The whole address of one of our pages, as it can stand in a letter."""
    return f"{settings.PUBLIC_URL}{reverse(route, args=args)}"


def password_changed(user: User, *, now: datetime) -> None:
    """The password is another one: whoever did not do this learns of it."""
    if not user.email:
        return
    text = _(
        "Hello %(name)s,\n\n"
        "Your Astro password was changed, and you were signed out everywhere else.\n\n"
        "If it was you, or you asked somebody to do it, there is nothing to do.\n\n"
        "If not, set a new one now:\n%(link)s\n"
        "Then tell an administrator of your store."
    ) % {"name": user.name, "link": address_of_page("accounts:forgotten")}
    send_plain(user.email, _("Your Astro password was changed"), text, now=now)


def second_step_added(user: User, *, now: datetime) -> None:
    """There is one more way to prove who one is: whoever did not add it learns of it."""
    if not user.email:
        return
    text = _(
        "Hello %(name)s,\n\n"
        "A second step for signing in to Astro was added to your user: an authenticator app or a passkey.\n\n"
        "If it was you, there is nothing to do.\n\n"
        "If not, somebody knows your password. Set a new one now:\n%(link)s\n"
        "Then tell an administrator of your store."
    ) % {"name": user.name, "link": address_of_page("accounts:forgotten")}
    send_plain(user.email, _("A second step was added to your Astro user"), text, now=now)


def second_step_removed(user: User, *, now: datetime) -> None:
    """There is one way less, by oneself or by somebody who helped."""
    if not user.email:
        return
    text = _(
        "Hello %(name)s,\n\n"
        "A second step for signing in to Astro was removed from your user.\n\n"
        "If it was you, or you asked somebody to do it, there is nothing to do.\n\n"
        "If not, set a new password now:\n%(link)s\n"
        "Then tell an administrator of your store."
    ) % {"name": user.name, "link": address_of_page("accounts:forgotten")}
    send_plain(user.email, _("A second step was removed from your Astro user"), text, now=now)


def recovery_codes_made(user: User, *, now: datetime) -> None:
    """The codes on paper are others."""
    if not user.email:
        return
    text = _(
        "Hello %(name)s,\n\n"
        "New recovery codes for Astro were made. The ones you had are good for nothing now.\n\n"
        "If it was you, there is nothing to do.\n\n"
        "If not, somebody knows your password. Set a new one now:\n%(link)s\n"
        "Then tell an administrator of your store."
    ) % {"name": user.name, "link": address_of_page("accounts:forgotten")}
    send_plain(user.email, _("New recovery codes for your Astro user"), text, now=now)


def new_password(user: User, *, token: str, now: datetime) -> None:
    """The link that sets a new password, for whoever said they forgot theirs."""
    text = _(
        "Hello %(name)s,\n\n"
        "Set a new password for Astro here. The link works for one hour, and once:\n%(link)s\n\n"
        "If you did not ask for this, there is nothing to do: your password stays as it is."
    ) % {"name": user.name, "link": address_of_page("accounts:new_password", token)}
    send_plain(user.email or "", _("Set a new Astro password"), text, now=now)


def no_access_any_more(user: User, *, now: datetime) -> None:
    """Asked for a new password, and was removed: a link would open nothing."""
    text = _(
        "Hello %(name)s,\n\n"
        "You asked for a new password for Astro. Your user was removed, so there is none to set.\n\n"
        "Ask an administrator of your store to add you again. If nobody is left there, ask Astro's support:\n%(link)s"
    ) % {"name": user.name, "link": address_of_page("support:access_help")}
    send_plain(user.email or "", _("Your access to Astro was removed"), text, now=now)


def invitation(invitation: Invitation, *, store: str, token: str, now: datetime) -> None:
    """Somebody is asked to work for a store. The same words whether they sign in to Astro already or not."""
    text = _(
        "Hello %(name)s,\n\n"
        "%(by)s invites you to work with Astro for %(store)s. Accept here; the link works for seven days, and once:\n"
        "%(link)s\n\n"
        "If you do not know %(store)s, there is nothing to do."
    ) % {
        "name": invitation.name,
        "by": invitation.sent_by.name,
        "store": store,
        "link": address_of_page("accounts:invitation", token),
    }
    subject = " ".join((_("%(store)s invites you to Astro") % {"store": store}).split())
    send_plain(invitation.email, subject, text, now=now)
