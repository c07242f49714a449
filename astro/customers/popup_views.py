"""Everything that is known of a pet owner, to be changed: a pop-up over the till, and the same as a page of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from astro.accounts.access import StaffRequest, staff
from astro.customers.consent.asking import stop
from astro.customers.errors import AlreadyCustomer, CannotAsk, DetailError
from astro.customers.kinds import telling
from astro.customers.models import Channel, Customer
from astro.customers.pet_forms import KIND_ICONS
from astro.customers.popup_forms import (
    Account,
    KeptPetForm,
    OnFile,
    Where,
    account_again,
    account_on_file,
    account_sent,
    contact_again,
)
from astro.customers.popup_messages import lines_of, told_of
from astro.customers.popup_saving import FIELD_LABELS, ChangedElsewhere, on_file, save_account
from astro.customers.queries import living_or_kept, refuse_removed, tags_in_use
from astro.customers.requests import send_requests
from astro.customers.signs import signs_of
from astro.kit.clock import utc_now
from astro.tenancy import features

CHECKOUT = "checkout"
POPUP = "customers/popup.html"
PAGE = "customers/edit.html"


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def popup(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The pop-up. Saved, it has nothing more to say; else the form comes back with what is wrong in it."""
    return _account(request, customer_id, POPUP)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The same as a page: it needs no script."""
    return _account(request, customer_id, PAGE)


@staff
@require_POST
def ask(request: StaffRequest, customer_id: int, channel: str) -> HttpResponse:
    """Send the Welcome Email or the SMS Opt In Text to the address on file, at once."""
    customer, sent = _customer(customer_id), _channel(channel)
    requests = send_requests(customer, [sent], by=request.user, at=request.location, now=utc_now())
    if requests.refused:
        return _answered(request, customer, sent, refused=str(requests.refused[0]))
    words = {
        Channel.EMAIL: _("The Welcome Email is on its way."),
        Channel.TEXT: _("The SMS Opt In Text is on its way."),
    }
    return _answered(request, customer, sent, done=words[sent])


@staff
@require_POST
def stop_channel(request: StaffRequest, customer_id: int, channel: str) -> HttpResponse:
    """The customer told somebody here to stop: nothing is sent there from now on."""
    customer, stopped = _customer(customer_id), _channel(channel)
    try:
        stop(customer, stopped, by=request.user, at=request.location, now=utc_now())
    except CannotAsk as why:
        return _answered(request, customer, stopped, refused=str(why))
    words = {
        Channel.EMAIL: _("No more e-mail goes to this address."),
        Channel.TEXT: _("No more texts go to this number."),
    }
    return _answered(request, customer, stopped, done=words[stopped])


def _account(request: StaffRequest, customer_id: int, template: str) -> HttpResponse:
    customer, data = _customer(customer_id), request.POST
    known, where = on_file(customer), _where(request)
    page: dict[str, Any] = {"next": data.get("next") or request.GET.get("next"), "known": known, "template": template}
    if request.method != "POST":
        return _show(request, account_on_file(known, where), **page)
    if "more" in data:
        return _show(request, account_again(data, known, where, more=1), **page)
    account = account_sent(data, known, where)
    if not account.is_valid():
        return _show(request, account, status=422, **page)
    try:
        save_account(customer, account, by=request.user, at=request.location, now=utc_now())
    except ChangedElsewhere as changed:
        anew = [change.field for change in changed.changes]
        again = account_again(data, known, where, anew=anew)
        return _show(request, again, status=409, elsewhere=_told_apart(changed, data, known, where), **page)
    except AlreadyCustomer as double:
        account.contact.add_error(double.field, str(double))
        return _show(request, account, status=422, existing=double.existing, **page)
    except DetailError as refused:
        _put_to_its_field(account, refused)
        return _show(request, account, status=422, **page)
    if template == POPUP:
        return HttpResponse(status=204)
    messages.success(request, _("Saved."))
    return redirect("checkout:till" if page["next"] == CHECKOUT else "desk:customer", customer.pk)


def _show(
    request: StaffRequest, account: Account, *, known: OnFile, template: str, status: int = 200, **more: Any
) -> HttpResponse:
    blank = KeptPetForm(prefix="pet-__number__", today=request.location.day(utc_now()))
    page = {
        **_reach(request, known.customer),
        "account": account,
        "form": account.together,
        "blank": blank,
        "kind_icons": KIND_ICONS,
        "is_administrator": request.membership.is_administrator,
        "offered": telling().offered_on(request.location.day(utc_now())),
        **more,
    }
    return render(request, template, page, status=status)


def _reach(request: StaffRequest, customer: Customer) -> dict[str, Any]:
    """What the pop-up shows of the customer beside the form, and what sending or stopping changes of it."""
    here, now = request.location, utc_now()
    today = here.day(now)
    signs = signs_of([customer], today=today)[customer.pk]
    return {
        "customer": customer,
        "signs": signs,
        "lines": lines_of(customer, signs, country=here.country, now=now),
        "told": told_of(customer, today=today),
    }


def _answered(
    request: StaffRequest, customer: Customer, channel: Channel, *, done: str = "", refused: str = ""
) -> HttpResponse:
    """To the pop-up its part about this channel; to the page itself, again."""
    if request.headers.get("HX-Request") != "true":
        (messages.error if refused else messages.success)(request, refused or done)
        after = f"?next={CHECKOUT}" if request.POST.get("next") == CHECKOUT else ""
        return redirect(reverse("customers:edit", args=[customer.pk]) + after)
    customer.refresh_from_db()
    page = _reach(request, customer)
    page |= {"line": page["lines"][channel], "done": done, "refused": refused}
    return render(request, "customers/popup_reach.html", page, status=422 if refused else 200)


def _customer(customer_id: int) -> Customer:
    """Who is there under this very number: what was typed for one account is not written into another one."""
    customer = living_or_kept(customer_id)
    if customer is None or customer.pk != customer_id:
        refuse_removed(customer_id)
        raise Http404("There is no such customer.")
    return customer


def _channel(name: str) -> Channel:
    if name not in Channel.values:
        raise Http404("There is no such channel.")
    return Channel(name)


def _where(request: StaffRequest) -> Where:
    here = request.location
    return Where(
        country=here.country,
        today=here.day(utc_now()),
        tags=list(tags_in_use()),
        with_internal_id=features.has_now(features.INTERNAL_CUSTOMER_ID),
    )


def _put_to_its_field(account: Account, refused: DetailError) -> None:
    for form in (account.contact, account.address, account.tags):
        if refused.field in form.fields:
            return form.add_error(refused.field, str(refused))
    return (account.cards[-1] if account.cards else account.contact).add_error(None, str(refused))


def _told_apart(changed: ChangedElsewhere, data: QueryDict, known: OnFile, where: Where) -> list[dict[str, str]]:
    """What somebody else changed: what it is now, or what went; by whom; and what was typed here instead. A field that
    was changed twice is told once, pets are told one by one."""
    now = contact_again(known.customer, where.country)
    last = {change.field if change.field in now else str(change.pk): change for change in changed.changes}
    return [
        {
            "label": str(FIELD_LABELS.get(change.field, change.field)),
            "now": now.get(name, change.new),
            "went": change.old,
            "by": change.by.name if change.by else "",
            "typed": data.get(name, "") if name in now and data.get(name, "") != now[name] else "",
        }
        for name, change in last.items()
    ]
