"""Exceptions: items that stores ask onto a card. Support approves or rejects them in the brand's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, support_team
from astro.accounts.throttle import an_export
from astro.backoffice.forms import NEW, ExceptionAnswerForm, ExceptionApprovalForm, ExceptionFilter
from astro.catalog.queries import barcodes_of
from astro.checkout.exceptions.actions import approve, reject, take_back
from astro.checkout.exceptions.queries import exceptions_told, likely_items
from astro.checkout.exceptions.telling import talk_of
from astro.checkout.models import APPROVED, ExceptionReason, ExceptionState, ExceptionStep
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.gtin import display_gtin
from astro.kit.paging import page_of
from astro.kit.tables import Row, csv_download
from astro.tenancy.current import across_retailers, within
from astro.tenancy.middleware import reading
from astro.tenancy.models import Retailer

WHY = "support decides exceptions for the brands"


@support_team
@require_safe
@vary_on_headers("HX-Target")
def exceptions(request: HttpRequest) -> HttpResponse:
    """The longest waiting first; `#found` alone is swapped while typing."""
    asked = ExceptionFilter(request.GET)
    with across_retailers(WHY), reading():
        page = page_of(_found(asked), order_by=asked.order, cursor=request.GET.get("cursor"))
        is_typing = request.headers.get("HX-Target") == "found"
        template = f"backoffice/{'exceptions_found' if is_typing else 'exceptions'}.html"
        return render(request, template, {"asked": asked, "page": page})


@support_team
@require_safe
@an_export
def export_exceptions(request: HttpRequest) -> FileResponse:
    """The same list as a file, without anything of a customer."""
    asked = ExceptionFilter(request.GET)
    heading = [
        _("Brand"), _("Card"), _("Item"), _("Code"), _("Quantity"), _("Reason"), _("Store"), _("Location"), _("State"),
        _("Asked"),
    ]  # fmt: skip
    with across_retailers(WHY), reading():
        return csv_download("exceptions", heading, _rows(_found(asked).order_by(*asked.order, "id")))


@support_team
@require_safe
def exception(request: StaffRequest, retailer_id: int, exception_id: int) -> HttpResponse:
    """One exception: what was asked, its story, and what can be decided now."""
    store = get_object_or_404(Retailer, pk=retailer_id)
    with within(store.pk), reading():
        found = _exception(exception_id)
        return _page(request, store, found, approval=_approval(found), answering=ExceptionAnswerForm())


@support_team
@require_POST
def create_approval(request: StaffRequest, retailer_id: int, exception_id: int) -> HttpResponse:
    """It counts: its punches come by themselves."""
    store = get_object_or_404(Retailer, pk=retailer_id)
    with within(store.pk), transaction.atomic():
        found = _exception(exception_id)
        form = _approval(found, request.POST)

        def act(told: dict[str, Any]) -> None:
            sentence, is_listed = told["reason"], told["is_listed"]
            approve(found, form.chosen, is_listed=is_listed, sentence=sentence, by=request.user, now=utc_now())

        if _is_done(form, act):
            messages.success(request, _("Approved: %(item)s. The store is told.") % {"item": found.description})
            return redirect("backoffice:exceptions")
        return _page(request, store, found, approval=form, answering=ExceptionAnswerForm())


@support_team
@require_POST
def create_rejection(request: StaffRequest, retailer_id: int, exception_id: int) -> HttpResponse:
    """Nothing counts, and the store reads why."""
    done = _("Rejected: %(item)s. The store is told.")
    return _answered(request, retailer_id, exception_id, act=reject, done=done)


@support_team
@require_POST
def create_taking_back(request: StaffRequest, retailer_id: int, exception_id: int) -> HttpResponse:
    """The decision did not hold: it waits again, and what it brought goes."""
    done = _("Taken back: %(item)s waits again. The store is told.")
    return _answered(request, retailer_id, exception_id, act=take_back, done=done)


def _answered(
    request: StaffRequest, retailer_id: int, exception_id: int, *, act: Callable[..., ExceptionStep], done: str
) -> HttpResponse:
    store = get_object_or_404(Retailer, pk=retailer_id)
    with within(store.pk), transaction.atomic():
        found = _exception(exception_id)
        form = ExceptionAnswerForm(request.POST)
        if _is_done(form, lambda told: act(found, sentence=told["reason"], by=request.user, now=utc_now())):
            messages.success(request, done % {"item": found.description})
            return redirect("backoffice:exceptions")
        return _page(request, store, found, approval=_approval(found), answering=form)


def _is_done(form: Any, act: Callable[[dict[str, Any]], object]) -> bool:
    """What is refused stands beside the field that is to blame; what came too late is a page of its own."""
    if not form.is_valid():
        return False
    try:
        with transaction.atomic():
            act(form.cleaned_data)
    except DomainError as refused:
        if refused.status != 422 and refused.field is None:
            raise
        place = "code" if refused.field == "gtin" else refused.field
        form.add_error(place if place in form.fields else None, str(refused))
        return False
    return True


def _approval(found: Any, data: Any = None) -> ExceptionApprovalForm:
    likely = likely_items(found)
    codes = barcodes_of([product.pk for product in likely])
    named = {
        str(product.pk): f"{product} ({display_gtin(codes[product.pk])})" if product.pk in codes else str(product)
        for product in likely
    }
    is_new = found.reason == ExceptionReason.NEW and not (likely and codes.get(likely[0].pk) == found.gtin)
    told = {
        "item": NEW if is_new else "",
        "name": found.description,
        "code": display_gtin(found.gtin) if found.gtin else "",
    }
    return ExceptionApprovalForm(data, likely=named, initial=told)


def _page(
    request: HttpRequest,
    store: Retailer,
    found: Any,
    *,
    approval: ExceptionApprovalForm,
    answering: ExceptionAnswerForm,
) -> HttpResponse:
    told = {
        "store": store,
        "found": found,
        "steps": list(ExceptionStep.objects.filter(ticket=found).select_related("by").order_by("number")),
        "talk": talk_of(found),
        "approval": approval,
        "answering": answering,
        "is_waiting": found.state == ExceptionState.WAITING,
        "is_ours": found.state in (*APPROVED, ExceptionState.REJECTED),
    }
    is_wrong = approval.errors or answering.errors
    return render(request, "backoffice/exception.html", told, status=422 if is_wrong else 200)


def _exception(exception_id: int) -> Any:
    rows = exceptions_told().select_related("location__retailer", "asked_by", "program_card__program__brand")
    return get_object_or_404(rows, pk=exception_id)


def _found(asked: ExceptionFilter) -> QuerySet[Any]:
    """Whose item, code, card, brand or store hold what was typed."""
    rows = exceptions_told().select_related("program_card__program__brand", "location", "retailer")
    if asked.only != "all":
        rows = rows.filter(state=asked.only or ExceptionState.WAITING)
    if asked.text:
        rows = rows.filter(
            Q(description__icontains=asked.text)
            | Q(gtin__contains=asked.text)
            | Q(program_card__title__icontains=asked.text)
            | Q(program_card__program__brand__name__icontains=asked.text)
            | Q(retailer__name__icontains=asked.text)
        )
    return rows


def _rows(found: QuerySet[Any]) -> Iterator[Row]:
    for one in found.iterator(chunk_size=500):
        card = one.program_card
        yield [
            card.program.brand.name if card.program.brand else "",
            card.title,
            one.description,
            display_gtin(one.gtin) if one.gtin else "",
            one.quantity,
            one.get_reason_display(),
            one.retailer.name,
            one.location.name,
            str(ExceptionState(one.state).label),
            one.asked_at,
        ]
