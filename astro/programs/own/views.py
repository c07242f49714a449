"""*Your own programs*: the list, a new one with its preview, and changing one."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from astro.accounts.access import StaffRequest, masters, needs
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.money import format_cents
from astro.kit.paging import page_of
from astro.programs.details import version_on
from astro.programs.models import Kind, Program
from astro.programs.own.actions import Draft, change_rule, end_own, locations_in, make_own, rename_own
from astro.programs.own.forms import NewRuleForm, OwnProgramForm, WordsForm
from astro.programs.queries import rule_of, rules_in_force
from astro.programs.reach import locations_in_reach, today
from astro.programs.wording import Money, explanation, sentence
from astro.tenancy.features import CUSTOM_PROGRAMS

KINDS = {
    Kind.BUY_GET: gettext_lazy("So many purchases, then something free, cheaper, or different: 10 washes, 1 free."),
    Kind.CASH_BACK: gettext_lazy("A share of what was paid gathers on the card, and is paid out when it is full."),
    Kind.PREPAID: gettext_lazy("The customer pays for ten walks at once, and each walk is ticked off."),
    Kind.TRACKING: gettext_lazy("A brand without a program: you keep the card, and settle with the brand yourself."),
}


@masters
@needs(CUSTOM_PROGRAMS)
@require_safe
def own(request: StaffRequest) -> HttpResponse:
    day = today(request, locations_in_reach(request), now=utc_now())
    rows = Program.objects.filter(retailer__isnull=False)
    asked = " ".join(request.GET.get("q", "").split())[:80]
    found = rows.filter(title__icontains=asked) if asked else rows
    page = page_of(found, order_by=["title"], cursor=request.GET.get("cursor"))
    rules = rules_in_force([row.pk for row in page.rows], day=day)
    money = _money(request)
    shown = [(row, [sentence(rule, money=money) for rule in rules.get(row.pk, [])]) for row in page.rows]
    context = {"rows": shown, "page": page, "q": asked, "day": day, "kinds": _kinds()}
    return render(request, "programs/own/list.html", context)


@masters
@needs(CUSTOM_PROGRAMS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """The form, then the card as the customer will see it, then the program. `?kind=` says which."""
    kind = request.GET.get("kind", Kind.BUY_GET.value)
    if kind not in KINDS:
        raise Http404
    now, locations = utc_now(), locations_in_reach(request)
    day = today(request, locations, now=now)
    form = OwnProgramForm(request.POST or None, kind=kind, locations=locations, today=day)
    context: dict[str, Any] = {"form": form, "kind": Kind(kind), "about_kind": KINDS[Kind(kind)]}
    if request.method != "POST" or not form.is_valid() or "change" in request.POST:
        return render(request, "programs/own/form.html", context, status=422 if form.errors else 200)
    draft = _draft(form)
    if "agreed" not in request.POST:
        money = _money(request)
        told = {"rule": sentence(draft.rule, money=money), "explanation": explanation(draft.rule, money=money)}
        return render(request, "programs/own/check.html", {**context, "draft": draft, **told})
    try:
        program = make_own(draft, retailer=request.retailer, by=request.user, now=now)
    except DomainError as problem:
        form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        return render(request, "programs/own/form.html", context, status=422)
    messages.success(request, _("“%(title)s” is there. The till has it from now on.") % {"title": program.title})
    return redirect("programs:own")


@masters
@needs(CUSTOM_PROGRAMS)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: StaffRequest, program_id: int) -> HttpResponse:
    """Its name and words, at once."""
    program = _program(program_id)
    form = WordsForm(request.POST or None, initial={"title": program.title, "about": program.description})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            rename_own(
                program,
                title=" ".join(told["title"].split()),
                about=told["about"],
                by=request.user,
                at=request.location,
                now=utc_now(),
            )
        except DomainError as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect("programs:own")
    context = {"form": form, "program": program, "places": locations_in(program)}
    return render(request, "programs/own/change.html", context, status=422 if form.errors else 200)


@masters
@needs(CUSTOM_PROGRAMS)
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: StaffRequest, program_id: int) -> HttpResponse:
    """The rule from a day on."""
    program, now = _program(program_id), utc_now()
    day = today(request, locations_in_reach(request), now=now)
    standing = rule_of(version_on(program, day=day).rules.get())
    currency = request.retailer.currency
    form = NewRuleForm(request.POST or None, kind=program.kind, standing=standing, today=day, currency=currency)
    if request.method == "POST" and form.is_valid():
        try:
            change_rule(
                program,
                form.new_rule(),
                from_on=form.cleaned_data["from_on"],
                by=request.user,
                at=request.location,
                now=now,
            )
        except DomainError as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        else:
            messages.success(request, _("The new rule holds from that day on."))
            return redirect("programs:detail", program.pk)
    context = {"form": form, "program": program, "standing": sentence(standing, money=_money(request))}
    return render(request, "programs/own/rule.html", context, status=422 if form.errors else 200)


@masters
@needs(CUSTOM_PROGRAMS)
@require_POST
def end(request: StaffRequest, program_id: int) -> HttpResponse:
    """Today is its last day."""
    program, now = _program(program_id), utc_now()
    last_day = max(request.location.day(now), program.starts_on)
    end_own(program, last_day=last_day, by=request.user, at=request.location, now=now)
    messages.success(request, _("“%(title)s” ends today.") % {"title": program.title})
    return redirect("programs:own")


def _draft(form: OwnProgramForm) -> Draft:
    told = form.cleaned_data
    return Draft(
        kind=form.kind,
        title=" ".join(told["title"].split()),
        about=told["about"],
        rule=form.rule(piles=told.get("piles", "one")),
        items=form.found,
        passes=form.passes,
        rewards=form.given,
        starts_on=told["starts_on"],
        ends_on=told["ends_on"],
        locations=form.chosen_places,
    )


def _program(program_id: int) -> Program:
    return get_object_or_404(Program, pk=program_id, retailer__isnull=False, kind__in=list(KINDS))


def _money(request: StaffRequest) -> Money:
    return partial(format_cents, currency=request.retailer.currency)


def _kinds() -> list[tuple[str, Any, Any]]:
    return [(kind.value, kind.label, words) for kind, words in KINDS.items()]
