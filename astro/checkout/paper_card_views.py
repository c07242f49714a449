"""Taking a paper card over: the form, what it will do, saving; the card afterwards, its photo, and taking it back."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, staff
from astro.activity.actions import record
from astro.catalog.models import Product
from astro.checkout import paper_cards
from astro.checkout.late_preview import preview_late
from astro.checkout.models import PaperCard
from astro.checkout.paper_card_forms import PaperCardForm
from astro.checkout.paper_cards import (
    Paper,
    is_taken_back,
    paper_program_cards,
    taken_over_before,
    visits_from,
    visits_of,
)
from astro.checkout.queries import results_of
from astro.customers.models import Customer
from astro.customers.queries import refuse_removed
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.programs.models import ProgramCard

CHECK, SAVE = "check", "save"


@staff
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Target")
def take_over(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The form. Choosing a card shows its items; *Check* says what it will do; *Save* writes it."""
    customer = _customer_or_404(customer_id)
    now = utc_now()
    at = request.location
    cards = paper_program_cards(at=at, today=at.day(now))
    if request.method != "POST":
        return _form(request, customer, PaperCardForm(at=at, cards=cards, now=now))
    step = request.POST.get("do")
    if step not in (CHECK, SAVE):
        form = PaperCardForm(at=at, cards=cards, now=now, initial=request.POST.dict())
        return _form(request, customer, form)
    form = PaperCardForm(request.POST, request.FILES, at=at, cards=cards, now=now)
    if form.is_valid() and form.paper is not None:
        _check_holder(customer, form, now=now)
    if not form.is_valid() or form.paper is None:
        response = _form(request, customer, form, status=422)
        response.keep_writes = True  # type: ignore[attr-defined]  # the photo came: it is not asked for twice
        return response
    if step == CHECK:
        return _check(request, customer, form, form.paper)
    try:
        done = paper_cards.take_over(
            customer, form.paper, photo=form.kept, at=at, by=request.user, device_id=request.device_id, now=now
        )
    except Customer.DoesNotExist as problem:  # removed or combined since the page was asked for
        refuse_removed(customer_id)
        raise Http404 from problem
    if done.is_again:
        messages.info(request, _("This was saved before. It counts once."))
    else:
        sentence = ngettext(
            "Taken over: %(count)s punch. Cross the paper card out, so that it is not taken over again.",
            "Taken over: %(count)s punches. Cross the paper card out, so that it is not taken over again.",
            done.paper.punches,
        )
        messages.success(request, sentence % {"count": done.paper.punches})
    return redirect("checkout:paper", done.paper.customer_id, done.paper.pk)


@staff
@require_safe
def show(request: StaffRequest, customer_id: int, paper_id: int) -> HttpResponse:
    """One paper card: what stood on it, its photo, and the visits that it came to."""
    customer = _customer_or_404(customer_id)
    paper = _paper_or_404(customer, paper_id)
    context = {
        "customer": customer,
        "paper": paper,
        "program_card": ProgramCard.objects.select_related("program__brand").filter(pk=paper.program_card_id).first(),
        "product": Product.objects.filter(pk=paper.product_id).first(),
        "results": results_of(visits_from(paper)),
        "is_gone": is_taken_back(paper),
        "may": _may(request, paper),
        "entered_on": paper.location.day(paper.entered_at),
    }
    return render(request, "checkout/paper_card.html", context)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: StaffRequest, customer_id: int, paper_id: int) -> HttpResponse:
    """All visits of a paper card taken back at once, after a question."""
    customer = _customer_or_404(customer_id)
    paper = _paper_or_404(customer, paper_id)
    there = reverse("checkout:paper", args=[customer.pk, paper.pk])
    if request.method != "POST":
        context = {
            "customer": customer,
            "paper": paper,
            "back": there,
            "is_gone": is_taken_back(paper),
            "may": _may(request, paper),
        }
        return render(request, "checkout/paper_undo.html", context)
    try:
        is_done = paper_cards.take_back(
            paper,
            at=request.location,
            by=request.user,
            device_id=request.device_id,
            is_administrator=request.membership.is_administrator,
            now=utc_now(),
        )
    except DomainError as refused:
        messages.error(request, str(refused))
        return redirect(there)
    if is_done:
        messages.success(request, _("The paper card is taken back. The cards are counted again without it."))
    else:
        messages.info(request, _("It was taken back before. Nothing changed."))
    return redirect(there)


@staff
@require_safe
def photo(request: StaffRequest, customer_id: int, paper_id: int) -> HttpResponse:
    """The picture of a paper card, for this browser alone."""
    customer = _customer_or_404(customer_id)
    paper = _paper_or_404(customer, paper_id)
    if paper.photo is None:
        raise Http404
    with transaction.atomic():
        record(
            "paper card photo opened", paper, by=request.user, at=request.location, device_id=request.device_id,
            now=utc_now(),
        )  # fmt: skip
    response = HttpResponse(bytes(paper.photo.image), content_type=paper.photo.kind)
    response["Content-Disposition"] = 'inline; filename="paper-card.jpg"'
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, max_age=600)
    return response


def _check_holder(customer: Customer, form: PaperCardForm, *, now: datetime) -> None:
    assert form.paper is not None
    try:
        paper_cards.check_holder(customer, form.paper, at=form.place, now=now)
    except paper_cards.BadPaperCard as refused:
        form.add_error(refused.field, str(refused))


def _form(request: StaffRequest, customer: Customer, form: PaperCardForm, *, status: int = 200) -> HttpResponse:
    context = {"customer": customer, "form": form, "location": request.location}
    is_fragment = request.headers.get("HX-Target") == "paper-item" and status == 200
    template = "checkout/paper_card_item.html" if is_fragment else "checkout/paper_card_new.html"
    return render(request, template, context, status=status)


def _check(request: StaffRequest, customer: Customer, form: PaperCardForm, paper: Paper) -> HttpResponse:
    now = utc_now()
    visits = visits_of(paper, at=request.location, now=now)
    bought = [(visit.occurred_at, [visit.line]) for visit in visits]
    context = {
        "customer": customer,
        "form": form,
        "paper": paper,
        "visits": visits,
        "alike": taken_over_before(paper),
        "preview": preview_late(customer, bought, at=request.location, now=now),
        "location": request.location,
    }
    return render(request, "checkout/paper_card_check.html", context)


def _may(request: StaffRequest, paper: PaperCard) -> bool:
    """As its visits are taken back: on the day on which it was entered by anybody, later by an administrator."""
    today = paper.location.day(utc_now())
    return request.membership.is_administrator or paper.location.day(paper.entered_at) == today


def _paper_or_404(customer: Customer, paper_id: int) -> PaperCard:
    rows = PaperCard.objects.select_related("location", "by", "photo")
    return get_object_or_404(rows, pk=paper_id, customer=customer)


def _customer_or_404(customer_id: int) -> Customer:
    """Who is on the list; a link kept from before they were removed or combined says so."""
    customer: Customer | None = Customer.objects.filter(pk=customer_id, retired_at=None).first()
    if customer is None:
        refuse_removed(customer_id)
        raise Http404
    return customer
