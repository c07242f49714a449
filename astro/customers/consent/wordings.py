"""The words with which a store asks, for the message and for the proof alike.

A text that asks must say who asks and for what, that the texts will be automated and go to this number, how often they
come, that rates may apply and that nothing depends on a yes, how to get help and how to stop, and where terms and
privacy stand (CTIA Messaging Principles; 47 CFR 64.1200(f)(9)). It fits two parts with a name of 40 letters; marks that
would double the price are put plainly.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from astro.kit.punctuation import tidy
from astro.tenancy.stores import Store


def opt_in_text(store: Store, *, terms_url: str) -> str:
    """What the SMS Opt In Text says, whole. `terms_url` leads to the store's terms and privacy."""
    return _(
        "%(store)s: Reply YES for our offers & news by recurring automated texts to this number, "
        "up to 4 msgs/month. "
        "Not a condition of purchase. Msg & data rates may apply. Reply HELP for help, STOP to cancel. "
        "Terms & privacy: %(url)s"
    ) % {"store": tidy(store.name), "url": terms_url}


def mailing_list(store: Store) -> str:
    """The sentence beside the button that verifies an e-mail address and joins the mailing list."""
    return _(
        "Yes, this is my e-mail address, and %(store)s may send me its news and offers here. "
        "I can unsubscribe at any time."
    ) % {"store": store.name}


def app_switch(store: Store, channel: str) -> str:
    """The sentence beside the switch in the app."""
    told = {
        "email": _("%(store)s may send me its news and offers by e-mail. I can switch this off at any time."),
        "text": _(
            "%(store)s may send me its news and offers by text, up to 4 messages a month. Message and data rates may "
            "apply. This is not required to buy. I can switch this off or reply STOP at any time."
        ),
    }
    return told[channel] % {"store": store.name}
