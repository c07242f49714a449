"""Goods that customers brought back: support answers for the brands, until they do it themselves."""

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
from astro.backoffice.forms import ReturnAnswerForm, ReturnDeclineForm, ReturnFilter
from astro.credits.models import ConsumerReturn, DeclineReason, ReturnState
from astro.credits.returns.actions import move_on
from astro.credits.returns.queries import returns_told
from astro.credits.returns.states import FOLLOWS, STORE_FOLLOWS
from astro.kit.clock import utc_now
from astro.kit.gtin import display_gtin
from astro.kit.paging import page_of
from astro.kit.tables import Row, csv_download
from astro.tenancy.current import across_retailers, within
from astro.tenancy.middleware import reading
from astro.tenancy.models import Retailer

WHY = "support answers returns for the brands"

ANSWERS = {
    "review": ReturnState.IN_REVIEW,
    "approval": ReturnState.APPROVED,
    "decline": ReturnState.DECLINED,
    "credit": ReturnState.CREDITED,
}
"""What support says, as an address names it."""


@support_team
@require_safe
@vary_on_headers("HX-Target")
def returns(request: HttpRequest) -> HttpResponse:
    """The longest waiting first; `#found` alone is swapped while typing."""
    asked = ReturnFilter(request.GET)
    with across_retailers(WHY), reading():
        page = page_of(_found(asked), order_by=asked.order, cursor=request.GET.get("cursor"))
        for row in page.rows:
            row.standing = ReturnState(row.state)
            theirs = FOLLOWS[row.standing] - STORE_FOLLOWS[row.standing]
            row.answers = [(word, then.label) for word, then in ANSWERS.items() if then in theirs]
        is_typing = request.headers.get("HX-Target") == "found"
        template = f"backoffice/{'returns_found' if is_typing else 'returns'}.html"
        return render(request, template, {"asked": asked, "page": page})


@support_team
@require_safe
@an_export
def export_returns(request: HttpRequest) -> FileResponse:
    """The same list as a file."""
    asked = ReturnFilter(request.GET)
    heading = [
        _("Astro Return ID"), _("Manufacturer"), _("Store"), _("Location"), _("UPC"), _("Description"), _("Quantity"),
        _("Reason"), _("Lot Code"), _("Best By Date"), _("Returned On"), _("State"),
    ]  # fmt: skip
    with across_retailers(WHY), reading():
        return csv_download("returns", heading, _rows(_found(asked).order_by(*asked.order, "id")))


@support_team
@require_http_methods(["GET", "HEAD", "POST"])
def answer_return(request: StaffRequest, retailer_id: int, return_id: int, answer: str) -> HttpResponse:
    """One answer, with words that the store reads."""
    store = get_object_or_404(Retailer, pk=retailer_id)
    if answer not in ANSWERS:
        raise Http404
    then = ANSWERS[answer]
    with within(store.pk), reading():
        rows = returns_told().select_related("location", "brand")
        brought: ConsumerReturn = get_object_or_404(rows, pk=return_id)
    words = {"item": f"{brought.quantity} × {brought.product_name}", "place": brought.location.name}
    words |= {"state": f"{then.label}", "brand": brought.brand.name}
    sentences = [
        _("%(brand)s, at %(place)s: %(item)s.") % words,
        _("Reason: %(reason)s. Lot code %(lot)s.") % {"reason": brought.get_reason_display(), "lot": brought.lot_code},
    ]
    if then == ReturnState.APPROVED:
        sentences.append(_("A credit line is written for the distributor, unless it is practice."))

    def act(told: dict[str, Any]) -> None:
        reason = told.get("decline_reason", "")
        move_on(brought, then, decline_reason=reason, note=told["reason"], by=request.user, now=utc_now())

    return change_page(
        request,
        store,
        heading=_("%(state)s: %(item)s") % words,
        sentences=sentences,
        button=str(then.label),
        done=_("%(state)s: %(item)s, %(place)s.") % words,
        act=act,
        form_class=ReturnDeclineForm if then == ReturnState.DECLINED else ReturnAnswerForm,
        is_grave=then == ReturnState.DECLINED,
    )


def _found(asked: ReturnFilter) -> QuerySet[Any]:
    """Whose item, brand, store or location hold what was typed. No customer is shown or searched."""
    rows = returns_told().filter(is_practice=False).select_related("brand", "location", "retailer")
    if asked.states:
        rows = rows.filter(state__in=asked.states)
    if asked.text:
        rows = rows.filter(
            Q(product_name__icontains=asked.text)
            | Q(brand__name__icontains=asked.text)
            | Q(location__name__icontains=asked.text)
            | Q(retailer__name__icontains=asked.text)
        )
    return rows


def _rows(found: QuerySet[Any]) -> Iterator[Row]:
    for one in found.iterator(chunk_size=500):
        state = str(ReturnState(one.state).label)
        if one.decline_reason:
            state = f"{state}: {DeclineReason(one.decline_reason).label}"
        yield [
            str(one.pk), one.brand.name, one.retailer.name, one.location.name,
            display_gtin(one.gtin) if one.gtin else "", f"{one.product_name} {one.size}".strip(), one.quantity,
            one.get_reason_display(), one.lot_code, one.best_by_on, one.day, state,
        ]  # fmt: skip
