"""Texts that came in: administrators read what no keyword was, and say what it means."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from astro.accounts.access import StaffRequest, administrators, safe_next
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.kit.clock import utc_now
from astro.kit.phones import national
from astro.messaging.models import Reply
from astro.messaging.texts.inbound import settle, take_as_stop
from astro.messaging.texts.reply_listing import ReplyFilter, export_heading, export_rows, page_of_replies

STOP = "stop"


@administrators
@require_safe
def show_replies(request: StaffRequest) -> HttpResponse:
    """What waits to be read, or all; `#found` alone is swapped while typing."""
    asked = ReplyFilter(request.GET)
    page = {"asked": asked, "page": page_of_replies(asked, cursor=request.GET.get("cursor"))}
    is_typing = request.headers.get("HX-Target") == "found"
    return render(request, f"messaging/texts/{'replies_found' if is_typing else 'replies'}.html", page)


@administrators
@require_safe
@an_export
def export_replies(request: StaffRequest) -> FileResponse:
    """The list as it is asked for in the address: XLSX (`?as=xlsx`), else CSV."""
    asked = ReplyFilter(request.GET)
    rows = export_rows(asked, at=request.location)
    return table_download(request, "replies", name=_("texts"), heading=export_heading(), rows=rows, asked=asked)


@administrators
@require_POST
def settle_reply(request: StaffRequest, reply_id: int) -> HttpResponse:
    """Somebody has read it: it means stop (`meaning=stop`), or there is nothing to do."""
    reply = get_object_or_404(Reply.objects.select_related("customer"), pk=reply_id)
    who = reply.customer.name if reply.customer else national(reply.sender)
    if request.POST.get("meaning") == STOP:
        if take_as_stop(reply, by=request.user, now=utc_now()):
            messages.success(request, _("No more texts go to %(who)s. Only they can start them again.") % {"who": who})
    elif settle(reply, by=request.user, now=utc_now()):
        messages.success(request, _("Looked at. Nothing was changed for %(who)s.") % {"who": who})
    return redirect(safe_next(request, reverse("messaging:replies")))
