"""The list of customers, a customer's page, and the account that is made or changed there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from astro.accounts.access import StaffRequest, administrators, staff
from astro.customers.actions import add_customer, change_customer
from astro.customers.details import as_typed_here, read_email, read_phone
from astro.customers.errors import AlreadyCustomer, DetailError
from astro.customers.forms import CustomerForm, ListFilter, typed_into
from astro.customers.listing import export_heading, export_rows, listing
from astro.customers.models import Customer, SeenAt
from astro.customers.queries import living, lookalikes
from astro.kit.clock import utc_now
from astro.kit.tables import csv_download, xlsx_download

LOOKALIKES = 3
CHECKOUT = "checkout"


@staff
@require_safe
def show_list(request: StaffRequest) -> HttpResponse:
    """My Astro Customers: those whom this location has met, or all; `#found` alone is swapped while typing."""
    here = request.location
    asked = ListFilter(request.GET, here=here.name)
    shown = listing(asked, at=here, cursor=request.GET.get("cursor"))
    page = {
        "asked": asked,
        "shown": shown,
        "total": None if shown.total is None else number_format(shown.total, force_grouping=True),
        "here": here,
        "today": here.day(utc_now()),
        "may_export": request.membership.is_administrator,
    }
    template = "customers/found.html" if request.headers.get("HX-Target") == "found" else "customers/list.html"
    return render(request, template, page)


@administrators
@require_safe
def export(request: StaffRequest) -> FileResponse:
    """The list as it is asked for in the address: XLSX (`?as=xlsx`), else CSV."""
    download = xlsx_download if request.GET.get("as") == "xlsx" else csv_download
    here = request.location
    asked = ListFilter(request.GET, here=here.name)
    return download(_("customers"), export_heading(), export_rows(asked, at=here))


@staff
@require_safe
def detail(request: StaffRequest, customer_id: int) -> HttpResponse:
    here = request.location
    customer = _living_or_404(customer_id)
    met = SeenAt.objects.filter(customer=customer).select_related("location").order_by("-last_seen_at", "id")
    page = {
        "customer": customer,
        "added_on": here.day(customer.created_at),
        "visits": [(row.location, row.location.day(row.last_seen_at)) for row in met],
        "today": here.day(utc_now()),
    }
    return render(request, "customers/detail.html", page)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """The New Astro Pet Owner Account. Saved, it goes on to the customer's check out."""
    here = request.location
    if request.method != "POST":
        form = CustomerForm(initial=typed_into(request.GET.get("q", "")), country=here.country)
        return _account(request, "customers/new.html", form)
    form = CustomerForm(request.POST, country=here.country)
    if form.is_valid():
        try:
            customer = add_customer(**form.cleaned_data, at=here, by=request.user, now=utc_now())
        except AlreadyCustomer as refused:
            form.add_error(refused.field, str(refused))
            return _account(request, "customers/new.html", form, existing=refused.existing)
        messages.success(request, _("%(name)s is added.") % {"name": customer.name})
        return redirect("checkout:till", customer.pk)
    return _account(request, "customers/new.html", form)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, customer_id: int) -> HttpResponse:
    here = request.location
    customer = _living_or_404(customer_id)
    page: dict[str, Any] = {"customer": customer, "next": request.POST.get("next") or request.GET.get("next")}
    if request.method != "POST":
        form = CustomerForm(initial=_typed_again(customer, here.country), country=here.country)
        return _account(request, "customers/edit.html", form, **page)
    form = CustomerForm(request.POST, country=here.country)
    if form.is_valid():
        try:
            change_customer(customer, **form.cleaned_data, at=here, by=request.user, now=utc_now())
        except AlreadyCustomer as refused:
            form.add_error(refused.field, str(refused))
            return _account(request, "customers/edit.html", form, existing=refused.existing, **page)
        messages.success(request, _("Saved."))
        return redirect("checkout:till" if page["next"] == CHECKOUT else "customers:detail", customer.pk)
    return _account(request, "customers/edit.html", form, **page)


@staff
@require_safe
def show_lookalikes(request: StaffRequest) -> HttpResponse:
    """Who may be the one that is being typed into the account: a fragment, empty where there is nobody."""
    asked = request.GET
    found = lookalikes(
        first_name=asked.get("first_name", ""),
        last_name=asked.get("last_name", ""),
        phone=_whole_phone(asked.get("phone", ""), request.location.country),
        email=_whole_email(asked.get("email", "")),
        limit=LOOKALIKES,
    )
    return render(request, "customers/lookalikes.html", {"lookalikes": found})


def _account(request: HttpRequest, template: str, form: CustomerForm, **page: Any) -> HttpResponse:
    """The account's page; 422 where something is missing or wrong in it."""
    return render(request, template, {"form": form, **page}, status=422 if form.errors else 200)


def _living_or_404(customer_id: int) -> Customer:
    customer: Customer = get_object_or_404(living(), pk=customer_id)
    return customer


def _typed_again(customer: Customer, country: str) -> dict[str, str]:
    """The account as somebody would type it who was reading it off."""
    return {
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "phone": as_typed_here(customer.phone, country),
        "email": customer.email,
    }


def _whole_phone(typed: str, country: str) -> str:
    """The number once it is whole; nothing while it is being typed."""
    try:
        return read_phone(typed, country)
    except DetailError:
        return ""


def _whole_email(typed: str) -> str:
    try:
        return read_email(typed)
    except DetailError:
        return ""
