"""The one place that makes an e-mail.

`advertise` is for everything that a store wants: it refuses to make mail without the store's postal address (CAN-SPAM,
CASL), a link to unsubscribe in both parts, and the two headers of RFC 8058. `answer` is for what a person asked for
themselves, and carries no offer. `as_email` looks once more before it makes what leaves.
"""

from __future__ import annotations

from email.utils import formataddr
from typing import Any

import mrml
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from astro.messaging.channels import Composed, NotAllowed
from astro.tenancy.stores import Store

UNSUBSCRIBE = "List-Unsubscribe"
ONE_CLICK = "List-Unsubscribe-Post"
ONE_CLICK_BODY = "List-Unsubscribe=One-Click"


class Unlawful(ValueError):
    """Mail of a kind that must not be made: a fault in our code, never the store's."""


def advertise(
    letter: str,
    *,
    store: Store,
    to: str,
    subject: str,
    unsubscribe_url: str,
    one_click_url: str,
    context: dict[str, Any],
) -> Composed:
    """Commercial mail in a store's name; `letter` names its two templates.

    Raises `NotAllowed` where the store has not told its postal address, `Unlawful` where something is missing.
    """
    if not store.postal_address:
        raise NotAllowed(
            _("Your store's postal address is missing, and the law asks for it. Fill it in under Store details.")
        )
    headers = {UNSUBSCRIBE: f"<{one_click_url}>", ONE_CLICK: ONE_CLICK_BODY}
    told = {**context, "unsubscribe_url": unsubscribe_url, "subject": subject}
    message = _compose(letter, store=store, to=to, subject=subject, headers=headers, context=told)
    must_stand = [unsubscribe_url, *store.postal_address]
    _insist(bool(unsubscribe_url and one_click_url), "a link to unsubscribe")
    _insist(all(escape(words) in message.html for words in must_stand), "unsubscribing or the address in the letter")
    _insist(all(words in message.text for words in must_stand), "unsubscribing or the address in the plain part")
    return message


def answer(letter: str, *, store: Store, to: str, subject: str, context: dict[str, Any]) -> Composed:
    """Mail that its reader asked for: a link to sign in, the confirmation of having left. Nothing is advertised."""
    told = {**context, "subject": subject}
    return _compose(letter, store=store, to=to, subject=subject, headers={}, context=told, is_answer=True)


def as_email(message: Composed, *, message_id: str) -> EmailMultiAlternatives:
    """What leaves. Raises `Unlawful` for commercial mail without its headers, and for a header with a line break."""
    if not message.extra.get("is_answer"):
        _insist(message.headers.get(ONE_CLICK) == ONE_CLICK_BODY, "the header of one-click unsubscribing")
        _insist(message.headers.get(UNSUBSCRIBE, "").startswith("<http"), "the header with the link to unsubscribe")
    for name, value in {
        **message.headers,
        "To": message.to,
        "From": message.sender,
        "Subject": message.subject,
    }.items():
        _insist("\n" not in value and "\r" not in value, f"a whole header {name}")
    headers = {**message.headers, "Message-ID": message_id}
    email = EmailMultiAlternatives(message.subject, message.text, message.sender, [message.to], headers=headers)
    email.attach_alternative(message.html, "text/html")
    return email


def _compose(
    letter: str,
    *,
    store: Store,
    to: str,
    subject: str,
    headers: dict[str, str],
    context: dict[str, Any],
    is_answer: bool = False,
) -> Composed:
    told = {**context, "store": store, "language": get_language() or "en"}
    marked_up = render_to_string(f"messaging/mail/{letter}.mjml", told)
    replies = {"Reply-To": store.email} if store.email else {}
    return Composed(
        to=to,
        sender=formataddr((" ".join(store.name.split()), settings.MAIL_FROM)),
        subject=subject,
        html=mrml.to_html(marked_up).content,
        text=render_to_string(f"messaging/mail/{letter}.txt", told).strip() + "\n",
        headers={**headers, **replies, "Auto-Submitted": "auto-generated"},
        extra={"is_answer": is_answer},
    )


def _insist(is_there: bool, what: str) -> None:
    if not is_there:
        raise Unlawful(f"This mail lacks {what}.")
