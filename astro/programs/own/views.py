"""*Your own programs*: the list, a new one with its preview, and changing one."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from astro.accounts.access import StaffRequest, masters, needs, staff
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.money import format_cents
from astro.kit.paging import page_of
from astro.programs.details import version_on
from astro.programs.models import Audience, Kind, Program
from astro.programs.own.actions import Draft, change_rule, end_own, locations_in, make_own, rename_own
from astro.programs.own.forms import NewRuleForm, OwnProgramForm, PictureForm, WordsForm
from astro.programs.own.pictures import Size, answer_with, picture_of, remove_picture, write_picture
from astro.programs.queries import rule_of, rules_in_force
from astro.programs.reach import locations_in_reach, today
from astro.programs.wording import Money, explanation, sentence
from astro.tenancy.features import CUSTOM_PROGRAMS
from astro.tenancy.stores import store_of

KINDS = {
    Kind.BUY_GET: gettext_lazy("So many purchases, then something free, cheaper, or different: 10 washes, 1 free."),
    Kind.CASH_BACK: gettext_lazy("A share of what was paid gathers on the card, and is paid out when it is full."),
    Kind.PREPAID: gettext_lazy("The customer pays for ten walks at once, and each walk is ticked off."),
    Kind.TRACKING: gettext_lazy("A brand without a program: you keep the card, and settle with the brand yourself."),
}

CHANGEABLE = [*KINDS, Kind.FREQUENT_BUYER]
"""Kinds of the store's own programs. Those that support made for a store are frequent-buyer programs like a brand's."""


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
    form = OwnProgramForm(
        request.POST or None, request.FILES or None, kind=kind, locations=locations, today=day, now=now
    )
    context: dict[str, Any] = {"form": form, "kind": Kind(kind), "about_kind": KINDS[Kind(kind)]}
    if request.method != "POST" or not form.is_valid() or "change" in request.POST:
        response = render(request, "programs/own/form.html", context, status=422 if form.errors else 200)
        response.keep_writes = True  # type: ignore[attr-defined]  # the picture came: it is not asked for twice
        return response
    draft = _draft(form)
    if "agreed" not in request.POST:
        money = _money(request)
        told = {"rule": sentence(draft.rule, money=money), "explanation": explanation(draft.rule, money=money)}
        seen = _seen(
            request, draft.title, need=draft.rule.buy, about=draft.about, picture=form.kept.pk if form.kept else None
        )
        return render(request, "programs/own/check.html", {**context, "draft": draft, "seen": seen, **told})
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
    """Its name, words and last day, at once; its card as the customer sees it."""
    program = _program(program_id)
    form = _words_form(program, request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        who: dict[str, Any] = {"by": request.user, "at": request.location, "now": utc_now()}
        try:
            with transaction.atomic():
                rename_own(program, title=" ".join(told["title"].split()), about=told["about"], **who)
                end_own(program, last_day=told["ends_on"], **who)
        except DomainError as problem:
            form.add_error(problem.field if problem.field in form.fields else None, str(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect("programs:own")
    return _change_page(request, program, form=form)


@masters
@needs(CUSTOM_PROGRAMS)
@require_POST
def picture(request: StaffRequest, program_id: int) -> HttpResponse:
    """Takes a picture in, or, with the button *Remove*, the one there is away."""
    program = _program(program_id)
    who: dict[str, Any] = {"by": request.user, "at": request.location, "now": utc_now()}
    if "remove" in request.POST:
        remove_picture(program, **who)
        messages.success(request, _("The picture is removed."))
        return redirect("programs:own_change", program.pk)
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        return _change_page(request, program, picture_form=form)
    write_picture(program, form.cleaned_data["picture"], **who)
    messages.success(request, _("The picture is saved. It stands on the card from now on."))
    return redirect("programs:own_change", program.pk)


@staff
@require_safe
def shown_picture(request: StaffRequest, picture_id: int, size: Size) -> HttpResponse:
    """What a card looks like, for those who work here: the till shows it."""
    return answer_with(picture_id, size)


@masters
@needs(CUSTOM_PROGRAMS)
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: StaffRequest, program_id: int) -> HttpResponse:
    """The rule from a day on."""
    program, now = _program(program_id), utc_now()
    day = today(request, locations_in_reach(request), now=now)
    if program.cards.count() != 1:
        raise Http404
    standing = rule_of(version_on(program, day=day).rules.get())
    currency = request.retailer.currency
    kind = program.kind if program.kind in KINDS else Kind.BUY_GET
    form = NewRuleForm(request.POST or None, kind=kind, standing=standing, today=day, currency=currency)
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
        audience=told.get("audience") or Audience.EVERYONE,
        picture=form.kept,
    )


def _change_page(
    request: StaffRequest, program: Program, *, form: WordsForm | None = None, picture_form: PictureForm | None = None
) -> HttpResponse:
    day = today(request, locations_in_reach(request), now=utc_now())
    picture_id = picture_of(program)
    rows = list(version_on(program, day=day).rules.select_related("program_card").order_by("program_card__position"))
    standing = rule_of(rows[0])
    context = {
        "form": form or _words_form(program),
        "picture_form": picture_form or PictureForm(),
        "program": program,
        "places": locations_in(program),
        "picture_id": picture_id,
        "seen": _seen(
            request,
            rows[0].program_card.title,
            need=standing.buy,
            about=program.description,
            picture=picture_id,
            ended_on=program.ends_on if program.has_ended(day) else None,
        ),
        "rule": sentence(standing, money=_money(request)),
        "has_one_card": len(rows) == 1,
    }
    is_wrong = (form and form.errors) or (picture_form and picture_form.errors)
    return render(request, "programs/own/change.html", context, status=422 if is_wrong else 200)


def _words_form(program: Program, data: Any = None) -> WordsForm:
    on_file = {"title": program.title, "about": program.description, "ends_on": program.ends_on}
    return WordsForm(data, initial=on_file)


def _seen(request: StaffRequest, title: str, *, need: int, about: str, picture: int | None, **more: Any) -> Any:
    """What the template of the customer's card takes: two punches in, so that one sees both."""
    address = reverse("programs:small_picture", args=[picture]) if picture else ""
    brand = store_of(request.retailer).name
    return {"title": title, "brand": brand, "need": need, "about": about, "picture": address, **more}


def _program(program_id: int) -> Program:
    return get_object_or_404(Program, pk=program_id, retailer__isnull=False, kind__in=CHANGEABLE)


def _money(request: StaffRequest) -> Money:
    return partial(format_cents, currency=request.retailer.currency)


def _kinds() -> list[tuple[str, Any, Any]]:
    return [(kind.value, kind.label, words) for kind, words in KINDS.items()]
