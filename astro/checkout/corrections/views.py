"""Putting right, as pages: the form, the look at what it will do, and doing it. And what the store settled about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from astro.accounts.access import StaffRequest, administrators, staff
from astro.cards.models import Card, Punch, PunchState, Reward, RewardState
from astro.catalog.models import Product
from astro.checkout.corrections.doing import put_right
from astro.checkout.corrections.forms import (
    AddForm,
    CorrectionForm,
    MoveForm,
    PutBackForm,
    PutRightForm,
    ReturnRuleForm,
    SplitForm,
    TransferForm,
)
from astro.checkout.corrections.listing import told_of
from astro.checkout.corrections.rules import return_rule, settle_return_rule
from astro.checkout.corrections.trying import tried
from astro.checkout.models import Purchase, ReturnRule, Spent, Visit
from astro.checkout.units import living_units, voided_units
from astro.customers.models import Customer
from astro.customers.queries import refuse_removed
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError

CHECK, SAVE = "check", "save"

FormOf = Callable[..., CorrectionForm]


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def put_purchase_right(request: StaffRequest, customer_id: int, purchase_id: int) -> HttpResponse:
    """Something that was bought: it was not, it came back, or it was something else. `?unit=` names which one."""
    customer = _customer_or_404(customer_id)
    purchase = _purchase_or_404(customer, purchase_id)
    units = [unit for _pk, unit in sorted(living_units([purchase]), reverse=True)]
    asked = request.GET.get("unit", "")
    units.sort(key=lambda unit: str(unit) != asked)
    if not units:
        messages.info(request, _("Nothing of it counts any more, so there is nothing to put right."))
        return redirect("checkout:visit", purchase.visit.key)
    rule = return_rule()
    asks_spent = rule == Spent.ASK and _is_spent(purchase)

    def form_of(*args: Any, **more: Any) -> CorrectionForm:
        form = PutRightForm(*args, purchase=purchase, units=units, asks_spent=asks_spent, **more)
        form.rule = Spent.REPLACE if rule == Spent.ASK else rule
        return form

    may = request.membership.is_administrator or purchase.visit.open_on == request.location.day(utc_now())
    page = {"title": _("Put right: %(item)s") % {"item": f"{purchase.name} {purchase.size}".strip()}}
    context = {"purchase": purchase, "may": may, "lead": "checkout/corrections/lead_purchase.html"}
    return _steps(request, customer, form_of, {**page, **context})


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def put_purchase_back(request: StaffRequest, customer_id: int, purchase_id: int) -> HttpResponse:
    """Units that were taken back count again: the one in `?unit=`, or all of them."""
    customer = _customer_or_404(customer_id)
    purchase = _purchase_or_404(customer, purchase_id)
    asked = request.GET.get("unit", "")
    units = [unit for _pk, unit in sorted(voided_units([purchase])) if asked in ("", str(unit))]
    if not units:
        messages.info(request, _("It counts already."))
        return redirect("checkout:visit", purchase.visit.key)

    def form_of(*args: Any, **more: Any) -> CorrectionForm:
        return PutBackForm(*args, purchase=purchase, units=units, **more)

    page = {"title": _("Put back: %(item)s") % {"item": f"{purchase.name} {purchase.size}".strip()}}
    context = {"purchase": purchase, "may": True, "lead": "checkout/corrections/lead_purchase.html"}
    return _steps(request, customer, form_of, {**page, **context})


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def move_visit(request: StaffRequest, customer_id: int, key: UUID) -> HttpResponse:
    """The visit was another customer's."""
    customer = _customer_or_404(customer_id)
    visit = get_object_or_404(Visit.objects.select_related("customer", "location", "by"), key=key, customer=customer)

    def form_of(*args: Any, **more: Any) -> CorrectionForm:
        return MoveForm(*args, visit=visit, **more)

    page = {"title": _("Move this visit to another customer")}
    return _steps(request, customer, form_of, {**page, "visit": visit, "lead": "checkout/corrections/lead_visit.html"})


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def transfer_card(request: StaffRequest, customer_id: int, card_id: int) -> HttpResponse:
    """The card belongs to another customer."""
    customer = _customer_or_404(customer_id)
    card = _card_or_404(customer, card_id)

    def form_of(*args: Any, **more: Any) -> CorrectionForm:
        return TransferForm(*args, card=card, **more)

    page = {"title": _("Give this card to another customer")}
    return _steps(request, customer, form_of, {**page, "card": card, "lead": "checkout/corrections/lead_card.html"})


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def split_card(request: StaffRequest, customer_id: int, card_id: int) -> HttpResponse:
    """Some of its punches fill a card of their own."""
    customer = _customer_or_404(customer_id)
    card = _card_or_404(customer, card_id)
    punches = list(Punch.objects.filter(card=card, state=PunchState.LIVE).order_by("position"))
    names = Purchase.objects.in_bulk({punch.cause_id for punch in punches if punch.cause_kind == "purchase"})

    def form_of(*args: Any, **more: Any) -> CorrectionForm:
        return SplitForm(*args, card=card, punches=punches, **more)

    context = {
        "title": _("Split this card in two"),
        "card": card,
        "punches": [(punch, names.get(punch.cause_id)) for punch in punches],
        "lead": "checkout/corrections/lead_card.html",
        "is_splitting": True,
    }
    return _steps(request, customer, form_of, context)


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def add_punches(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Something was bought that no till wrote down."""
    customer = _customer_or_404(customer_id)

    def form_of(*args: Any, **more: Any) -> CorrectionForm:
        return AddForm(*args, customer=customer, at=request.location, **more)

    page = {"title": _("Add punches"), "lead": "checkout/corrections/lead_add.html"}
    return _steps(request, customer, form_of, page)


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: StaffRequest) -> HttpResponse:
    """What becomes of a spent punch when goods come back. It holds for the whole retailer."""
    form = ReturnRuleForm(request.POST or None, initial={"spent": return_rule()})
    if request.method == "POST" and form.is_valid():
        spent = Spent(form.cleaned_data["spent"])
        settle_return_rule(spent, by=request.user, at=request.location, now=utc_now())
        messages.success(request, _("Saved. This holds for everything that comes back from now on."))
        return redirect("checkout:return_rule")
    rows = ReturnRule.objects.select_related("by", "location").order_by("-set_at", "-id")[:20]
    status = 422 if form.errors else 200
    return render(request, "checkout/corrections/rule.html", {"form": form, "rows": rows}, status=status)


def _steps(request: StaffRequest, customer: Customer, form_of: FormOf, context: dict[str, Any]) -> HttpResponse:
    """Ask, show what it will do, do it. A refusal is told on the form, with everything that was typed."""
    now = utc_now()
    page = {"customer": customer, "back": reverse("checkout:history", args=[customer.pk]), **context}
    step = CHECK if "pick" in request.POST else request.POST.get("do")
    if request.method != "POST" or step not in (CHECK, SAVE):
        typed = {**request.POST.dict(), "punch": request.POST.getlist("punch")} if request.method == "POST" else None
        form = form_of(now=now, initial=typed)
        return render(request, "checkout/corrections/form.html", {**page, "form": form})
    form = form_of(request.POST, now=now)
    if form.is_valid():
        told: dict[str, Any] = {
            "key": form.cleaned_data["key"],
            "note": form.cleaned_data["note"],
            "at": request.location,
            "by": request.user,
            "device_id": request.device_id,
            "is_administrator": request.membership.is_administrator,
            "now": now,
        }
        try:
            wish = form.wish()
            if step == SAVE:
                correction = put_right(wish, **told)
                messages.success(request, _("Done. It can be undone here."))
                return redirect("checkout:correction", correction.pk)
            correction = tried(wish, **told)
        except Customer.DoesNotExist as problem:  # removed since the page was asked for
            refuse_removed(customer.pk)
            raise Http404 from problem
        except DomainError as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            form.data = request.POST.copy()
            for name, value in _chosen(form).items():
                form.data[name] = value
            context = {**page, "form": form, "correction": correction, "told": told_of(correction, correction.told)}
            context["chosen_punches"] = request.POST.getlist("punch")
            return render(request, "checkout/corrections/check.html", context)
    return render(request, "checkout/corrections/form.html", {**page, "form": form}, status=422)


def _chosen(form: CorrectionForm) -> dict[str, str]:
    """What was found by the words that were typed, so that the check carries the thing itself."""
    found: dict[str, str] = {}
    customer = getattr(form, "customer", None)
    if isinstance(form, MoveForm | TransferForm) and customer:
        found |= {"to": str(customer.pk), "who": customer.name}
    product = Product.objects.filter(pk=getattr(form, "product_id", None)).first()
    if product:
        found |= {"product": str(product.pk), "item": str(product)}
    return found


def _customer_or_404(customer_id: int) -> Customer:
    """Who is on the list; a link kept from before they were removed or combined says so."""
    customer: Customer | None = Customer.objects.filter(pk=customer_id, retired_at=None).first()
    if customer is None:
        refuse_removed(customer_id)
        raise Http404
    return customer


def _purchase_or_404(customer: Customer, purchase_id: int) -> Purchase:
    rows = Purchase.objects.select_related("location", "visit__by", "visit__location", "visit__customer", "customer")
    purchase: Purchase = get_object_or_404(rows, pk=purchase_id, customer=customer)
    return purchase


def _card_or_404(customer: Customer, card_id: int) -> Card:
    rows = Card.objects.select_related("program_card__program__brand", "rule", "customer")
    card: Card = get_object_or_404(rows, pk=card_id, customer=customer)
    return card


def _is_spent(purchase: Purchase) -> bool:
    """Whether anything of it stands on a card whose reward was handed out."""
    cards = Punch.objects.filter(cause_kind="purchase", cause_id=purchase.pk, state=PunchState.LIVE).values("card")
    return Reward.objects.filter(card__in=cards, state=RewardState.REDEEMED).exists()
