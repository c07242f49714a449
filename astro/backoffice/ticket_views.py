"""Everybody's tickets: found, read, answered, closed. Those of nobody who was signed in belong to the platform (0)."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, support_team
from astro.accounts.throttle import an_export
from astro.backoffice.forms import AnswerForm, TicketFilter
from astro.kit.clock import utc_now
from astro.kit.codes import ALPHABET
from astro.kit.paging import page_of
from astro.kit.tables import Row, csv_download
from astro.support.actions import answer, close
from astro.support.models import Ticket, TicketMessage, TicketState
from astro.support.queries import can_be_mailed
from astro.tenancy.current import across_retailers, within
from astro.tenancy.middleware import reading

WHY = "support answers everybody"


@support_team
@require_safe
@vary_on_headers("HX-Target")
def tickets(request: HttpRequest) -> HttpResponse:
    """The longest waiting first; `#found` alone is swapped while typing."""
    asked = TicketFilter(request.GET)
    with across_retailers(WHY), reading():
        page = page_of(_found(asked), order_by=asked.order, cursor=request.GET.get("cursor"))
        is_typing = request.headers.get("HX-Target") == "found"
        template = f"backoffice/{'tickets_found' if is_typing else 'tickets'}.html"
        return render(request, template, {"asked": asked, "page": page})


@support_team
@require_safe
@an_export
def export_tickets(request: HttpRequest) -> FileResponse:
    """The same list as a file, without what was written."""
    asked = TicketFilter(request.GET)
    heading = [_("Ticket"), _("Subject"), _("Store"), _("State"), _("Sent"), _("Last change")]
    with across_retailers(WHY), reading():
        return csv_download("tickets", heading, _rows(_found(asked).order_by(*asked.order, "id")))


@support_team
@require_safe
def ticket(request: HttpRequest, retailer_id: int, ticket_id: int) -> HttpResponse:
    """One ticket with everything that was said in it."""
    with within(retailer_id), reading():
        return _page(request, _ticket(retailer_id, ticket_id), AnswerForm(), status=200)


@support_team
@require_POST
def answers(request: StaffRequest, retailer_id: int, ticket_id: int) -> HttpResponse:
    """Its reporter reads it in Astro, and by mail where an address is known."""
    with within(retailer_id):
        found, form = _ticket(retailer_id, ticket_id), AnswerForm(request.POST)
        if not form.is_valid():
            return _page(request, found, form, status=422)
        answer(found, text=form.cleaned_data["text"], by=request.user, now=utc_now())
        told = _("Sent, also by mail.") if can_be_mailed(found) else _("Sent. They read it in Astro.")
        messages.success(
            request, told if found.opened_by_id or can_be_mailed(found) else _("Kept. There is no address.")
        )
    return redirect("backoffice:ticket", retailer_id=retailer_id, ticket_id=found.pk)


@support_team
@require_POST
def closings(request: StaffRequest, retailer_id: int, ticket_id: int) -> HttpResponse:
    """It is settled."""
    with within(retailer_id):
        found = _ticket(retailer_id, ticket_id)
        close(found, by=request.user, now=utc_now())
    messages.success(request, _("%(ticket)s is closed.") % {"ticket": found.shown_reference})
    return redirect("backoffice:tickets")


def _ticket(retailer_id: int, ticket_id: int) -> Ticket:
    owner = {"retailer": retailer_id} if retailer_id else {"retailer__isnull": True}
    return get_object_or_404(Ticket.objects.filter(**owner).select_related("opened_by"), pk=ticket_id)


def _page(request: HttpRequest, found: Ticket, form: AnswerForm, *, status: int) -> HttpResponse:
    told = {
        "ticket": found,
        "owner_id": found.retailer_id or 0,
        "said": list(found.messages.order_by("written_at", "id")),
        "form": form,
        "is_mailed": can_be_mailed(found),
        "is_closed": found.state == TicketState.CLOSED,
    }
    return render(request, "backoffice/ticket.html", told, status=status)


def _found(asked: TicketFilter) -> QuerySet[Ticket]:
    """Whose subject, store or words hold what was typed."""
    rows: QuerySet[Ticket] = Ticket.objects.all()
    if not asked.only:
        rows = rows.filter(state__in=[TicketState.OPEN, TicketState.ANSWERED])
    elif asked.only != "all":
        rows = rows.filter(state=asked.only)
    if asked.text:
        said = TicketMessage.objects.filter(ticket=OuterRef("pk"), text__icontains=asked.text)
        found = Q(subject__icontains=asked.text) | Q(store__icontains=asked.text) | Q(Exists(said))
        reference = "".join(letter for letter in asked.text.upper() if letter in ALPHABET)
        if len(reference) >= 4 and reference == asked.text.upper().replace("-", ""):
            found |= Q(reference__contains=reference)
        rows = rows.filter(found)
    return rows


def _rows(found: QuerySet[Ticket]) -> Iterator[Row]:
    for one in found.iterator(chunk_size=500):
        yield [
            one.shown_reference,
            one.subject,
            one.store,
            one.get_state_display(),
            one.opened_at,
            one.changed_at,
        ]
