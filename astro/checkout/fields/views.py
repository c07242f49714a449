"""The screen on which administrators say what the till asks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from astro.accounts.access import StaffRequest, administrators
from astro.accounts.queries import locations_of
from astro.checkout.basket import read_id
from astro.checkout.fields.actions import (
    MOST_FIELDS,
    FixedByAnswers,
    TooManyFields,
    add_field,
    change_field,
    is_answered,
    move_field,
    switch_off,
    switch_on,
)
from astro.checkout.fields.flagged import FlaggedFilter, answers_asked_for
from astro.checkout.fields.forms import FieldForm
from astro.checkout.fields.queries import IN_ORDER
from astro.checkout.models import CheckoutField
from astro.kit.clock import utc_now
from astro.tenancy.models import Location


@administrators
@require_safe
def show_fields(request: StaffRequest) -> HttpResponse:
    """What is asked, in its order, and below it what is switched off. `?moved=` names the one that was just moved."""
    rows = list(CheckoutField.objects.order_by(*IN_ORDER).prefetch_related("places__location"))
    context = {
        "fields": [row for row in rows if row.is_on],
        "switched_off": [row for row in rows if not row.is_on],
        "has_places": Location.objects.count() > 1,
        "most": MOST_FIELDS,
        "flagged": answers_asked_for(FlaggedFilter({}, places=list(locations_of(request.membership)))).count(),
        "moved": read_id(request.GET.get("moved")),
        "way": request.GET.get("way", ""),
    }
    return render(request, "checkout/fields/list.html", context)


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def new_field(request: StaffRequest) -> HttpResponse:
    """A new field, asked last."""
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        try:
            field = add_field(form.terms, by=request.user, at=request.location, now=utc_now())
        except TooManyFields as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The tills ask for “%(label)s” from now on.") % {"label": field.label})
            return redirect("checkout:fields")
    return _shown(request, form, None)


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def edit_field(request: StaffRequest, field_id: int) -> HttpResponse:
    """Change what it asks; its kind and when it is asked only as long as nobody has answered."""
    field = get_object_or_404(CheckoutField, pk=field_id)
    form = _form(request, field)
    if request.method == "POST" and form.is_valid():
        try:
            change_field(field, form.terms, by=request.user, at=request.location, now=utc_now())
        except FixedByAnswers as refused:  # since the page was asked for
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Saved. Answers keep what the field was called on their day."))
            return redirect("checkout:fields")
    return _shown(request, form, field)


@administrators
@require_POST
def create_move(request: StaffRequest, field_id: int) -> HttpResponse:
    """One place up or down."""
    field = get_object_or_404(CheckoutField, pk=field_id)
    way = "up" if request.POST.get("way") == "up" else "down"
    move_field(field, "up" if way == "up" else "down", by=request.user, at=request.location, now=utc_now())
    return redirect(f"{reverse('checkout:fields')}?moved={field.pk}&way={way}")


@administrators
@require_POST
def create_switch(request: StaffRequest, field_id: int) -> HttpResponse:
    """Asked no more, or asked again."""
    field = get_object_or_404(CheckoutField, pk=field_id)
    told: dict[str, Any] = {"by": request.user, "at": request.location, "now": utc_now()}
    if request.POST.get("to") == "on":
        switch_on(field, **told)
        messages.success(request, _("The tills ask for “%(label)s” again.") % {"label": field.label})
    else:
        switch_off(field, **told)
        sentence = _("“%(label)s” is asked no more. Its answers stay, and you can switch it on again.")
        messages.success(request, sentence % {"label": field.label})
    return redirect("checkout:fields")


def _form(request: StaffRequest, field: CheckoutField | None = None) -> FieldForm:
    return FieldForm(
        request.POST if request.method == "POST" else None,
        locations=Location.objects.order_by("name", "id"),
        others=CheckoutField.objects.filter(switched_off_at=None),
        of=field,
        is_fixed=field is not None and is_answered(field),
    )


def _shown(request: StaffRequest, form: FieldForm, field: CheckoutField | None) -> HttpResponse:
    context = {"form": form, "asked_field": field}
    return render(request, "checkout/fields/form.html", context, status=422 if form.errors else 200)
