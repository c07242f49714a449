"""How mail leaves: to an SMTP server, or to a mail service by its own interface, as the settings say."""

from __future__ import annotations

from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.translation import gettext as _
from requests import RequestException
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, SSLError

from astro.messaging.channels import Composed, Refused, Sent, TryLater, Unclear
from astro.messaging.mail import smtp
from astro.messaging.mail.building import as_email

SMTP = "smtp"
ASKS_TO_WAIT = frozenset({408, 425, 429, 503})
TAKEN = frozenset({"sent", "queued"})
NOBODY_KNOWS = frozenset({500, 502, 504})
SET_UP_WRONGLY = frozenset({401, 402, 403, 404, 405, 407})


def post(message: Composed) -> Sent:
    """Raises `Refused`, `TryLater`, `Unclear`."""
    domain = settings.MAIL_FROM.rpartition("@")[2]
    message_id = f"<{message.extra['delivery']}@{domain}>"
    email = as_email(message, message_id=message_id)
    if settings.MAIL_ROUTE == SMTP:
        smtp.post(email)
        return Sent(message_id)
    return _to_service(email, message)


def _to_service(email: EmailMultiAlternatives, message: Composed) -> Sent:
    """What goes along as `metadata` comes back in the service's hooks, and says which delivery they are about."""
    told: Any = email
    told.metadata = {"retailer": message.extra["retailer"], "delivery": message.extra["delivery"]}
    connection = get_connection(f"anymail.backends.{settings.MAIL_ROUTE}.EmailBackend")
    try:
        connection.send_messages([email])
    except AnymailRecipientsRefused as refusal:
        is_dead = "invalid" in _statuses(told)
        raise Refused(_("The mail service does not take this address."), is_dead=is_dead) from refusal
    except AnymailAPIError as problem:
        raise _judge(problem) from problem
    except AnymailError as problem:
        raise Refused(_("The mail service cannot send this mail: %(why)s") % {"why": problem}) from problem
    except (ValueError, LookupError, TypeError, AttributeError) as problem:  # a yes that cannot be read
        raise Unclear(_("The mail service did not answer. The mail may have been sent.")) from problem
    if not _statuses(told) & TAKEN:
        raise Unclear(_("The mail service did not say whether it took the mail."))
    named = told.anymail_status.message_id
    return Sent(named if isinstance(named, str) else "")


def _statuses(email: Any) -> set[str]:
    """What the service says about the one reader."""
    return {status.status for status in email.anymail_status.recipients.values()}


def _judge(problem: AnymailAPIError) -> Refused | TryLater | Unclear:
    code: int | None = problem.status_code
    if code is None:
        if _never_left(problem):
            return TryLater(_("The mail service cannot be reached."))
        return Unclear(_("The mail service did not answer. The mail may have been sent."))
    if code in ASKS_TO_WAIT:
        return TryLater(_("The mail service asks to wait (%(code)s).") % {"code": code})
    if code in SET_UP_WRONGLY:
        return TryLater(_("The mail service does not let us send (%(code)s).") % {"code": code})
    if code in NOBODY_KNOWS or code < 400:
        return Unclear(_("The mail service failed (%(code)s). The mail may have been sent.") % {"code": code})
    return Refused(_("The mail service did not take it (%(code)s).") % {"code": code})


def _never_left(problem: Exception) -> bool:
    """Whether no connection ever stood."""
    cause = problem.__cause__
    if not isinstance(cause, RequestException) or not cause.args or not isinstance(cause.args[0], MaxRetryError):
        return False
    return isinstance(cause.args[0].reason, NewConnectionError | ConnectTimeoutError | SSLError)
