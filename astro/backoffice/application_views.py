"""Applications for private programs: support approves or denies them in the brand's name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, support_team
from astro.accounts.throttle import an_export
from astro.backoffice.changing import change_page
from astro.backoffice.forms import ApplicationFilter, ApplicationReasonForm
from astro.kit.clock import utc_now
from astro.kit.paging import page_of
from astro.kit.tables import Row, csv_download
from astro.programs.enrolling.applying import applications_told, decide
from astro.programs.models import Application
from astro.tenancy.current import across_retailers, within
from astro.tenancy.middleware import reading
from astro.tenancy.models import Retailer

WHY = "support answers applications for the brands"


@support_team
@require_safe
@vary_on_headers("HX-Target")
def applications(request: HttpRequest) -> HttpResponse:
    """The longest waiting first; `#found` alone is swapped while typing."""
    asked = ApplicationFilter(request.GET)
    with across_retailers(WHY), reading():
        page = page_of(_found(asked), order_by=asked.order, cursor=request.GET.get("cursor"))
        is_typing = request.headers.get("HX-Target") == "found"
        template = f"backoffice/{'applications_found' if is_typing else 'applications'}.html"
        return render(request, template, {"asked": asked, "page": page})


@support_team
@require_safe
@an_export
def export_applications(request: HttpRequest) -> FileResponse:
    """The same list as a file."""
    asked = ApplicationFilter(request.GET)
    heading = [_("Program"), _("Brand"), _("Store"), _("Location"), _("Distributor"), _("State"), _("Applied")]
    with across_retailers(WHY), reading():
        return csv_download("applications", heading, _rows(_found(asked).order_by(*asked.order, "id")))


@support_team
@require_http_methods(["GET", "HEAD", "POST"])
def application(request: StaffRequest, retailer_id: int, application_id: int, answer: str) -> HttpResponse:
    """Approve or deny one, with a reason that the store reads."""
    store = get_object_or_404(Retailer, pk=retailer_id)
    if answer not in ("approval", "denial"):
        raise Http404
    is_approved = answer == "approval"
    with within(store.pk), reading():
        rows = Application.objects.select_related("location", "program", "distributor", "asked_by")
        asked = get_object_or_404(rows, pk=application_id)
        payer = asked.distributor.name if asked.distributor else _("Temporary Holding")
        earlier = list(asked.decisions.order_by("decided_at", "id"))
    words = {"place": asked.location.name, "program": asked.program.title, "payer": payer}
    sentences = [
        _("%(person)s applied on %(day)s.")
        % {"person": asked.asked_by.name, "day": asked.location.day(asked.asked_at)},
        *(_("Denied before: %(reason)s") % {"reason": one.reason} for one in earlier if not one.is_approved),
    ]
    if is_approved:
        sentences += [
            _("%(place)s is enrolled from its today on; free goods are paid by: %(payer)s.") % words,
            _("Whoever applied is told by mail."),
        ]
    else:
        sentences += [
            _("%(place)s cannot use the program and cannot apply again. It can be approved later.") % words,
            _("Whoever applied is told by mail, with the reason."),
        ]

    def act(told: dict[str, Any]) -> None:
        decide(asked, is_approved=is_approved, reason=told["reason"], by=request.user, now=utc_now())

    return change_page(
        request,
        store,
        heading=(_("Approve %(place)s for “%(program)s”") if is_approved else _("Deny %(place)s “%(program)s”"))
        % words,
        sentences=sentences,
        button=_("Approve") if is_approved else _("Deny"),
        done=(_("Approved: %(place)s takes part in “%(program)s”.") if is_approved else _("Denied: %(place)s."))
        % words,
        act=act,
        form_class=ApplicationReasonForm,
        is_grave=not is_approved,
    )


def _found(asked: ApplicationFilter) -> QuerySet[Any]:
    """Whose program, brand, store or location hold what was typed."""
    rows = applications_told().select_related("program__brand", "location", "distributor", "retailer")
    if asked.only == "approved":
        rows = rows.filter(is_approved=True)
    elif asked.only == "denied":
        rows = rows.filter(is_approved=False, is_denied=True)
    elif asked.only == "withdrawn":
        rows = rows.filter(is_withdrawn=True)
    elif not asked.only:
        rows = rows.filter(is_approved=False, is_denied=False, is_withdrawn=False)
    if asked.text:
        rows = rows.filter(
            Q(program__title__icontains=asked.text)
            | Q(program__brand__name__icontains=asked.text)
            | Q(location__name__icontains=asked.text)
            | Q(retailer__name__icontains=asked.text)
        )
    return rows


def _rows(found: QuerySet[Any]) -> Iterator[Row]:
    for one in found.iterator(chunk_size=500):
        yield [
            one.program.title,
            one.program.brand.name if one.program.brand else "",
            one.retailer.name,
            one.location.name,
            one.distributor.name if one.distributor else "",
            _state(one),
            one.asked_at,
        ]


def _state(one: Any) -> str:
    if one.is_withdrawn:
        return _("Withdrawn")
    return _("Approved") if one.is_approved else _("Denied") if one.is_denied else _("Pending")
