"""*Billing Information*: which account the store has, since when and why, and where its bills go."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from astro.accounts.access import StaffRequest, administrators, by_oneself, even_when_account_rests
from astro.billing.actions import write_billing_contact
from astro.billing.errors import NotBillingContact
from astro.billing.forms import BillingContactForm
from astro.billing.queries import billing_details, history_of_account, primary_contact, standing_of
from astro.kit.clock import utc_now


@administrators
@even_when_account_rests
@require_safe
def billing(request: StaffRequest) -> HttpResponse:
    """All that an administrator of a held, lapsed or cancelled store reaches, besides help and themselves."""
    return _page(request, _form(request), status=200)


@administrators
@even_when_account_rests
@by_oneself
@require_POST
def save_contact(request: StaffRequest) -> HttpResponse:
    """Where bills go: told by the primary billing contact alone."""
    if not request.membership.is_billing_contact:
        raise NotBillingContact
    form = _form(request)
    if not form.is_valid():
        return _page(request, form, status=422)
    write_billing_contact(request.retailer, **form.cleaned_data, by=request.user, now=utc_now())
    messages.success(request, _("Saved. Bills go there from now on."))
    return redirect("billing:billing")


def _form(request: StaffRequest) -> BillingContactForm:
    details = billing_details()
    on_file = {"name": request.user.name, "email": request.user.email or "", "phone": ""}
    if details is not None:
        on_file = {"name": details.name, "email": details.email, "phone": details.phone}
    sent = request.POST if request.method == "POST" else None
    return BillingContactForm(sent, initial=on_file, country=request.retailer.country)


def _page(request: StaffRequest, form: BillingContactForm, *, status: int) -> HttpResponse:
    told = {
        "standing": standing_of(request.retailer, now=utc_now()),
        "contact": primary_contact(request.retailer),
        "details": billing_details(),
        "history": history_of_account(),
        "form": form,
        "may_write": request.membership.is_billing_contact and request.really_by is None,
        "support_email": settings.SUPPORT_EMAIL,
    }
    return render(request, "billing/billing.html", told, status=status)
