"""*My tickets* and *Submit a ticket*, for everyone who works here: each sees their own. Hiding a notice."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from astro.accounts.access import StaffRequest, even_when_account_rests, safe_next, staff
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.kit.clock import utc_now
from astro.kit.codes import ALPHABET
from astro.kit.paging import page_of
from astro.kit.tables import Row
from astro.support.actions import close, open_ticket, reply
from astro.support.errors import TooManyTickets
from astro.support.forms import ReplyForm, TicketFilter, TicketForm
from astro.support.letters import reporter_address
from astro.support.models import Notice, Ticket, TicketMessage, TicketState
from astro.support.queries import HIDDEN, tickets_of
from astro.support.throttle import count_ticket

MOST_HIDDEN = 20


@staff
@even_when_account_rests
@require_safe
def tickets(request: StaffRequest) -> HttpResponse:
    """The list; `#found` alone is swapped while typing."""
    asked = TicketFilter(request.GET)
    page = page_of(_found(request, asked), order_by=asked.order, cursor=request.GET.get("cursor"))
    is_typing = request.headers.get("HX-Target") == "found"
    template = f"support/{'tickets_found' if is_typing else 'tickets'}.html"
    return render(request, template, {"asked": asked, "page": page})


@staff
@even_when_account_rests
@require_safe
@an_export
def export_tickets(request: StaffRequest) -> FileResponse:
    """The same list as a file."""
    asked = TicketFilter(request.GET)
    heading = [_("Ticket"), _("Subject"), _("State"), _("Sent"), _("Last change")]
    rows = _rows(_found(request, asked).order_by(*asked.order))
    return table_download(request, "tickets", name="tickets", heading=heading, rows=rows, asked=asked)


@staff
@even_when_account_rests
@require_http_methods(["GET", "POST"])
def new_ticket(request: StaffRequest) -> HttpResponse:
    """Write to whoever runs this installation."""
    form = TicketForm(request.POST or None, initial={"email": request.user.email or ""})
    response_status = 200
    if request.method == "POST":
        response_status = 422
        if form.is_valid():
            try:
                return _sent(request, form)
            except TooManyTickets as refusal:
                form.add_error(None, str(refusal))
                response_status = refusal.status
    response = render(request, "support/new_ticket.html", {"form": form}, status=response_status)
    response.keep_writes = response_status == 429  # type: ignore[attr-defined]  # what the throttle counted
    return response


@staff
@even_when_account_rests
@require_safe
def ticket(request: StaffRequest, ticket_id: int) -> HttpResponse:
    """One ticket with everything that was said in it."""
    return _page(request, _mine(request, ticket_id), ReplyForm(), status=200)


@staff
@even_when_account_rests
@require_POST
def replies(request: StaffRequest, ticket_id: int) -> HttpResponse:
    """Write again; that opens a closed ticket anew."""
    found = _mine(request, ticket_id)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    if not TicketMessage.objects.filter(key=form.cleaned_data["key"]).exists():
        count_ticket(request, user_id=request.user.pk)
    reply(found, key=form.cleaned_data["key"], text=form.cleaned_data["text"], by=request.user, now=utc_now())
    messages.success(request, _("Sent."))
    return redirect("support:ticket", ticket_id=found.pk)


@staff
@even_when_account_rests
@require_POST
def close_ticket(request: StaffRequest, ticket_id: int) -> HttpResponse:
    """It is settled."""
    found = _mine(request, ticket_id)
    close(found, by=request.user, now=utc_now())
    messages.success(request, _("Closed. Write again below if it comes back."))
    return redirect("support:ticket", ticket_id=found.pk)


@staff
@even_when_account_rests
@require_POST
def hide_notice(request: StaffRequest, notice_id: int) -> HttpResponse:
    """Not on my pages any more, until I sign in again."""
    notice = get_object_or_404(Notice, pk=notice_id)
    hidden = [known for known in request.session.get(HIDDEN, []) if known != notice.pk]
    request.session[HIDDEN] = [*hidden, notice.pk][-MOST_HIDDEN:]
    return redirect(safe_next(request))


def _sent(request: StaffRequest, form: TicketForm) -> HttpResponse:
    told = form.cleaned_data
    if not tickets_of(request.user).filter(key=told["key"]).exists():
        count_ticket(request, user_id=request.user.pk)
    made = open_ticket(
        told["key"],
        subject=told["subject"],
        text=told["text"],
        email=told["email"],
        by=request.user,
        name=request.user.name,
        store=f"{request.retailer.name}, {request.location.name}"[:160],
        now=utc_now(),
    )
    messages.success(request, _("We have it. We will get back to you as quickly as possible."))
    return redirect("support:ticket", ticket_id=made.pk)


def _page(request: StaffRequest, found: Ticket, form: ReplyForm, *, status: int) -> HttpResponse:
    told = {
        "ticket": found,
        "said": found.messages.order_by("written_at", "id"),
        "form": form,
        "address": reporter_address(found),
        "is_closed": found.state == TicketState.CLOSED,
    }
    return render(request, "support/ticket.html", told, status=status)


def _mine(request: StaffRequest, ticket_id: int) -> Ticket:
    return get_object_or_404(tickets_of(request.user).select_related("opened_by"), pk=ticket_id)


def _found(request: StaffRequest, asked: TicketFilter) -> QuerySet[Ticket]:
    """Whose subject, name or words hold what was typed."""
    rows = tickets_of(request.user)
    if asked.only:
        rows = rows.filter(state=asked.only)
    if asked.text:
        said = TicketMessage.objects.filter(ticket=OuterRef("pk"), text__icontains=asked.text)
        found = Q(subject__icontains=asked.text) | Q(Exists(said))
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
            one.get_state_display(),
            timezone.localtime(one.opened_at),
            timezone.localtime(one.changed_at),
        ]
