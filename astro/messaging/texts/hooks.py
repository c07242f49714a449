"""Where the text service calls: a text that came in, and what became of one that went out.

A call counts only with the service's signature over this very address and its whole form. The same call may come any
number of times: it changes something once, and is answered alike.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from astro.accounts.access import public
from astro.customers.models import Channel
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.messaging.models import Delivery
from astro.messaging.texts.inbound import LONGEST_BODY, Incoming, receive
from astro.messaging.texts.keywords import Meaning
from astro.messaging.texts.numbers import was_ever_ours
from astro.messaging.texts.reports import note_report
from astro.messaging.texts.signatures import is_signed
from astro.tenancy.current import within

FORM = "application/x-www-form-urlencoded"
LONGEST_FORM = 64 * 1024
NOTHING_TO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
"""In the service's own language: anything else in an answer would be texted to the customer."""

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
"""Who may be a customer: nobody shops with a short code."""

HEARD_BY_SERVICE = {"STOP": Meaning.STOP, "START": Meaning.START, "HELP": Meaning.HELP}


class NotSigned(DomainError):
    """Anybody can call an address; only the service can sign."""

    def __init__(self) -> None:
        super().__init__(_("This call is not signed by the text service."), status=403)


class TooLarge(DomainError):
    def __init__(self) -> None:
        super().__init__(_("No text is as large as this."), status=413)


@csrf_exempt
@require_POST
@public
def text_in(request: HttpRequest, retailer_id: int) -> HttpResponse:
    """A text to one of the store's numbers, also one that it had before."""
    form = _signed_form(request)
    with within(retailer_id):
        if not was_ever_ours(form.get("To", "")):
            raise Http404
        text = Incoming(
            provider_id=_plain(form, "MessageSid", 100),
            sender=_plain(form, "From", 16),
            to=_plain(form, "To", 16),
            body=_plain(form, "Body", LONGEST_BODY),
            meaning=HEARD_BY_SERVICE.get(form.get("OptOutType", "").upper()),
        )
        if not text.provider_id or not E164.fullmatch(text.sender):
            raise Http404
        receive(text, now=utc_now())
    return _heard()


@csrf_exempt
@require_POST
@public
def text_status(request: HttpRequest, retailer_id: int, token: str) -> HttpResponse:
    """What became of a text; `token` names the delivery."""
    form = _signed_form(request)
    with within(retailer_id):
        delivery = Delivery.objects.filter(token=token, channel=Channel.TEXT).first()
        if delivery is None:
            raise Http404
        note_report(
            delivery,
            status=_plain(form, "MessageStatus", 40),
            code=_plain(form, "ErrorCode", 20),
            provider_id=_plain(form, "MessageSid", 100),
            now=utc_now(),
        )
    return _heard()


def _signed_form(request: HttpRequest) -> QueryDict:
    """The form, if the service has signed it."""
    service: dict[str, Any] | None = settings.TEXT_GATEWAY
    if service is None or request.content_type != FORM:
        raise NotSigned
    if len(request.body) > LONGEST_FORM:
        raise TooLarge
    form = {name: list(values) for name, values in request.POST.lists()}
    signature = request.headers.get("X-Twilio-Signature", "")
    address = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    if not is_signed(address, form, token=service["token"], signature=signature):
        raise NotSigned
    return request.POST


def _plain(form: QueryDict, name: str, longest: int) -> str:
    """A field, without the one character that no database keeps."""
    return form.get(name, "").replace("\x00", "")[:longest]


def _heard() -> HttpResponse:
    return HttpResponse(NOTHING_TO_ANSWER, content_type="text/xml; charset=utf-8")
