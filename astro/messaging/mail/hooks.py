"""Where the mail service calls: what became of a mail after it took it, and who complained.

django-anymail knows each service's own language and checks its password. A call may come any number of times, and in
any order: each thing told about a delivery counts once.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from importlib import import_module
from typing import Any

from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from astro.accounts.access import public
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.messaging.mail.posting import SMTP
from astro.messaging.mail.reports import note_report
from astro.messaging.models import Delivery
from astro.tenancy.current import within

LONGEST_EVENT = 100


class NotTheService(DomainError):
    """Anybody can call an address; only the service knows the password."""

    def __init__(self) -> None:
        super().__init__(_("This call does not come from the mail service."), status=403)


class NotUnderstood(DomainError):
    def __init__(self) -> None:
        super().__init__(_("This is not what the mail service sends."), status=400)


@csrf_exempt
@require_POST
@public
def mail_status(request: HttpRequest) -> HttpResponse:
    """What became of one mail or of several. Mail that is not one of ours is passed over."""
    if settings.MAIL_ROUTE in ("", SMTP):
        raise NotTheService
    for event in _events(request):
        _note(event, now=utc_now())
    return HttpResponse("", content_type="text/plain; charset=utf-8")


def _events(request: HttpRequest) -> list[AnymailTrackingEvent]:
    listener = _listener()
    try:
        listener.run_validators(request)
    except AnymailWebhookValidationFailure as failure:
        raise NotTheService from failure
    try:
        events: list[AnymailTrackingEvent] = listener.parse_events(request)
    except (ValueError, LookupError, TypeError, AttributeError, AnymailError) as problem:
        raise NotUnderstood from problem
    return events


def _listener() -> Any:
    """The part of django-anymail that speaks this service's language."""
    module = import_module(f"anymail.webhooks.{settings.MAIL_ROUTE}")
    name = next(name for name in vars(module) if name.endswith("TrackingWebhookView"))
    return getattr(module, name)()


def _note(event: AnymailTrackingEvent, *, now: datetime) -> None:
    """`metadata` is what we sent along (`posting`)."""
    named = event.metadata if isinstance(event.metadata, dict) else {}
    retailer, token = str(named.get("retailer", "")), str(named.get("delivery", ""))
    if not retailer.isascii() or not retailer.isdigit() or len(retailer) > 18:
        return
    with within(int(retailer)):
        delivery = Delivery.objects.filter(token=token).select_related("customer").first()
        if delivery is not None:
            note_report(delivery, event, name=_name_of(event), now=now)


def _name_of(event: AnymailTrackingEvent) -> str:
    """What makes one thing told the same as another; not every service gives it a number."""
    name = f"{event.event_type} {event.event_id or event.timestamp or ''}"
    return name if len(name) <= LONGEST_EVENT else f"{event.event_type} {sha256(name.encode()).hexdigest()}"
