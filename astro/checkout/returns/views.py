"""Actions › Customer Returns: the list, asking for credit for what a customer brought back, and what became of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, administrators
from astro.accounts.queries import locations_of
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.catalog.models import Product
from astro.catalog.queries import product_by_gtin, products_matching
from astro.checkout.basket import read_id
from astro.checkout.returns.bought import offered_purchases
from astro.checkout.returns.forms import HOLDING, ResubmitForm, ReturnFilter, ReturnForm
from astro.checkout.returns.listing import export_heading, export_rows, returns_asked_for
from astro.credits.models import ConsumerReturn, ReturnState, ReturnStep
from astro.credits.returns.actions import LONGEST_LOT, move_on, submit_return
from astro.credits.returns.queries import (
    participating,
    payers_for,
    remembered_numbers,
    returns_told,
    terms_on,
    with_steps,
)
from astro.credits.returns.states import STORE_FOLLOWS, may_follow
from astro.customers.models import Customer
from astro.customers.queries import customer_by_code, customers_matching, refuse_removed
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.gs1 import Label, LabelError, read_label
from astro.kit.paging import page_of
from astro.kit.typed import one_line

HITS = 12
LONGEST_SCAN = 200


@administrators
@require_safe
@vary_on_headers("HX-Target")
def show_list(request: StaffRequest) -> HttpResponse:
    """All returns of the locations within reach; `#found` alone is swapped while typing."""
    asked = _asked(request)
    page = page_of(returns_asked_for(asked), order_by=asked.order, cursor=request.GET.get("cursor"))
    for row in page.rows:
        row.standing = ReturnState(row.state)
    context = {"asked": asked, "page": page, "terms": participating(day=request.location.day(utc_now()))}
    is_typing = request.headers.get("HX-Target") == "found"
    return render(request, f"checkout/returns/{'found' if is_typing else 'list'}.html", context)


@administrators
@require_safe
@an_export
def export_list(request: StaffRequest) -> FileResponse:
    """The list as it is asked for in the address: XLSX (`?as=xlsx`), else CSV."""
    asked = _asked(request)
    name, rows = _("customer-returns"), export_rows(asked)
    return table_download(request, "returns", name=name, heading=export_heading(), rows=rows, asked=asked)


@administrators
@require_safe
def find(request: StaffRequest) -> HttpResponse:
    """Who brought it back: any fragment of name, phone or e-mail, or a scanned customer card."""
    text = one_line(request.GET.get("q"))
    customer = customer_by_code(text) if text else None
    if customer:
        return redirect("checkout:return_new", customer.pk)
    found = customers_matching(text, limit=HITS) if len(text) >= 2 else None
    return render(request, "checkout/returns/find.html", {"q": text, "found": found, "is_short": 0 < len(text) < 2})


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: StaffRequest, customer_id: int) -> HttpResponse:
    """First the item, from its label or from what the customer bought (`?item=`, `?product=`), then the form."""
    customer = _customer_or_404(customer_id)
    now = utc_now()
    day = request.location.day(now)
    product_id = read_id(request.GET.get("product"))
    product = Product.objects.select_related("brand").filter(pk=product_id, retired_at=None).first()
    if product is None:
        return _choose(request, customer)
    terms = terms_on(product.brand, day=day) if product.brand else None
    if terms is None:
        return _choose(request, customer, refused=product)
    payers = payers_for(terms.brand, location=request.location)
    numbers = remembered_numbers(payers, location=request.location)
    first = next((row for row in payers if row.pk in numbers), payers[0] if payers else None)
    bought = read_id(request.GET.get("purchase"))
    form = ReturnForm(
        request.POST if request.method == "POST" else None,
        product=product,
        terms=terms,
        offered=offered_purchases(customer, terms=[terms], day=day, product=product),
        payers=payers,
        initial={
            "lot_code": one_line(request.GET.get("lot"))[:LONGEST_LOT],
            "best_by_on": _day(request.GET.get("best_by")),
            "purchase": str(bought) if bought else "",
            "distributor": str(first.pk) if first else HOLDING,
            "account_number": numbers.get(first.pk, "") if first else "",
        },
        now=now,
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = submit_return(customer, form.brought, at=request.location, by=request.user, now=now)
        except Customer.DoesNotExist as problem:  # removed since the page was asked for
            refuse_removed(customer_id)
            raise Http404 from problem
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Submitted. Credit is asked for, and not promised: keep the UPC for a year."))
            return redirect("checkout:return", made.pk)
    context = {"customer": customer, "product": product, "terms": terms, "form": form}
    return render(request, "checkout/returns/new.html", context, status=422 if form.errors else 200)


@administrators
@require_safe
def show_one(request: StaffRequest, return_id: int) -> HttpResponse:
    """What was brought back, and its history."""
    return _one(request, _return_or_404(request, return_id))


@administrators
@require_POST
def create_step(request: StaffRequest, return_id: int) -> HttpResponse:
    """What the store itself does with a return: withdraw, resubmit, find the credit in its books."""
    brought = _return_or_404(request, return_id)
    to = str(request.POST.get("to", ""))
    if to not in {str(state) for states in STORE_FOLLOWS.values() for state in states}:
        raise Http404
    told: dict[str, Any] = {"by": request.user, "now": utc_now(), "follows": STORE_FOLLOWS}
    if to == ReturnState.RESUBMITTED:
        form = _resubmit_form(brought, request.POST)
        if not form.is_valid():
            return _one(request, brought, form)
        number = form.cleaned_data["account_number"]
        told |= {"distributor": form.payer, "account_number": number, "note": form.cleaned_data["note"]}
        try:
            move_on(brought, ReturnState.RESUBMITTED, **told)
        except DomainError as refusal:
            if refusal.status != 422:
                raise
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return _one(request, brought, form)
    else:
        move_on(brought, ReturnState(to), **told)
    said = {
        ReturnState.WITHDRAWN: _("Withdrawn: no credit is asked for any more."),
        ReturnState.RESUBMITTED: _("Resubmitted."),
        ReturnState.RECONCILED: _("Reconciled: the credit stands in your books."),
        ReturnState.CREDITED: _("No longer reconciled."),
    }
    messages.success(request, said[ReturnState(to)])
    return redirect("checkout:return", brought.pk)


def _choose(request: StaffRequest, customer: Customer, refused: Product | None = None) -> HttpResponse:
    """Which item: a label fills lot code and best-by date, words show what they may mean."""
    day = request.location.day(utc_now())
    typed = str(request.GET.get("item", ""))[:LONGEST_SCAN]
    told, hits, label = "", [], Label()
    if typed.strip():
        try:
            label = read_label(typed)
        except LabelError as error:
            hits = _hits(one_line(typed))
            told = "" if hits else str(error)
        else:
            found = product_by_gtin(label.gtin, on=day) if label.gtin else None
            hits = [found] if found else []
            if not found:
                told = _("We don't know this item. Check the digits, or type its name.")
    if len(hits) == 1 and refused is None:
        asked = request.GET.copy()
        asked.clear()
        asked.update({"product": str(hits[0].pk), "lot": label.lot})
        if label.best_by:
            asked["best_by"] = label.best_by.isoformat()
        return redirect(f"{request.path}?{asked.urlencode()}")
    terms = participating(day=day)
    context = {
        "customer": customer,
        "item": one_line(typed),
        "told": told,
        "hits": hits,
        "refused": refused,
        "terms": terms,
        "offered": offered_purchases(customer, terms=terms, day=day),
    }
    return render(request, "checkout/returns/choose.html", context, status=422 if request.method == "POST" else 200)


def _one(request: StaffRequest, brought: ConsumerReturn, form: ResubmitForm | None = None) -> HttpResponse:
    steps = list(brought.steps.all())
    last = steps[-1]
    possible = {
        str(then)
        for then in STORE_FOLLOWS[ReturnState(last.state)]
        if may_follow(ReturnState(last.state), then, declined_for=last.decline_reason, follows=STORE_FOLLOWS)
    }
    if form is None and ReturnState.RESUBMITTED in possible:
        form = _resubmit_form(brought, None, of=last)
    context = {
        "brought": brought,
        "customer": brought.customer,
        "steps": reversed(steps),
        "last": last,
        "possible": possible,
        "form": form,
    }
    return render(request, "checkout/returns/one.html", context, status=422 if form and form.errors else 200)


def _resubmit_form(brought: ConsumerReturn, data: Any, of: ReturnStep | None = None) -> ResubmitForm:
    return ResubmitForm(data, of=of, payers=payers_for(brought.brand_id, location=brought.location))


def _hits(text: str) -> list[Product]:
    return list(products_matching(text).order_by("name", "size", "id")[:HITS]) if len(text) >= 2 else []


def _asked(request: StaffRequest) -> ReturnFilter:
    return ReturnFilter(request.GET, places=list(locations_of(request.membership).order_by("name", "id")))


def _return_or_404(request: StaffRequest, return_id: int) -> ConsumerReturn:
    places = locations_of(request.membership)
    rows: QuerySet[Any] = with_steps(returns_told().filter(location__in=places))
    found: ConsumerReturn = get_object_or_404(
        rows.select_related("customer", "location", "brand", "submitted_by"), pk=return_id
    )
    return found


def _customer_or_404(customer_id: int) -> Customer:
    """Who is on the list; a link kept from before they were removed or combined says so."""
    customer: Customer | None = Customer.objects.filter(pk=customer_id, retired_at=None).first()
    if customer is None:
        refuse_removed(customer_id)
        raise Http404
    return customer


def _day(text: str | None) -> Any:
    try:
        return parse_date(text or "")
    except ValueError:
        return None
