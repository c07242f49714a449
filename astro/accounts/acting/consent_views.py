"""*Support access*: whether support may act as the store's people, now and in general."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from astro.accounts.access import StaffRequest, administrators, by_oneself, masters
from astro.accounts.acting.consenting import give_consent, have_support_ask, withdraw_consents
from astro.accounts.acting.forms import ConsentForm
from astro.accounts.acting.queries import consent_for_support, running_of_support
from astro.kit.clock import utc_now


@administrators
@by_oneself
@require_http_methods(["GET", "HEAD", "POST"])
def consents(request: StaffRequest) -> HttpResponse:
    """What stands, who acts right now, and the form that lets support in for a while."""
    now = utc_now()
    form = ConsentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        give_consent(by=request.user, at=request.location, lasts=form.lasts, now=now)
        messages.success(request, _("Support may act as your people for a while. You can end it at any moment."))
        return redirect("accounts:consents")
    told = {
        "form": form,
        "consent": consent_for_support(now=now),
        "running": list(running_of_support(now=now)),
        "must_ask": request.retailer.needs_consent,
        "is_master": request.membership.is_master,
    }
    return render(request, "accounts/acting/consents.html", told, status=422 if form.errors else 200)


@administrators
@by_oneself
@require_POST
def withdrawals(request: StaffRequest) -> HttpResponse:
    """At once: also for who acts right now."""
    ended = withdraw_consents(by=request.user, at=request.location, now=utc_now())
    told = ngettext(
        "Ended. %(count)s person of support acted as somebody, and is out.",
        "Ended. %(count)s people of support acted as somebody, and are out.",
        ended,
    )
    messages.success(request, told % {"count": ended} if ended else _("Ended. Nobody of support acts as anybody."))
    return redirect("accounts:consents")


@masters
@by_oneself
@require_POST
def rule(request: StaffRequest) -> HttpResponse:
    """Whether support must ask first. It is the whole store's, so one master administrator settles it."""
    asks = request.POST.get("must_ask") == "yes"
    if have_support_ask(request.retailer, asks=asks, by=request.user, at=request.location, now=utc_now()):
        yes, no = _("Saved. Support must ask first."), _("Saved. Support may help without asking first.")
        messages.success(request, yes if asks else no)
    return redirect("accounts:consents")
