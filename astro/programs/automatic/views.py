"""*Auto-Enrollment*, under Offers: the brands, one of them with what it enrolled, choosing, stopping, leaving."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from astro.accounts.access import StaffRequest, masters, needs
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.catalog.models import Brand, Distributor
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.paging import page_of
from astro.kit.tables import Row
from astro.programs.automatic import actions
from astro.programs.automatic.choices import (
    Wish,
    distributors_of,
    due,
    history_of,
    known_numbers,
    offers_open,
    payers_of,
    standing_choices,
)
from astro.programs.automatic.forms import BrandFilter, ChoiceForm
from astro.programs.models import AutoEnrollment, Enrollment, Kind, Program
from astro.programs.reach import locations_in_reach, today
from astro.tenancy.features import OFFERS
from astro.tenancy.models import Location


@masters
@needs(OFFERS)
@require_safe
def brands(request: StaffRequest) -> HttpResponse:
    """Every brand that has had an offer, or of which anything was decided."""
    asked, standing = BrandFilter(request.GET), standing_choices()
    offered = Program.objects.filter(kind=Kind.OFFER, retailer__isnull=True, brand=OuterRef("pk"))
    rows = Brand.objects.filter(Exists(offered) | Q(pk__in=list(standing)))
    on = [pk for pk, choice in standing.items() if choice.is_on]
    if asked.only:
        rows = rows.filter(pk__in=on) if asked.only == "on" else rows.exclude(pk__in=on)
    if asked.text:
        rows = rows.filter(name__icontains=asked.text)
    page = page_of(rows, order_by=asked.order, cursor=request.GET.get("cursor"))
    locations = locations_in_reach(request)
    shown = [row.pk for row in page.rows]
    counted = offers_open(day=today(request, locations, now=utc_now())).filter(brand__in=shown)
    open_now = dict(counted.values("brand_id").annotate(count=Count("id")).values_list("brand_id", "count"))
    joined = Enrollment.objects.filter(came_by__brand__in=shown).values("came_by__brand_id")
    enrolled = dict(joined.annotate(count=Count("program_id", distinct=True)).values_list("came_by__brand_id", "count"))
    told = [
        {
            "brand": row,
            "choice": standing.get(row.pk),
            "places": _names(standing.get(row.pk), locations),
            "open": open_now.get(row.pk, 0),
            "enrolled": enrolled.get(row.pk, 0),
        }
        for row in page.rows
    ]
    return render(
        request, "programs/automatic/brands.html", {"rows": told, "page": page, "asked": asked, "total": rows.count()}
    )


@masters
@needs(OFFERS)
@require_safe
@an_export
def export(request: StaffRequest) -> FileResponse:
    """Everything that was joined by itself: XLSX if asked for (`?as=xlsx`), else CSV."""
    heading = [
        _("Brand"), _("Offer"), _("Location"), _("Distributor"), _("Account number"), _("First day"), _("Last day"),
        _("Enrolled"), _("Accepted by"),
    ]  # fmt: skip
    name = "auto-enrollment"
    return table_download(request, "auto_enrollment", name=name, heading=heading, rows=_exported())


@masters
@needs(OFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def brand(request: StaffRequest, brand_id: int) -> HttpResponse:
    """One brand. A POST shows first what would happen; with `agreed` it happens."""
    shown, now = get_object_or_404(Brand, pk=brand_id), utc_now()
    locations = locations_in_reach(request)
    history = history_of(shown)
    choice = history[0] if history else None
    form = _form(request, shown, locations, choice)
    if request.method == "POST" and form.is_valid() and "change" not in request.POST:
        if "agreed" not in request.POST:
            wish = Wish(shown, form.payers, form.numbers)
            found = due([wish], given=request.features, now=now)
            context = {"brand": shown, "form": form, "due": found, "payers": form.payers}
            return render(request, "programs/automatic/check.html", context)
        if _choose(request, shown, form):
            return redirect("offers:auto_brand", brand_id)
    page = page_of(
        Program.objects.filter(Exists(Enrollment.objects.filter(program=OuterRef("pk"), came_by__brand=shown))),
        order_by=["-starts_on", "title"],
        cursor=request.GET.get("cursor"),
    )
    day = today(request, locations, now=now)
    context = {
        "brand": shown,
        "choice": choice,
        "places": _names(choice, locations),
        "form": form,
        "history": [(row, _names(row, locations)) for row in history],
        "page": page,
        "rows": _offers(page.rows),
        "open": offers_open(day=day).filter(brand=shown).order_by("starts_on", "title")[:20],
        "day": day,
    }
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "programs/automatic/brand.html", context, status=status)


@masters
@needs(OFFERS)
@require_POST
def stop(request: StaffRequest, brand_id: int) -> HttpResponse:
    shown = get_object_or_404(Brand, pk=brand_id)
    words = {"brand": shown.name}
    if actions.stop(shown, by=request.user, now=utc_now()):
        sentence = _("Stopped: new offers of %(brand)s are not enrolled any more. What is enrolled stays.")
        messages.success(request, sentence % words)
    else:
        messages.info(request, _("Auto-enrollment of %(brand)s is off already.") % words)
    return redirect("offers:auto_brand", brand_id)


@masters
@needs(OFFERS)
@require_POST
def leave(request: StaffRequest, program_id: int) -> HttpResponse:
    """Every location leaves one offer that was joined by itself."""
    program = get_object_or_404(Program, pk=program_id, kind=Kind.OFFER)
    if not Enrollment.objects.filter(program=program, came_by__isnull=False).exists():
        raise Http404
    left = actions.leave(program, by=request.user, now=utc_now())
    places = ", ".join(row.location.name for row in left)
    if left:
        sentence = _("Left “%(offer)s”: %(places)s. On its page this can be undone for ten minutes.")
        messages.success(request, sentence % {"offer": program.title, "places": places})
    else:
        messages.info(request, _("“%(offer)s” was left already.") % {"offer": program.title})
    return redirect("offers:auto_brand", program.brand_id)


def _form(request: StaffRequest, shown: Brand, locations: list[Location], choice: AutoEnrollment | None) -> ChoiceForm:
    payers = distributors_of(shown, locations=locations)
    is_on = choice is not None and choice.is_on
    return ChoiceForm(
        request.POST if request.method == "POST" else None,
        locations=locations,
        payers=payers,
        known=known_numbers(payers, locations=locations),
        standing=payers_of(choice, locations=locations) if is_on and choice else None,
        covers_all=choice.covers_all if is_on and choice else True,
    )


def _choose(request: StaffRequest, shown: Brand, form: ChoiceForm) -> bool:
    """False where it was refused; then the form says why."""
    try:
        _choice, made = actions.choose(
            shown,
            distributor=form.payer if form.covers_all else None,
            places=None if form.covers_all else form.payers,
            numbers=form.numbers,
            by=request.user,
            now=utc_now(),
        )
    except DomainError as problem:
        form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        return False
    now = ngettext("%(count)d enrollment begins: see below.", "%(count)d enrollments begin: see below.", len(made)) % {
        "count": len(made)
    }
    words = _("Auto-enrollment of %(brand)s is on. %(now)s")
    nothing = _("Nothing was left to enroll now.")
    messages.success(request, words % {"brand": shown.name, "now": now if made else nothing})
    return True


def _names(choice: AutoEnrollment | None, locations: list[Location]) -> list[tuple[str, Distributor | None]]:
    """Where a choice holds and who pays, by name."""
    if choice is None or not choice.is_on:
        return []
    return [(place.name, payer) for place, payer in payers_of(choice, locations=locations).items()]


def _offers(programs: list[Program]) -> list[dict[str, Any]]:
    """Each offer with what was joined by itself, the last enrollment of each location. One query."""
    found: dict[int, dict[int, Enrollment]] = defaultdict(dict)
    rows = Enrollment.objects.filter(program__in=[row.pk for row in programs], came_by__isnull=False)
    for row in rows.select_related("location", "distributor", "program").order_by(
        "location__name", "enrolled_at", "id"
    ):
        found[row.program_id][row.location_id] = row
    return [
        {
            "program": program,
            "enrollments": list(found[program.pk].values()),
            "is_running": any(row.until_on is None for row in found[program.pk].values()),
        }
        for program in programs
    ]


def _exported() -> Iterator[Row]:
    rows = Enrollment.objects.filter(came_by__isnull=False).select_related(
        "program__brand", "location", "distributor", "came_by__decided_by"
    )
    for row in rows.order_by("program__brand__name", "program__title", "location__name", "id").iterator(chunk_size=500):
        yield [
            row.program.brand.name if row.program.brand else "",
            row.program.title,
            row.location.name,
            row.distributor.name if row.distributor else "",
            row.account_number,
            row.from_on,
            row.until_on,
            row.enrolled_at,
            row.came_by.decided_by.name if row.came_by else "",
        ]
