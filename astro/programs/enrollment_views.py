"""Joining a program, choosing another distributor, and leaving: each a plain page, and a pop-up where htmx asks."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from astro.accounts.access import administrators, needs
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.ids import MAX_ID
from astro.programs import actions
from astro.programs.details import cards_of, changes_of, version_on
from astro.programs.enrolling.applying import join, standing_applications, withdraw
from astro.programs.errors import applied_already, enrolled_already, enrollment_over
from astro.programs.forms import HOLDING, DistributorForm, EnrollForm
from astro.programs.joining import distributors_for, remembered_numbers
from astro.programs.models import Application, Enrollment, Program
from astro.programs.parts import open_lines
from astro.programs.reach import locations_in_reach, today
from astro.tenancy.features import FREQUENT_BUYER
from astro.tenancy.models import Location


@administrators
@needs(FREQUENT_BUYER)
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Target")
def enroll(request: HttpRequest, program_id: int) -> HttpResponse:
    """Who pays, which locations, the terms; one press joins all the ticked ones or none."""
    program = get_object_or_404(Program.objects.select_related("brand"), pk=program_id)
    in_reach = locations_in_reach(request)
    joined = _joined(program, in_reach)
    applied = standing_applications([program.pk] if program.is_private else [], locations=in_reach)
    waiting = [row.location for row in applied.values()]
    form = _enroll_form(
        request, program, [row for row in in_reach if row.pk not in joined and (program.pk, row.pk) not in applied]
    )
    if request.method == "POST":
        if waiting and not form.places:
            first = next(iter(applied.values()))
            raise applied_already(first.location.name, program.title, is_denied=first.last_decision is not None)
        if not form.places:
            raise enrolled_already(", ".join(row.name for row in in_reach), program.title)
        if form.is_valid() and _enroll_all(request, program, form):
            return _to_program(request, program.pk)
    now = utc_now()
    day = today(request, in_reach, now=now)
    version = version_on(program, day=day)
    page = {
        "program": program,
        "version": version,
        "rules": [part.rule for part in cards_of(version, currency=request.retailer.currency, day=day)],  # type: ignore[attr-defined]
        "form": form,
        "joined": [row for row in in_reach if row.pk in joined],
        "waiting": waiting,
    }
    return _form_page(request, "enroll", page, is_wrong=form.is_bound)


@administrators
@needs(FREQUENT_BUYER)
@require_POST
def withdrawal(request: HttpRequest, application_id: int) -> HttpResponse:
    """Ask no more, while the brand has not answered."""
    reach = [row.pk for row in locations_in_reach(request)]
    rows = Application.objects.filter(location__in=reach).select_related("location__retailer", "program", "distributor")
    asked = get_object_or_404(rows, pk=application_id)
    withdraw(asked, by=request.user, now=utc_now())  # type: ignore[arg-type]
    words = _("Withdrawn: %(location)s does not ask for “%(program)s” any more. It can apply again.")
    messages.success(request, words % {"location": asked.location, "program": asked.program})
    return redirect("programs:detail", asked.program_id)


@administrators
@needs(FREQUENT_BUYER)
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back enrollments that were made just now, as if they had never been."""
    now = utc_now()
    asked = _in_reach(request).filter(pk__in=_ids(request, "enrollment")).order_by("location__name")
    taken = [actions.take_back(row, by=request.user, now=now) for row in asked]  # type: ignore[arg-type]
    if not taken:
        raise Http404
    words = _("Undone. Not enrolled in “%(program)s”: %(locations)s.")
    places = ", ".join(row.location.name for row in taken)
    messages.success(request, words % {"program": taken[0].program, "locations": places})
    return _to_program(request, taken[0].program_id)


@administrators
@needs(FREQUENT_BUYER)
@require_POST
def unenroll(request: HttpRequest, enrollment_id: int) -> HttpResponse:
    """Leave. The page of the program says what that means, for as long as it can be undone."""
    enrollment = get_object_or_404(_in_reach(request), pk=enrollment_id)
    left = actions.unenroll(enrollment, by=request.user, now=utc_now())  # type: ignore[arg-type]
    return _to_program(request, left.program_id)


@administrators
@needs(FREQUENT_BUYER)
@require_POST
def stay(request: HttpRequest, enrollment_id: int) -> HttpResponse:
    """Take back that a location left just now."""
    enrollment = get_object_or_404(_in_reach(request), pk=enrollment_id)
    kept = actions.stay(enrollment, by=request.user, now=utc_now())  # type: ignore[arg-type]
    words = _("Undone. %(location)s stays enrolled in “%(program)s”.")
    messages.success(request, words % {"location": kept.location, "program": kept.program})
    return _to_program(request, kept.program_id)


