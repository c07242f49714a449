"""*IP restriction*: from where people of the store may come in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from astro.accounts.access import StaffRequest, by_oneself, masters
from astro.accounts.addresses.actions import restrict_oneself, restrict_store
from astro.accounts.addresses.fields import add_address, fetches_address
from astro.accounts.addresses.forms import AddressesForm, OwnAddressesForm
from astro.accounts.addresses.queries import Place, last_lift, restricted_people, shut_out, signed_in_places
from astro.accounts.addresses.shutting_out import is_unfinished, posted, question_before
from astro.kit.clock import utc_now


@masters
@require_http_methods(["GET", "HEAD", "POST"])
def addresses(request: StaffRequest) -> HttpResponse:
    """The store's list, from where people are signed in now, and who has a list of their own."""
    form = AddressesForm(
        posted(request, "networks"), here=request.address, initial={"networks": request.retailer.networks}
    )
    if is_unfinished(request):
        add_address(form, request.address if fetches_address(request) else None)
    elif request.method == "POST" and form.is_valid():
        networks = form.cleaned_data["networks"]
        return question_before(request, networks) or _saved(request, networks)
    return render(request, "accounts/addresses.html", _told(request, form), status=422 if form.errors else 200)


@masters
@by_oneself
@require_http_methods(["GET", "HEAD", "POST"])
def own_addresses(request: StaffRequest) -> HttpResponse:
    """One's own list. Everybody else's is changed where that person is."""
    own = request.membership
    form = OwnAddressesForm(posted(request, "networks"), here=request.address, initial={"networks": own.networks})
    if is_unfinished(request):
        add_address(form, request.address if fetches_address(request) else None)
    elif request.method == "POST" and form.is_valid():
        networks = form.cleaned_data["networks"]
        question = question_before(request, networks)
        if question is not None:
            return question
        restrict_oneself(own, networks=networks, at=request.location, now=utc_now())
        messages.success(request, _("Saved. It holds from now on."))
        return redirect("accounts:addresses")
    return render(request, "accounts/own_addresses.html", {"form": form}, status=422 if form.errors else 200)


def _saved(request: StaffRequest, networks: str) -> HttpResponse:
    restrict_store(request.retailer, networks=networks, by=request.user, at=request.location, now=utc_now())
    if not networks:
        messages.success(request, _("Saved. People come in from anywhere."))
        return redirect("accounts:addresses")
    out = len(shut_out(_places(request, networks)))
    told = ngettext(
        "Saved. %(count)s person is signed in from elsewhere, and is shut out from now on.",
        "Saved. %(count)s people are signed in from elsewhere, and are shut out from now on.",
        out,
    )
    messages.success(request, told % {"count": out} if out else _("Saved. It holds from now on."))
    return redirect("accounts:addresses")


def _told(request: StaffRequest, form: AddressesForm) -> dict[str, object]:
    return {
        "form": form,
        "networks": request.retailer.networks.splitlines(),
        "places": _places(request, request.retailer.networks),
        "people": restricted_people(request.retailer),
        "lift": last_lift(),
    }


def _places(request: StaffRequest, networks: str) -> list[Place]:
    mine = str(request.address or "")
    key = request.session.session_key
    return signed_in_places(request.retailer, networks=networks, mine=mine, my_session=key, now=utc_now())
