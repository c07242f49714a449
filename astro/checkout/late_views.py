"""Entering a receipt after its day: whose it is, the form, the look at what it will do, and saving. And its limits."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, administrators, staff
from astro.checkout.fields.queries import fields_asked
from astro.checkout.late import enter_late, first_day, late_limits, lines_of, write_late_limits
from astro.checkout.late_forms import LateBasket, LateForm, LimitsForm
from astro.checkout.late_preview import LatePreview, preview_late
from astro.checkout.models import MOST_DAYS, AskedFor, LateWhy
from astro.customers.models import Customer
from astro.customers.queries import customer_by_code, customers_matching, refuse_removed
from astro.kit.clock import utc_now
from astro.kit.typed import one_line

HITS = 12
CHECK, SAVE = "check", "save"


@staff
@require_safe
def find(request: StaffRequest) -> HttpResponse:
    """Whose receipt it is: any fragment of name, phone or e-mail, or a scanned customer card."""
    text = one_line(request.GET.get("q"))
    customer = customer_by_code(text) if text else None
    if customer:
        return redirect("checkout:late_new", customer.pk)
    found = customers_matching(text, limit=HITS) if len(text) >= 2 else None
    return render(request, "checkout/late_find.html", {"q": text, "found": found, "is_short": 0 < len(text) < 2})


@staff
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Target")
def enter(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The form. Adding an item shows it again with the item in it; *Check* says what it will do; *Save* writes it."""
    customer = _customer_or_404(customer_id)
    now = utc_now()
    told: dict[str, Any] = {
        "at": request.location,
        "is_administrator": request.membership.is_administrator,
        "first_day": first_day(at=request.location, is_administrator=request.membership.is_administrator, now=now),
        "now": now,
        "asked": fields_asked(request.location, AskedFor.VISIT),
    }
    if request.method != "POST":
        return _form(request, customer, LateForm(**told), LateBasket(), told)
    basket = LateBasket.read(request.POST)
    step = request.POST.get("do")
    if step not in (CHECK, SAVE):
        _change(basket, request)
        return _form(request, customer, LateForm(initial=request.POST.dict(), **told), basket, told)
    form = LateForm(request.POST, **told)
    is_whole = basket.is_whole()
    if not form.is_valid() or not is_whole or form.moment is None:
        return _form(request, customer, form, basket, told, status=422)
    lines = lines_of(form.cleaned_data["key"], basket.wanted)
    preview = preview_late(customer, [(form.moment.at, lines)], at=request.location, now=now)
    if step == SAVE and preview.crowded:
        form.ask_reason()
    if step == CHECK or form.errors:
        return _check(request, customer, form, basket, preview)
    reason = form.cleaned_data["reason"] if preview.crowded else ""
    try:
        done = enter_late(
            customer,
            lines,
            key=form.cleaned_data["key"],
            occurred_at=form.moment.at,
            why=LateWhy(form.cleaned_data["why"]),
            note=form.cleaned_data["note"],
            reason=reason,
            reason_text=form.cleaned_data["reason_text"] if reason else "",
            answers=form.answers,
            at=request.location,
            by=request.user,
            device_id=request.device_id,
            now=now,
        )
    except Customer.DoesNotExist as problem:  # removed since the page was asked for
        refuse_removed(customer_id)
        raise Http404 from problem
    if done.is_again:
        messages.info(request, _("This was saved before. It counts once."))
    else:
        day = date_format(done.visit.day)
        messages.success(request, _("Saved. It counts as of %(day)s and is marked as a late entry.") % {"day": day})
    return redirect("checkout:visit", done.visit.key)


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: StaffRequest) -> HttpResponse:
    """How far back people may go. It holds for the whole retailer."""
    if request.method != "POST":
        form = LimitsForm(initial=model_to_dict(late_limits()))
        return render(request, "checkout/late_settings.html", {"form": form, "most_days": MOST_DAYS})
    form = LimitsForm(request.POST)
    if not form.is_valid():
        return render(request, "checkout/late_settings.html", {"form": form, "most_days": MOST_DAYS}, status=422)
    write_late_limits(**form.cleaned_data, by=request.user, at=request.location, now=utc_now())
    messages.success(request, _("Saved. This holds for everything that is entered from now on."))
    return redirect("checkout:late_settings")


def _change(basket: LateBasket, request: StaffRequest) -> None:
    """What the pressed button asks of the items; going back from the check asks nothing."""
    if "remove" in request.POST:
        basket.remove(request.POST["remove"])
    elif "pick" in request.POST:
        basket.pick(request.POST["pick"])
    elif request.POST.get("do") != "edit":
        basket.add(request.POST.get("item", ""))


def _form(
    request: StaffRequest,
    customer: Customer,
    form: LateForm,
    basket: LateBasket,
    told: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "customer": customer,
        "form": form,
        "basket": basket,
        "location": request.location,
        "first_day": told["first_day"],
        "is_adding": request.method == "POST" and status == 200,
    }
    is_fragment = request.headers.get("HX-Target") == "late-items" and status == 200
    template = "checkout/late_items.html" if is_fragment else "checkout/late_new.html"
    return render(request, template, context, status=status)


def _check(
    request: StaffRequest, customer: Customer, form: LateForm, basket: LateBasket, preview: LatePreview
) -> HttpResponse:
    context = {
        "customer": customer,
        "form": form,
        "basket": basket,
        "preview": preview,
        "moment": form.moment,
        "why": LateWhy(form.cleaned_data["why"]).label,
        "location": request.location,
    }
    return render(request, "checkout/late_check.html", context, status=422 if form.errors else 200)


def _customer_or_404(customer_id: int) -> Customer:
    """Who is on the list; a link kept from before they were removed or combined says so."""
    customer: Customer | None = Customer.objects.filter(pk=customer_id, retired_at=None).first()
    if customer is None:
        refuse_removed(customer_id)
        raise Http404
    return customer
