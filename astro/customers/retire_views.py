"""Taking a customer off the list, which asks first, and bringing them back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from astro.accounts.access import StaffRequest, administrators
from astro.customers.actions import restore_customer, retire_customer
from astro.customers.errors import PracticeStays
from astro.customers.figures import Figures, counting
from astro.customers.models import Customer
from astro.customers.queries import living
from astro.kit.clock import utc_now


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def retire(request: StaffRequest, customer_id: int) -> HttpResponse:
    customer: Customer = get_object_or_404(living(), pk=customer_id)
    if customer.is_practice:
        raise PracticeStays
    if request.method != "POST":
        figures = counting().figures_of([customer.pk]).get(customer.pk, Figures())
        return render(request, "customers/retire.html", {"customer": customer, "figures": figures})
    retire_customer(customer, at=request.location, by=request.user, now=utc_now())
    messages.success(
        request,
        _("%(name)s is off your list. An administrator can bring them back: Customers, Filter, Removed.")
        % {"name": customer.name},
    )
    return redirect("customers:list")


@administrators
@require_POST
def restore(request: StaffRequest, customer_id: int) -> HttpResponse:
    """On the list again; one who is there already is only shown."""
    customer: Customer = get_object_or_404(Customer, pk=customer_id, erased_at__isnull=True)
    restored = restore_customer(customer, by=request.user, at=request.location, now=utc_now())
    messages.success(request, _("%(name)s is on your list again.") % {"name": restored.name})
    return redirect("desk:customer", restored.pk)
