"""Converting an account: to a breeder, to an employee, and back. It says first which cards hang on it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from astro.accounts.access import StaffRequest, staff
from astro.customers.actions import make_breeder, make_employee, make_pet_owner, write_breeder_number
from astro.customers.errors import AlreadyCustomer
from astro.customers.kind_forms import BreederForm, EmployeeForm, field_of
from astro.customers.kinds import Offered, telling
from astro.customers.models import Customer, Kind
from astro.customers.queries import breeder_numbers, employee_id_of, living
from astro.kit.clock import utc_now

AFTER = {"checkout": "checkout:till", "more": "customers:more", "edit": "customers:edit"}


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def convert(request: StaffRequest, customer_id: int, kind: str) -> HttpResponse:
    """The page that asks first. A kind that no location has a program for is not there, unless they are it already."""
    here, now = request.location, utc_now()
    customer: Customer = get_object_or_404(living(), pk=customer_id)
    offered = telling().offered_on(here.day(now))
    if kind not in Kind.values or not offered.may_become(customer, kind):
        raise Http404("The store has no program for that.")
    form = _form(request, customer, kind, offered)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _converted(request, customer, kind, form):
            after = request.POST.get("next", "")
            return redirect(AFTER.get(after, "desk:customer"), customer.pk)
        status = 422
    page = {
        "customer": customer,
        "form": form,
        "kind": kind,
        "is_it": customer.kind == kind,
        "stopping": telling().cards_that_stop(customer, kind),
        "next": (request.POST.get("next") or request.GET.get("next", "")) if kind else "",
    }
    return render(request, "customers/convert.html", page, status=status)


def _form(request: StaffRequest, customer: Customer, kind: str, offered: Offered) -> forms.Form:
    data = request.POST if request.method == "POST" else None
    if kind == Kind.BREEDER:
        known = {row.brand_id: row for row in breeder_numbers(customer)}
        brands = dict(offered.brands) | {pk: row.brand.name for pk, row in known.items()}
        listed = sorted(brands.items(), key=lambda one: one[1])
        return BreederForm(data, brands=listed, known={pk: row.number for pk, row in known.items()})
    if kind == Kind.EMPLOYEE:
        return EmployeeForm(data, initial={"employee_id": employee_id_of(customer)})
    return forms.Form(data)


def _converted(request: StaffRequest, customer: Customer, kind: str, form: forms.Form) -> bool:
    """Whether it is done; else the form says why not."""
    now, name, field = utc_now(), {"name": customer.name}, "employee_id"
    by, at = request.user, request.location
    try:
        with transaction.atomic():
            if isinstance(form, BreederForm):
                make_breeder(customer, by=by, at=at, now=now)
                for brand_id, number in form.numbers().items():
                    field = field_of(brand_id)
                    write_breeder_number(customer, brand_id, number, by=by, at=at, now=now)
                done = _("%(name)s is a breeder.") % name
            elif isinstance(form, EmployeeForm):
                make_employee(customer, employee_id=form.cleaned_data["employee_id"], by=by, at=at, now=now)
                done = _("%(name)s is an employee.") % name
            else:
                make_pet_owner(customer, by=by, at=at, now=now)
                done = _("%(name)s is a pet owner again.") % name
    except AlreadyCustomer as refused:
        form.add_error(field, str(refused))
        return False
    messages.success(request, done)
    return True
