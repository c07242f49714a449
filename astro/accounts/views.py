"""Signing in and out, choosing where to work, switching location."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from astro.accounts import time_limits
from astro.accounts.access import StaffRequest, by_oneself, masters, public, safe_next, staff
from astro.accounts.acting.actions import end_with_session
from astro.accounts.actions import stand_at, start_work
from astro.accounts.barring import removed_from
from astro.accounts.forms import SignInForm
from astro.accounts.models import Membership, User
from astro.accounts.pins.views import tiles_of
from astro.accounts.queries import device_of, living_memberships, locations_of, work_places
from astro.accounts.second_step.halfway import note_password
from astro.accounts.tills import read_cookie, write_cookie
from astro.kit.clock import utc_now
from astro.kit.errors import refusal_response


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """One page, the same words for every reason why it did not work."""
    asked = safe_next(request)
    if request.user.is_authenticated and not request.is_by_pin:  # type: ignore[attr-defined]
        return redirect(asked)
    form = SignInForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        answer = form.login(request, redirect_url=first_page(form.user, asked=asked))
        note_password(request, user=form.user)
        return _renewed(request, answer)
    removed: Membership | None = getattr(request, "removed", None)
    if removed is not None:
        return refusal_response(request, removed_from(removed))
    ended = time_limits.told(request.COOKIES.get(time_limits.COOKIE, ""))
    tiles = tiles_of(request)
    if tiles and not form.is_bound:
        form.fields["login"].widget.attrs.pop("autofocus", None)  # no keyboard of the screen over the names
    response = render(request, "accounts/sign_in.html", {"form": form, "next": asked, "ended": ended, **tiles})
    if request.method == "POST":
        response.status_code = 422
        response.keep_writes = True  # type: ignore[attr-defined]  # the count of wrong passwords
    if form.seconds_to_wait:
        response.status_code = 429
        response["Retry-After"] = str(form.seconds_to_wait)
    return response


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """The browser stays the till it is. Who acts as another signs out as themselves, and acts no longer."""
    end_with_session(
        getattr(request, "masquerade_id", None), retailer_id=getattr(request, "retailer_id", None), now=utc_now()
    )
    logout(request)
    return redirect("accounts:sign_in")


@staff
@by_oneself
@never_cache
@require_http_methods(["GET", "POST"])
def choose_work(request: StaffRequest) -> HttpResponse:
    """For people who work in several places: which one now?"""
    memberships = work_places(request.user)
    asked = safe_next(request)
    if request.method == "POST":
        chosen = next((one for one in memberships if str(one.pk) == request.POST.get("membership")), None)
        if chosen is None:
            raise Http404
        request.session.cycle_key()
        start_work(request.session, membership=chosen, cookie=read_cookie(request), now=utc_now())
        return redirect(asked)
    return render(request, "accounts/choose_work.html", {"memberships": memberships, "next": asked})


@masters
@require_POST
def switch_location(request: StaffRequest) -> HttpResponse:
    """Stand in another location of the same retailer; the session keeps it."""
    asked = request.POST.get("location")
    location = next((place for place in locations_of(request.membership) if str(place.pk) == asked), None)
    if location is None:
        raise Http404
    device = device_of(read_cookie(request))
    stand_at(request.session, membership=request.membership, location=location, device=device)
    return redirect(safe_next(request))


def first_page(user: User, *, asked: str) -> str:
    if user.is_support or len(living_memberships(user)) == 1:
        return asked
    return f"{reverse('accounts:choose_work')}?{urlencode({'next': asked})}"


def _renewed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Browsers drop a cookie that they have kept for 400 days."""
    cookie = read_cookie(request)
    if cookie is not None:
        write_cookie(response, cookie=cookie)
    return response
