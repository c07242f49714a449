"""A customer's history, one visit, and the note on a card."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, administrators, safe_next, staff
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.cards.models import Card, CardNote
from astro.cards.notes import set_note
from astro.checkout.fields.queries import fields_answered
from astro.checkout.history import (
    NEWEST,
    export_heading,
    export_rows,
    is_splittable,
    program_cards_of,
    rounds_of,
    shown_rounds,
)
from astro.checkout.history_forms import HistoryFilter, NoteForm, seen_mark
from astro.checkout.models import Visit
from astro.checkout.one_visit import shown_visit
from astro.customers.models import Customer
from astro.customers.queries import refuse_removed
from astro.kit.clock import utc_now
from astro.kit.paging import page_of

ROUNDS = 20


@staff
@require_safe
def history(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Every round of every program card, the newest first, with what explains it."""
    customer = _customer_or_404(customer_id)
    asked = HistoryFilter(request.GET, program_cards=program_cards_of(customer))
    rounds = rounds_of(customer, program_card_id=asked.program_card_id, state=asked.chosen_state)
    page = page_of(rounds, order_by=NEWEST, cursor=request.GET.get("cursor"), rows=ROUNDS)
    today = _today(request)
    context = {
        "customer": customer,
        "asked": asked,
        "page": page,
        "rounds": shown_rounds(page.rows, today=today),
        "today": today,
        "is_administrator": request.membership.is_administrator,
    }
    return render(request, "checkout/history.html", context)


@administrators
@require_safe
@an_export
def export_history(request: StaffRequest, customer_id: int) -> FileResponse:
    """The rounds that are asked for in the address, a line for each unit: XLSX (`?as=xlsx`), else CSV."""
    customer = _customer_or_404(customer_id)
    asked = HistoryFilter(request.GET, program_cards=program_cards_of(customer))
    rounds = rounds_of(customer, program_card_id=asked.program_card_id, state=asked.chosen_state)
    columns = fields_answered()
    rows = export_rows(rounds, today=_today(request), columns=columns)
    heading = export_heading(columns)
    return table_download(
        request, "history", name=_("history"), heading=heading, rows=rows, about=customer, asked=asked
    )


@staff
@require_safe
def show_visit(request: StaffRequest, key: UUID) -> HttpResponse:
    """One visit: what was bought, what it did, and what was taken back since."""
    visit = get_object_or_404(Visit.objects.select_related("customer", "location", "by"), key=key)
    context = {
        "visit": visit,
        "customer": visit.customer,
        "shown": shown_visit(visit),
        "today": _today(request),
        "is_administrator": request.membership.is_administrator,
    }
    return render(request, "checkout/visit.html", context)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Target")
def note(request: StaffRequest, customer_id: int, card_id: int) -> HttpResponse:
    """The note on a card. Where somebody else wrote meanwhile, both texts are shown and none is lost."""
    customer = _customer_or_404(customer_id)
    card = get_object_or_404(Card.objects.select_related("program_card", "rule"), pk=card_id, customer=customer)
    held = CardNote.objects.filter(card=card).select_related("changed_by").first()
    back = safe_next(request, f"{reverse('checkout:history', args=[customer.pk])}#card-{card.pk}")
    form = NoteForm(initial={"text": held.text if held else "", "seen": seen_mark(held)})
    if request.method == "POST":
        form = NoteForm(request.POST)
        if form.is_valid():
            if form.cleaned_data["seen"] == seen_mark(held):
                device_id = request.device.pk if request.device else None
                set_note(
                    card,
                    text=form.cleaned_data["text"],
                    at=request.location,
                    by=request.user,
                    device_id=device_id,
                    now=utc_now(),
                )
                messages.success(request, _("The note is saved."))
                return redirect(back)
            form.add_error("text", _meanwhile(held))
            form.data = {"text": form.cleaned_data.get("text", request.POST["text"]), "seen": seen_mark(held)}
    context = {"customer": customer, "card": card, "form": form, "back": back, "can_be_split": is_splittable(card)}
    in_dialog = request.headers.get("HX-Target") == "dialogs"
    template = "checkout/note_dialog.html" if in_dialog else "checkout/note.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _meanwhile(held: CardNote | None) -> str:
    by = held.changed_by.name if held and held.changed_by else _("Somebody")
    if held and held.text:
        return _("%(by)s changed this note meanwhile. It now says: “%(text)s”. Put the two together, then save.") % {
            "by": by,
            "text": held.text,
        }
    return _("%(by)s took this note away meanwhile. Save to write it again.") % {"by": by}


def _customer_or_404(customer_id: int) -> Customer:
    """Who is on the list; a link kept from before they were removed or combined says so."""
    customer: Customer | None = Customer.objects.filter(pk=customer_id, retired_at=None).first()
    if customer is None:
        refuse_removed(customer_id)
        raise Http404
    return customer


def _today(request: StaffRequest) -> date:
    return request.location.day(utc_now())
