"""What brands ask for when customers bring goods back: support writes it in their name, from a day on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from astro.accounts.access import StaffRequest, support_team
from astro.catalog.models import Brand
from astro.credits.models import ReturnTerms
from astro.credits.returns.actions import write_terms
from astro.credits.returns.queries import terms_on
from astro.kit.clock import utc_now
from astro.kit.paging import page_of
from astro.kit.typed import one_line
from astro.tenancy.current import platform
from astro.tenancy.middleware import reading

WHY = "support reads which brands take goods back"
MOST_DAYS = 365


class TermsForm(forms.Form):
    """Whether the brand takes part, what it asks for, and since when."""

    from_on = forms.DateField(
        label=_("From which day on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose the first day."), "invalid": _("Write a day like 2026-12-24.")},
    )
    takes_part = forms.BooleanField(label=_("Takes goods back"), required=False)
    needs_email = forms.BooleanField(label=_("Asks for the customer's e-mail address"), required=False)
    needs_phone = forms.BooleanField(label=_("Asks for the customer's phone number"), required=False)
    bought_within_days = forms.IntegerField(
        label=_("Recorded as bought so many days before, at most"),
        help_text=_("Empty: no recorded purchase is asked for."),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    use_required_attribute = False


@support_team
@require_safe
def return_terms(request: HttpRequest) -> HttpResponse:
    """Every brand, and what holds today."""
    text = one_line(request.GET.get("q"))
    today = utc_now().date()
    with platform(WHY), reading():
        brands: QuerySet[Brand] = Brand.objects.all()
        if text:
            brands = brands.filter(name__icontains=text)
        page = page_of(brands, order_by=("name",), cursor=request.GET.get("cursor"))
        rows = [(brand, terms_on(brand, day=today)) for brand in page.rows]
        return render(request, "backoffice/return_terms.html", {"q": text, "page": page, "rows": rows})


@support_team
@require_http_methods(["GET", "HEAD", "POST"])
def brand_return_terms(request: StaffRequest, brand_id: int) -> HttpResponse:
    """What one brand asks for: what held before, and what is to hold from a day on. A day that has passed stays."""
    now = utc_now()
    today = now.date()
    with platform(WHY), reading():
        brand = get_object_or_404(Brand, pk=brand_id)
        rows = list(ReturnTerms.objects.filter(brand=brand).order_by("-from_on"))
        standing = terms_on(brand, day=today)
    form = TermsForm(
        request.POST if request.method == "POST" else None, initial=_initial(standing) | {"from_on": today}
    )
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        if told["from_on"] < today:
            form.add_error("from_on", _t("Days that have passed stay as they were. Choose today or later."))
        elif _written(brand, told, now):
            messages.success(request, _t("Saved. It holds from that day on."))
            return redirect("backoffice:return_terms")
        else:
            form.add_error("from_on", _t("Something begins on that day already. Choose another day."))
    context = {"brand": brand, "form": form, "rows": rows, "today": today}
    return render(request, "backoffice/brand_return_terms.html", context, status=422 if form.errors else 200)


def _initial(standing: ReturnTerms | None) -> dict[str, Any]:
    if standing is None:
        return {"takes_part": True}
    return {name: getattr(standing, name) for name in TermsForm.base_fields if name != "from_on"}


def _written(brand: Brand, told: dict[str, Any], now: Any) -> bool:
    """False where something begins on that day already."""
    try:
        with platform("support writes what a brand asks for"), transaction.atomic():
            write_terms(brand, **told, now=now)
    except IntegrityError:
        return False
    return True
