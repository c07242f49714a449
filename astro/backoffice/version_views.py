"""Brands' programs and their versions: support publishes a new rule in the brand's name, and withdraws it again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, support_team
from astro.accounts.throttle import an_export
from astro.backoffice.forms import VersionReasonForm
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.money import format_cents
from astro.kit.paging import page_of
from astro.kit.tables import Row, csv_download
from astro.programs.models import Program, ProgramCard, ProgramVersion
from astro.programs.rules import RuleOfCard
from astro.programs.versions.actions import check_version, publish_version, withdraw_version
from astro.programs.versions.forms import ProgramsFilter, VersionForm
from astro.programs.versions.reading import (
    changing_programs,
    first_day,
    last_rule,
    touched_by,
    versions_of,
    with_coming,
    withdrawn_of,
)
from astro.programs.wording import explanation, sentence
from astro.tenancy.current import platform
from astro.tenancy.middleware import reading

WHY = "support reads the brands' programs"
CURRENCY = "USD"
"""Rules are told in one currency here: brands write them in dollars."""

MONEY = partial(format_cents, currency=CURRENCY)


@support_team
@require_safe
@vary_on_headers("HX-Target")
def programs(request: HttpRequest) -> HttpResponse:
    """Everyone's programs; `#found` alone is swapped while typing."""
    asked, today = ProgramsFilter(request.GET), utc_now().date()
    with platform(WHY), reading():
        found = _found(asked)
        page = page_of(found, order_by=asked.order, cursor=request.GET.get("cursor"))
        coming = with_coming(page.rows, day=today)
        rows = [(row, coming.get(row.pk)) for row in page.rows]
        is_typing = request.headers.get("HX-Target") == "found"
        template = f"backoffice/{'programs_found' if is_typing else 'programs'}.html"
        return render(request, template, {"asked": asked, "page": page, "rows": rows, "today": today})


@support_team
@require_safe
@an_export
def export_programs(request: HttpRequest) -> FileResponse:
    """The same list as a file."""
    asked = ProgramsFilter(request.GET)
    heading = [_("Program"), _("Brand"), _("Kind"), _("Starts"), _("Ends"), _("Versions"), _("Next change")]
    with platform(WHY), reading():
        return csv_download("programs", heading, _rows(_found(asked).order_by(*asked.order, "id"), utc_now().date()))


@support_team
@require_safe
def program(request: HttpRequest, program_id: int) -> HttpResponse:
    """One program: its versions with their days, what was withdrawn, and its cards."""
    now = utc_now()
    earliest = first_day(now)
    with platform(WHY), reading():
        shown = _program(program_id)
        told = {
            "program": shown,
            "versions": versions_of(shown, day=now.date(), money=MONEY, earliest=earliest),
            "withdrawn": withdrawn_of(shown, money=MONEY),
            "cards": [(card, sentence(last_rule(card), money=MONEY)) for card in shown.cards.all()],
            "has_ended": shown.has_ended(now.date()),
        }
        return render(request, "backoffice/program.html", told)


@support_team
@require_http_methods(["GET", "HEAD", "POST"])
def version_new(request: StaffRequest, program_id: int, card_id: int) -> HttpResponse:
    """Another rule of one card: the form, then in words what will be and whom it touches, then it is published."""
    now = utc_now()
    earliest = first_day(now)
    with platform(WHY), reading():
        shown = _program(program_id)
        card = get_object_or_404(ProgramCard, pk=card_id, program=shown)
        standing = last_rule(card)
    form = VersionForm(
        request.POST if request.method == "POST" else None, standing=standing, earliest=earliest, currency=CURRENCY
    )
    told = {"program": shown, "card": card, "form": form, "standing": sentence(standing, money=MONEY)}
    if request.method == "POST" and form.is_valid() and "change" not in request.POST:
        rule = form.rule()
        if "agreed" not in request.POST and _would_do(form, shown, earliest, rule, standing):
            return render(request, "backoffice/version_check.html", {**told, **_check(shown, form, rule)})
        if "agreed" in request.POST and _publish(request, card, form, rule):
            messages.success(request, _("Published: the new rule holds from that day on."))
            return redirect("backoffice:program", shown.pk)
    is_wrong = request.method == "POST" and bool(form.errors)
    return render(request, "backoffice/version_form.html", told, status=422 if is_wrong else 200)


@support_team
@require_http_methods(["GET", "HEAD", "POST"])
def version_withdrawal(request: StaffRequest, program_id: int, version_id: int) -> HttpResponse:
    """Withdraw a version that has not begun."""
    now = utc_now()
    with platform(WHY), reading():
        shown = _program(program_id)
        version = get_object_or_404(ProgramVersion, pk=version_id, program=shown)
        row = next(one for one in versions_of(shown, day=now.date(), money=MONEY) if one.version == version)
    form = VersionReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        withdraw_version(version, reason=form.cleaned_data["reason"], by=request.user, now=now)
        messages.success(request, _("Withdrawn: what held before goes on."))
        return redirect("backoffice:program", shown.pk)
    told = {"program": shown, "row": row, "form": form}
    return render(request, "backoffice/version_withdrawal.html", told, status=422 if form.is_bound else 200)


def _would_do(form: VersionForm, shown: Program, earliest: date, rule: RuleOfCard, standing: RuleOfCard) -> bool:
    """Says beside the fields what publishing would refuse, before anything is agreed to."""
    try:
        check_version(shown, rule, standing, from_on=form.cleaned_data["from_on"], earliest=earliest)
    except DomainError as problem:
        form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        return False
    return True


def _check(shown: Program, form: VersionForm, rule: RuleOfCard) -> dict[str, Any]:
    stores, locations = touched_by(shown, from_on=form.cleaned_data["from_on"])
    return {
        "rule": sentence(rule, money=MONEY),
        "explanation": explanation(rule, money=MONEY),
        "from_on": form.cleaned_data["from_on"],
        "takes_over": rule.takes_over,
        "stores": stores,
        "touched_locations": locations,
    }


def _publish(request: StaffRequest, card: ProgramCard, form: VersionForm, rule: RuleOfCard) -> bool:
    """False where it was refused; then the form says why."""
    told = form.cleaned_data
    try:
        publish_version(card, rule, from_on=told["from_on"], reason=told["reason"], by=request.user, now=utc_now())
    except DomainError as problem:
        form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        return False
    return True


def _program(program_id: int) -> Program:
    rows = Program.objects.select_related("brand").prefetch_related("cards")
    return get_object_or_404(rows, pk=program_id, retailer__isnull=True)


def _found(asked: ProgramsFilter) -> QuerySet[Program]:
    rows = changing_programs()
    if asked.only:
        rows = rows.filter(kind=asked.only)
    if asked.text:
        rows = rows.filter(Q(title__icontains=asked.text) | Q(brand__name__icontains=asked.text))
    return rows


def _rows(found: QuerySet[Program], today: date) -> Iterator[Row]:
    coming = with_coming(found, day=today)
    for one in found.iterator(chunk_size=500):
        yield [
            one.title,
            one.brand.name if one.brand else "",
            one.get_kind_display(),
            one.starts_on,
            one.ends_on,
            one.versions_count,  # type: ignore[attr-defined]
            coming.get(one.pk),
        ]
