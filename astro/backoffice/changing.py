"""The one page on which support changes something for a store: what will happen, why, and one button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from astro.backoffice.forms import ReasonForm
from astro.kit.errors import DomainError
from astro.tenancy.current import within
from astro.tenancy.models import Retailer


def change_page(
    request: HttpRequest,
    store: Retailer,
    *,
    heading: str,
    sentences: Sequence[str],
    button: str,
    done: str,
    act: Callable[[dict[str, Any]], object],
    form_class: type[ReasonForm] = ReasonForm,
    is_grave: bool = False,
) -> HttpResponse:
    """Shown by GET; by POST `act` is called inside the store's wall with what was typed, and may give back what to say
    instead of `done`. What it refuses stands beside the field that is to blame; what is not about a field, or came too
    late, is a page of its own."""
    form = form_class(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            with within(store.pk), transaction.atomic():
                told_by_act = act(form.cleaned_data)
        except DomainError as refusal:
            if refusal.status != 422:
                raise
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, told_by_act if isinstance(told_by_act, str) else done)
            return redirect("backoffice:store", retailer_id=store.pk)
    told = {
        "store": store,
        "heading": heading,
        "sentences": sentences,
        "button": button,
        "form": form,
        "is_grave": is_grave,
    }
    return render(request, "backoffice/change.html", told, status=422 if form.is_bound else 200)
