"""What support tells all who work here: standing and past notices, a new one, and taking back."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from astro.accounts.access import support_team
from astro.backoffice.forms import NoticeForm
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.paging import page_of
from astro.support.actions import end_notice, give_notice
from astro.support.models import Notice, Severity


@support_team
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    now = utc_now()
    form = NoticeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        until = now + timedelta(hours=told["hours"]) if told["hours"] else None
        try:
            give_notice(
                told["text"], severity=Severity(told["severity"]), parts=[], from_at=now, until_at=until, now=now
            )
        except DomainError as refusal:
            form.add_error("text", str(refusal))
        else:
            messages.success(request, _("It stands on every page now."))
            return redirect("backoffice:notices")
    page = page_of(Notice.objects.all(), order_by=("-from_at",), cursor=request.GET.get("cursor"))
    rows = [(notice, notice.holds_at(now), notice.from_at > now) for notice in page.rows]
    told = {"form": form, "page": page, "rows": rows}
    return render(request, "backoffice/notices.html", told, status=422 if form.is_bound else 200)


@support_team
@require_POST
def notice_endings(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Take it back: it stands on no page any more."""
    end_notice(get_object_or_404(Notice, pk=notice_id), now=utc_now())
    messages.success(request, _("Taken back."))
    return redirect("backoffice:notices")
