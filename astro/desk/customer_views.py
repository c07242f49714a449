"""A customer's page, its long parts one by one, and the note that is written on it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from astro.accounts.access import StaffRequest, staff
from astro.customers.actions import write_note
from astro.customers.errors import DetailError
from astro.customers.models import Customer
from astro.customers.queries import living
from astro.customers.story import merged_into, removal_of
from astro.desk.customer_page import customer_page, part_of
from astro.kit.clock import utc_now


class NoteForm(forms.Form):
    """What the store wants to remember; `write_note` says how long it may be."""

    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        strip=False,
        help_text=gettext_lazy("For your team. The customer does not see it, but may ask for a copy of their data."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@staff
@require_safe
def show_customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Everything about one customer. The page of an account that was merged leads to the one that it became."""
    customer = _customer_or_404(request, customer_id)
    kept = merged_into(customer) if customer.retired_at else None
    if kept is not None:
        told = {"gone": customer.name, "kept": kept.name}
        messages.info(request, _("%(gone)s was combined with %(kept)s: this is that account.") % told)
        return redirect("desk:customer", kept.pk)
    return _page(request, customer, NoteForm(initial={"note": customer.note}))


@staff
@require_safe
def show_part(request: StaffRequest, customer_id: int, part: str) -> HttpResponse:
    """One long part of the story: visits, messages, consent or changes."""
    customer = _customer_or_404(request, customer_id)
    shown = part_of(customer, part, cursor=request.GET.get("cursor"))
    context = {"customer": customer, "part": shown, "today": request.location.day(utc_now()), "is_whole": True}
    return render(request, "desk/customer_part.html", context)


@staff
@require_POST
def save_note(request: StaffRequest, customer_id: int) -> HttpResponse:
    customer: Customer = get_object_or_404(living(), pk=customer_id)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            write_note(customer, form.cleaned_data["note"], by=request.user, at=request.location, now=utc_now())
        except DetailError as refused:
            form.add_error("note", str(refused))
        else:
            messages.success(request, _("The note is saved."))
            return redirect("desk:customer", customer.pk)
    return _page(request, customer, form, status=422)


def _page(request: StaffRequest, customer: Customer, form: NoteForm, **how: Any) -> HttpResponse:
    here = request.location
    today = here.day(utc_now())
    context = {
        "customer": customer,
        "page": customer_page(customer, at=here, today=today),
        "removal": removal_of(customer),
        "form": form,
        "added_on": here.day(customer.created_at),
        "today": today,
        "is_administrator": request.membership.is_administrator,
    }
    return render(request, "desk/customer.html", context, **how)


def _customer_or_404(request: StaffRequest, customer_id: int) -> Customer:
    """A living customer; for administrators a removed one too; for everybody one who was merged, to be led on."""
    customer: Customer = get_object_or_404(Customer, pk=customer_id, erased_at__isnull=True)
    if customer.retired_at and not request.membership.is_administrator and merged_into(customer) is None:
        raise Http404
    return customer
