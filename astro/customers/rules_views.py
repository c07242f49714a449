"""What a store asks of new accounts: *Customer Check Out and New Customer Information Settings*."""

from __future__ import annotations

from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from astro.accounts.access import StaffRequest, administrators
from astro.customers.actions import write_account_rules
from astro.customers.new_forms import RulesForm
from astro.customers.queries import account_rules
from astro.kit.clock import utc_now


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: StaffRequest) -> HttpResponse:
    """Show the rules, or write them anew. They hold for the whole retailer."""
    if request.method != "POST":
        return render(request, "customers/settings.html", {"form": RulesForm(initial=model_to_dict(account_rules()))})
    form = RulesForm(request.POST)
    if not form.is_valid():
        return render(request, "customers/settings.html", {"form": form}, status=422)
    write_account_rules(**form.cleaned_data, by=request.user, at=request.location, now=utc_now())
    messages.success(request, _("Saved. This holds for every customer that is added from now on."))
    return redirect("customers:settings")
