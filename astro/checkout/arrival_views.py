"""The door for what tills kept: no session is needed, no CSRF token, only the till's own cookie."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpResponse, JsonResponse, RawPostDataException
from django.urls import reverse
from django.views.decorators.http import require_POST

from astro.accounts.access import TillRequest, tills
from astro.accounts.errors import NoTill, OtherStore
from astro.checkout.arrivals import MOST_BYTES, SentVisit, judge, read_moment, read_sent
from astro.checkout.arriving import Arrived, arrive
from astro.checkout.bodies import sent_object
from astro.checkout.errors import too_large
from astro.checkout.waiting import note_waiting, read_waiting
from astro.kit.clock import utc_now
from astro.tenancy.current import within
from astro.tenancy.models import Location

CLOCK_HEADER = "X-Till-Clock"


@tills
@require_POST
def create_arrival(request: TillRequest) -> HttpResponse:
    """One visit that a till kept. It may come any number of times; it counts once and is answered alike."""
    sent, data = read_sent(_body(request))
    now = utc_now()
    till_clock = read_moment(request.headers.get(CLOCK_HEADER))
    retailer_id, device_id, location_id = _sender(request, sent, till_clock=till_clock, now=now)
    with within(retailer_id), transaction.atomic():
        at = Location.objects.select_related("retailer").filter(pk=location_id).first()
        if at is None:
            raise OtherStore
        sender = None if device_id else request.membership
        arrived = arrive(sent, data, at=at, device_id=device_id, till_clock=till_clock, sender=sender, now=now)
    return JsonResponse({"arrival": _told(arrived)})


@tills
@require_POST
def note_queue(request: TillRequest) -> HttpResponse:
    """How many visits wait on this till, and since when. Of a browser that is no till nothing is noted."""
    waiting = read_waiting(sent_object(request))
    till = request.till
    if till is not None:
        with within(till.retailer_id), transaction.atomic():
            note_waiting(till, waiting, till_clock=read_moment(request.headers.get(CLOCK_HEADER)), now=utc_now())
    return JsonResponse({"noted": till is not None})


def _body(request: TillRequest) -> bytes:
    try:
        body = request.body
    except RequestDataTooBig as problem:
        raise too_large() from problem
    except RawPostDataException:  # a form with parts is no visit
        return b""
    if len(body) > MOST_BYTES:
        raise too_large()
    return body


def _sender(
    request: TillRequest, sent: SentVisit, *, till_clock: datetime | None, now: datetime
) -> tuple[int, int | None, int]:
    """In whose name it comes: retailer, till, location. The till's own word goes before whoever is signed in there.

    A till that was retired brings what it kept before. Raises OtherStore, and NoTill for what it kept since.
    """
    till, membership = request.till, request.membership
    if till is not None and sent.retailer_id in (None, till.retailer_id):
        kept_at = judge(sent.told_at, till_clock=till_clock, now=now).occurred_at
        if till.retired_at is None or kept_at <= till.retired_at:
            return till.retailer_id, till.pk, sent.location_id or till.location_id
    if membership is not None and sent.retailer_id in (None, membership.retailer_id):
        location_id = sent.location_id or request.location_id
        if location_id is None or not membership.covers(location_id):
            raise OtherStore
        return membership.retailer_id, request.device_id, location_id
    is_retired = till is not None and till.retailer_id == sent.retailer_id
    raise NoTill if is_retired and membership is None else OtherStore


def _told(arrived: Arrived) -> dict[str, object]:
    told: dict[str, object] = {"key": str(arrived.key), "outcome": str(arrived.outcome), "why": arrived.whys}
    if arrived.has_visit:
        told["visit_url"] = reverse("checkout:visit", args=[arrived.key])
    return told
