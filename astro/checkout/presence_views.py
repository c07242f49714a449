"""What an open page of the till says of itself, again and again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpResponse, JsonResponse, RawPostDataException
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from astro.accounts.access import StaffRequest, by_itself, staff
from astro.checkout.basket import read_json
from astro.checkout.errors import BadVisit
from astro.checkout.presence import others_here, say_gone, say_here, version_of
from astro.customers.queries import living_or_kept
from astro.kit.clock import utc_now


@staff
@by_itself
@require_POST
def here(request: StaffRequest, customer_id: int) -> HttpResponse:
    """`{page, leaving?}`: this page has the customer open, or is being closed. Who else has, and what changed."""
    now = utc_now()
    customer = living_or_kept(customer_id)
    if customer is None:
        raise Http404
    told = _told(request)
    page = _page(told.get("page"))
    if told.get("leaving") is True:
        say_gone(customer, page=page)
        return HttpResponse(status=204)
    device_id = request.device.pk if request.device else None
    say_here(customer, page=page, at=request.location, by=request.user, device_id=device_id, now=now)
    others = others_here(customer, page=page, now=now)
    return JsonResponse({"others": [asdict(other) for other in others], "version": version_of(customer)})


def _told(request: StaffRequest) -> dict[str, Any]:
    try:
        return read_json(request.body)
    except (RequestDataTooBig, RawPostDataException):  # a form with parts was read for its token, and is no object
        return {}


def _page(text: Any) -> UUID:
    try:
        return UUID(text)
    except (TypeError, ValueError, AttributeError) as problem:
        raise BadVisit(_("This page has no proper key. Reload it."), field="page") from problem
