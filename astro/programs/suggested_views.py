"""*Programs for this location*: join all that one distributor pays for, with one press."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from astro.accounts.access import StaffRequest, administrators, safe_next
from astro.catalog.models import Distributor
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.typed import one_line
from astro.programs.suggesting import Suggested, enroll_in, explained, is_held, suggested_for


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def suggested(request: StaffRequest) -> HttpResponse:
    """Where the person stands. Those that were joined meanwhile are left out: a second press changes nothing."""
    now = utc_now()
    day = request.location.day(now)
    asked = request.POST if request.method == "POST" else request.GET
    found = suggested_for(request.location, day=day)
    chosen = _chosen(found, asked.get("distributor"))
    programs = found.of(chosen)
    number = one_line(asked.get("account_number"))
    ticked = [one for one in programs if request.method != "POST" or str(one.pk) in asked.getlist("programs")]
    error: DomainError | None = None
    if request.method == "POST":
        try:
            if not asked.getlist("programs"):
                raise DomainError(_("Tick at least one program."), field="programs")
            count = enroll_in(
                request.location,
                programs=ticked,
                distributor=chosen,
                account_number=number,
                by=request.user,
                now=now,
            )
        except DomainError as refusal:
            error = refusal
        else:
            _tell(request, count, held_for=chosen if is_held(chosen, number) else None)
            return redirect(safe_next(request, default=reverse("programs:enrolled")))
    told = {
        "found": found,
        "chosen": chosen,
        "suggestions": explained(programs, ticked=ticked, day=day, currency=request.retailer.currency),
        "number": number,
        "error": error,
        "location": request.location,
        "next": safe_next(request, default=""),
    }
    return render(request, "programs/suggested.html", told, status=422 if error else 200)


def _chosen(found: Suggested, asked: str | None) -> Distributor | None:
    """The one that was asked for, or else the one with the most programs; none where none serves this region."""
    known = {str(one.pk): one for one in found.by_distributor}
    return known.get(asked or "") or next(iter(found.by_distributor), None)


def _tell(request: StaffRequest, count: int, *, held_for: Distributor | None) -> None:
    if not count:
        return
    words = ngettext(
        "%(location)s is enrolled in %(count)d program.", "%(location)s is enrolled in %(count)d programs.", count
    )
    held = _("What %(distributor)s pays for waits until you tell your account number, on the page of each program.")
    told = [words % {"location": request.location.name, "count": count}]
    told += [held % {"distributor": held_for.name}] if held_for else []
    messages.success(request, " ".join(told))
