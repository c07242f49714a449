"""What our own answers to a customer's text say: who we are, that it was heard, and the way back. Nothing is offered.

A confirmation of opting in repeats what the CTIA Messaging Principles ask of the request. The words with which people
are asked stand in `customers.consent.wordings`, because they are kept as proof.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from astro.kit.phones import national
from astro.kit.punctuation import tidy
from astro.tenancy.stores import Store


def subscribed(store: Store, *, terms_url: str) -> str:
    """To whoever said yes."""
    return _(
        "%(store)s: You will get our offers & news by text, up to 4 msgs/month. Msg & data rates may apply. "
        "Reply HELP for help, STOP to cancel. Terms & privacy: %(url)s"
    ) % {"store": tidy(store.name), "url": terms_url}


def stopped(store: Store) -> str:
    """The one confirmation to whoever said stop."""
    return _("%(store)s: You are opted out and get no more texts from us. Reply START to opt in again.") % {
        "store": tidy(store.name)
    }


def help_answer(store: Store, *, terms_url: str) -> str:
    """To whoever asks, customer or not."""
    return _(
        "%(store)s: offers & news by text, up to 4 msgs/month, only for those who opted in. %(contact)s "
        "Msg & data rates may apply. Reply STOP to cancel. Terms & privacy: %(url)s"
    ) % {"store": tidy(store.name), "contact": _contact(store), "url": terms_url}


def _contact(store: Store) -> str:
    if store.phone:
        return _("Questions? Call %(phone)s.") % {"phone": national(store.phone)}
    if store.email:
        return _("Questions? Write to %(email)s.") % {"email": store.email}
    return _("Questions? Ask us in the store.")
