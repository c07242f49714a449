"""One's own PIN; who is at the till; locking it."""

from __future__ import annotations

import math
from contextlib import nullcontext

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from astro.accounts.access import StaffRequest, by_oneself, public, safe_next, staff
from astro.accounts.acting.actions import end_with_session
from astro.accounts.barring import removed_from
from astro.accounts.errors import AddressRestricted
from astro.accounts.models import Device, Membership, Pin
from astro.accounts.own.sessions import note_beginning
from astro.accounts.pins.actions import remove_pin, set_pin, take_over, try_pin
from astro.accounts.pins.forms import PinForm
from astro.accounts.pins.queries import people_at, removed_from_till
from astro.accounts.queries import administrators_at, device_of
from astro.accounts.second_step.proof import freshly_proved
from astro.accounts.throttle import seconds_to_wait
from astro.accounts.tills import read_cookie
from astro.kit.addresses import is_within
from astro.kit.clock import utc_now
from astro.kit.errors import refusal_response
from astro.tenancy.current import within
from astro.tenancy.middleware import reading

APP, ACTION = "astro.accounts.pins", "wrong_pin"
LIMITS = {ACTION: "20/10m/key"}
"""Wrong ones at one till, whoever they are for: somebody who goes from tile to tile."""

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@staff
@by_oneself
@freshly_proved
@never_cache
@sensitive_post_parameters("digits", "again")
@require_http_methods(["GET", "POST"])
def pin(request: StaffRequest) -> HttpResponse:
    """Choose, change or remove it, with the password just proved."""
    form = PinForm(request.POST if request.POST.get("do") != "remove" and request.POST else None)
    if request.POST.get("do") == "remove":
        remove_pin(request.membership, now=utc_now())
        messages.success(request, _("You have no PIN now. At a till, sign in with your password."))
        return redirect("accounts:pin")
    if request.method == "POST" and form.is_valid():
        set_pin(request.membership, form.cleaned_data["digits"], now=utc_now())
        messages.success(request, _("Your PIN is set. It works on every till of your store where you work."))
        return redirect("accounts:pin")
    own = Pin.objects.filter(user=request.user).first()
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/pins/pin.html", {"form": form, "own": own}, status=status)


@public
@never_cache
@sensitive_post_parameters("digits")
@require_http_methods(["GET", "POST"])
def switch_person(request: HttpRequest) -> HttpResponse:
    """Who is at the till? For a browser that proves to be one; any other is told to sign in, and learns no name."""
    asked = safe_next(request, default=reverse("checkout:look_up"))
    cookie = read_cookie(request)
    with within(cookie.retailer_id) if cookie else nullcontext(), reading():
        device = device_of(cookie)
        if device is None:
            return render(request, "accounts/pins/no_till.html", {"next": asked}, status=409)
        if not _is_in_place(request, device):
            raise _out_of_place(request, device)
        if request.method == "POST":
            return _switch(request, device, asked=asked)
        return _page(request, device, asked=asked)


def tiles_of(request: HttpRequest) -> dict[str, object]:
    """For the sign-in page: who may take this browser over, if it is a till and may be asked here."""
    cookie = read_cookie(request)
    if cookie is None:
        return {}
    with within(cookie.retailer_id), reading():
        device = device_of(cookie)
        people = people_at(device) if device is not None and _is_in_place(request, device) else []
        return {"people": people} if people else {}


@public
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Sign out and wait for the next person, who goes on where this one was. The basket stays on the till."""
    asked = safe_next(request, default=reverse("checkout:look_up"))
    _act_no_longer(request)
    logout(request)
    return redirect(f"{reverse('accounts:switch_person')}?{urlencode({'next': asked})}")


def _switch(request: HttpRequest, device: Device, *, asked: str) -> HttpResponse:
    now, key = utc_now(), str(device.pk)
    usage = ratelimit.consume(request, app=APP, action=ACTION, config=LIMITS, key=key)
    if usage is None:
        return _wait(request, device, asked=asked)
    person, digits = request.POST.get("person", ""), request.POST.get("digits", "")[:40]
    is_number = person.isascii() and person.isdecimal() and len(person) < 20
    membership_id = int(person) if is_number else 0
    gone = removed_from_till(device, membership_id)
    if gone is not None:
        answer = refusal_response(request, removed_from(gone))
        answer.keep_writes = True  # type: ignore[attr-defined]  # counted like a wrong PIN
        return answer
    tried = try_pin(device, membership_id=membership_id, digits=digits, now=now)
    if tried.membership is not None:
        usage.rollback()  # only wrong ones count
        _begin(request, tried.membership, device)
        return redirect(asked)
    if tried.left:
        sentence = ngettext(
            "That is not the PIN. Try again: %(left)d more try.",
            "That is not the PIN. Try again: %(left)d more tries.",
            tried.left,
        ) % {"left": tried.left}
    else:
        sentence = _("This PIN is off after too many wrong ones. Sign in with the password: that switches it on again.")
    return _page(request, device, asked=asked, chosen=person, error=sentence, status=422)


def _begin(request: HttpRequest, membership: Membership, device: Device) -> None:
    """A session of its own with a new key: nothing of who was here before is in it."""
    _act_no_longer(request)
    request.session.flush()
    login(request, membership.user, backend=BACKEND)
    note_beginning(request, now=utc_now())
    take_over(request.session, membership=membership, device=device, now=utc_now())


def _act_no_longer(request: HttpRequest) -> None:
    """Who leaves the till to the next one acts as nobody there any more."""
    masquerade_id = getattr(request, "masquerade_id", None)
    end_with_session(masquerade_id, retailer_id=getattr(request, "retailer_id", None), now=utc_now())


def _wait(request: HttpRequest, device: Device, *, asked: str) -> HttpResponse:
    seconds = seconds_to_wait(request, key=str(device.pk), app=APP, action=ACTION, config=LIMITS)
    minutes = math.ceil(seconds / 60)
    sentence = ngettext(
        "There were too many wrong PINs on this till. Wait %(minutes)d minute, or sign in with your password.",
        "There were too many wrong PINs on this till. Wait %(minutes)d minutes, or sign in with your password.",
        minutes,
    ) % {"minutes": minutes}
    response = _page(request, device, asked=asked, error=sentence, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _page(
    request: HttpRequest, device: Device, *, asked: str, chosen: str = "", error: str = "", status: int = 200
) -> HttpResponse:
    here = request.user.pk if request.user.is_authenticated else None
    told = {"people": people_at(device, here=here), "till": device, "next": asked, "chosen": chosen, "error": error}
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "accounts/pins/switch_dialog.html" if is_fragment else "accounts/pins/switch.html"
    response = render(request, template, told, status=status)
    response.keep_writes = True  # type: ignore[attr-defined]  # the count of wrong ones
    return response


def _out_of_place(request: HttpRequest, device: Device) -> AddressRestricted:
    """Of whoever is signed in here it is theirs; else the till's, whose cookie stands for its store."""
    barred = getattr(request, "barred", None)
    if isinstance(barred, AddressRestricted):
        return barred
    address = str(request.address or "")  # type: ignore[attr-defined]
    return AddressRestricted(address=address, contacts=administrators_at(device.location))


def _is_in_place(request: HttpRequest, device: Device) -> bool:
    """The store's own list of addresses holds for the names at its tills too."""
    networks = device.location.retailer.networks
    return not networks or is_within(request.address, networks.splitlines())  # type: ignore[attr-defined]