@administrators
@needs(FREQUENT_BUYER)
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Target")
def distributor(request: HttpRequest, enrollment_id: int) -> HttpResponse:
    """Another distributor, or another account number, from today on."""
    enrollment = get_object_or_404(_in_reach(request), pk=enrollment_id)
    if enrollment.until_on is not None:
        raise enrollment_over(enrollment.location.name, enrollment.program.title)
    choices = distributors_for(enrollment.program, locations=[enrollment.location])
    chosen = enrollment.distributor_id
    held, owed = open_lines(enrollment)
    form = DistributorForm(
        request.POST if request.method == "POST" else None,
        distributors=list(choices),
        owed=owed,
        initial={
            "distributor": str(chosen) if chosen else HOLDING,
            "account_number": enrollment.account_number,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                actions.change_distributor(
                    enrollment,
                    distributor=form.chosen,
                    account_number=form.cleaned_data["account_number"],
                    open_lines=form.cleaned_data.get("open_lines", actions.KEEP),
                    by=request.user,  # type: ignore[arg-type]
                    now=utc_now(),
                )
        except DomainError as error:
            if error.status != 422:
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            payer = form.chosen.name if form.chosen else _("Temporary Holding")
            words = _("%(location)s: %(payer)s from today on.")
            messages.success(request, words % {"location": enrollment.location, "payer": payer})
            return _to_program(request, enrollment.program_id)
    page = {
        "enrollment": enrollment,
        "program": enrollment.program,
        "form": form,
        "held": held,
        "owed": owed,
        "changes": changes_of(enrollment),
    }
    return _form_page(request, "distributor", page, is_wrong=form.is_bound)


def _enroll_form(request: HttpRequest, program: Program, locations: list[Location]) -> EnrollForm:
    """The form as asked for: by a link (nothing chosen), by another choice of distributor, or filled in."""
    asked = request.POST if request.method == "POST" else request.GET
    payers = distributors_for(program, locations=locations)
    chosen = asked.get("distributor", "")
    payer = next((row for row in payers if str(row.pk) == chosen), None)
    ticked = asked.getlist("locations") or [
        str(row.pk) for row in locations if payer is None or row.pk in payers[payer]
    ]
    return EnrollForm(
        request.POST if request.method == "POST" else None,
        program=program,
        locations=locations,
        distributors=payers,
        distributor=chosen,
        ticked=ticked,
        remembered=remembered_numbers(payer, locations=locations) if payer else {},
    )


def _enroll_all(request: HttpRequest, program: Program, form: EnrollForm) -> bool:
    """Enroll every ticked location, or none and say beside the field why."""
    place = None
    try:
        with transaction.atomic():
            actions.lock_locations(row for row, _number in form.joining)
            for place, number in form.joining:
                join(
                    place,
                    program=program,
                    distributor=form.chosen,
                    account_number=number,
                    by=request.user,  # type: ignore[arg-type]
                    now=utc_now(),
                )
    except DomainError as error:
        if place is None or error.status == 404:
            raise
        form.refuse(error, place=place)
        return False
    return True


def _joined(program: Program, locations: list[Location]) -> set[int]:
    rows = Enrollment.objects.filter(program=program, until_on__isnull=True, location__in=[row.pk for row in locations])
    return set(rows.values_list("location_id", flat=True))


def _in_reach(request: HttpRequest):  # type: ignore[no-untyped-def]
    reach = [row.pk for row in locations_in_reach(request)]
    return Enrollment.objects.filter(location__in=reach).select_related("location", "program__brand", "distributor")


def _ids(request: HttpRequest, name: str) -> list[int]:
    asked = request.POST.getlist(name)
    if not all(text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_ID for text in asked):
        raise Http404
    return [int(text) for text in asked]


def _form_page(request: HttpRequest, name: str, page: dict[str, object], *, is_wrong: bool) -> HttpResponse:
    """The form as a pop-up, as the inside of one that is open, or as a page of its own."""
    target = request.headers.get("HX-Target")
    template = {"dialogs": f"{name}_dialog.html", "asked": f"{name}_form.html"}.get(target or "", f"{name}.html")
    page["in_dialog"] = template != f"{name}.html"
    return render(request, f"programs/{template}", page, status=422 if is_wrong else 200)


def _to_program(request: HttpRequest, program_id: int) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(redirect("programs:detail", program_id).url)
    return redirect("programs:detail", program_id)
