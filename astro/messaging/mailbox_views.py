"""The local mailbox in the browser: what customers would have got. Nothing here was sent."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from astro.accounts.access import StaffRequest, staff
from astro.activity.actions import record
from astro.kit.clock import utc_now
from astro.messaging.mailbox_listing import MailboxFilter, kept_for, page_of_mailbox
from astro.messaging.preview_views import framed
from astro.messaging.senders import sender_of

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""As the preview's, but links open: whoever tries Astro wants to see where they lead."""


@staff
@require_safe
def mailbox(request: StaffRequest) -> HttpResponse:
    """The list; `#found` alone is swapped while typing."""
    asked = MailboxFilter(request.GET)
    page = page_of_mailbox(asked, role=request.membership.role, cursor=request.GET.get("cursor"))
    is_typing = request.headers.get("HX-Target") == "found"
    return render(
        request, f"messaging/{'mailbox_found' if is_typing else 'mailbox'}.html", {"asked": asked, "page": page}
    )


@staff
@require_safe
def kept(request: StaffRequest, kept_id: int) -> HttpResponse:
    """One message, with everything that its reader would see and the headers that they would not."""
    message = get_object_or_404(kept_for(request.membership.role), pk=kept_id)
    with transaction.atomic():
        record("kept message opened", message, by=request.user, at=request.location, now=utc_now())
    delivery = message.delivery
    is_practice = delivery.customer is not None and delivery.customer.is_practice
    told = {"kept": message, "delivery": delivery, "is_practice": is_practice}
    return render(request, "messaging/kept.html", {**told, "is_set_up": sender_of(delivery.channel).is_set_up()})


@staff
@require_safe
@xframe_options_sameorigin
def kept_letter(request: StaffRequest, kept_id: int) -> HttpResponse:
    """The letter itself, for a frame of ours, which lets it run nothing."""
    message = get_object_or_404(kept_for(request.membership.role), pk=kept_id)
    return framed(HttpResponse(message.html), POLICY)
