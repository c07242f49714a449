"""From the boxes ticked in the grid to one page that says what will happen, to all of it at once, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from astro.accounts.access import StaffRequest, masters, needs
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.ids import MAX_ID
from astro.programs.enrolling.actions import enroll_cells, take_back_all
from astro.programs.enrolling.cells import Cell, cell_name, lines_of, payers_of_all, read_cells
from astro.programs.enrolling.forms import CellsForm
from astro.programs.enrolling.ticks import keep_ticks
from astro.programs.models import Application, DistributorAccount, Enrollment, Fulfilment
from astro.programs.reach import locations_in_reach
from astro.tenancy.features import FREQUENT_BUYER


@masters
@needs(FREQUENT_BUYER)
@require_POST
def cells(request: StaffRequest) -> HttpResponse:
    """First what will happen; with `agreed` it happens, to all of the cells or to none. With `turn` another page of the
    grid is shown, and what was ticked is kept meanwhile."""
    now, places = utc_now(), locations_in_reach(request)
    names = [*request.POST.getlist("cell"), *_whole_row(request, [row.pk for row in places])]
    if "turn" in request.POST:
        keep_ticks(request, names)
        return redirect(_grid(request, cursor=request.POST["turn"]))
    if not names:
        messages.warning(request, _("Nothing is ticked. Tick the boxes to enroll, then press the button again."))
        return redirect(_grid(request))
    pairs = read_cells(names, locations=places)
    lines = lines_of(pairs, given=request.features, now=now)
    joining = [cell for line in lines for cell in line.cells if cell.from_on]
    form = _form(request, joining)
    if "agreed" in request.POST and form.is_valid():
        try:
            with transaction.atomic():
                made = enroll_cells(
                    [(cell.program, cell.location) for cell in joining],
                    distributor=form.chosen,
                    account_number=form.cleaned_data.get("account_number", "").strip(),
                    by=request.user,
                    now=now,
                )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            keep_ticks(request, [])
            _say(request, made)
            return redirect(_grid(request))
    page = {
        "lines": lines,
        "names": [cell_name(program.pk, place.pk) for program, place in pairs],
        "form": form,
        "joining": len(joining),
        "enrolling": sum(not cell.must_apply for cell in joining),
        "applying": sum(cell.must_apply for cell in joining),
        "filters": request.POST.get("filters", ""),
        "of_offers": request.POST.get("of") == "offers",
        "back_url": _grid(request),
    }
    return render(request, "programs/enrolling/check.html", page, status=422 if form.is_bound else 200)


@masters
@needs(FREQUENT_BUYER)
@require_POST
def undo(request: StaffRequest) -> HttpResponse:
    """Take back what was enrolled just now, as if it had never been."""
    ids = [_id(text) for text in request.POST.getlist("enrollment")]
    reach = [row.pk for row in locations_in_reach(request)]
    rows = Enrollment.objects.filter(pk__in=ids, location__in=reach).select_related("location", "program")
    found = list(rows.order_by("pk"))
    if not found or len(found) < len(set(ids)):
        raise Http404
    taken = take_back_all(found, by=request.user, now=utc_now())
    words = ngettext("Undone: %(count)d enrollment.", "Undone: %(count)d enrollments.", len(taken))
    messages.success(request, words % {"count": len(taken)})
    return redirect("programs:grid")


def _form(request: HttpRequest, joining: list[Cell]) -> CellsForm:
    paid = [cell for cell in joining if cell.program.fulfilment == Fulfilment.DISTRIBUTOR]
    places = list({cell.location.pk: cell.location for cell in paid}.values())
    payers = payers_of_all(paid) if paid else None
    known: dict[int, set[int]] = defaultdict(set)
    accounts = DistributorAccount.objects.filter(distributor__in=payers or [], location__in=[row.pk for row in places])
    for distributor_id, place_id in accounts.values_list("distributor_id", "location_id"):
        known[distributor_id].add(place_id)
    data = request.POST if "agreed" in request.POST else None
    return CellsForm(data, payers=payers, locations=places, known=known)


def _whole_row(request: HttpRequest, places: list[int]) -> list[str]:
    """Every location, where the button of one program was pressed instead of single boxes."""
    row = request.POST.get("row")
    return [cell_name(_id(row), place) for place in places] if row else []


def _grid(request: HttpRequest, *, cursor: str = "") -> str:
    """The grid of the aisle it was sent from, as it was filtered; another page of it where `cursor` says so."""
    filters = QueryDict(request.POST.get("filters", ""), mutable=True)
    if cursor:
        filters["cursor"] = cursor
    words = filters.urlencode()
    address = reverse("offers:grid" if request.POST.get("of") == "offers" else "programs:grid")
    return address + (f"?{words}" if words else "")


def _say(request: HttpRequest, made: Sequence[Enrollment | Application]) -> None:
    enrolled = sum(isinstance(row, Enrollment) for row in made)
    applied = len(made) - enrolled
    told = []
    if enrolled:
        told.append(ngettext("Enrolled: %(count)d cell.", "Enrolled: %(count)d cells.", enrolled) % {"count": enrolled})
    if applied:
        words = ngettext("%(count)d application waits.", "%(count)d applications wait.", applied)
        told.append(words % {"count": applied})
    if told:
        messages.success(request, " ".join(told))
    else:
        messages.info(request, _("Everything was enrolled already. Nothing has changed."))


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_ID):
        raise Http404
    return int(text)
