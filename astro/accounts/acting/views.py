"""Acting as another: asking why, beginning, stopping."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from astro.accounts.access import StaffRequest, administrators, by_oneself, public, safe_next, support_team
from astro.accounts.acting import rules
from astro.accounts.acting.actions import start_acting, stop_acting
from astro.accounts.acting.forms import ActingForm
from astro.accounts.acting.queries import consent_for_support
from astro.accounts.errors import AboveOne, CannotActAs, ConsentFirst
from astro.accounts.models import Membership
from astro.accounts.tills import read_cookie
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.tenancy.current import within
from astro.tenancy.middleware import reading

PAGE = "accounts/acting/begin.html"


@administrators
@by_oneself
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: StaffRequest, membership_id: int) -> HttpResponse:
    """An administrator as one of their people. Who is not theirs is not found."""
    other = _found(request.retailer_id, membership_id)
    own = request.membership
    if not rules.is_within_reach(other, of=own):
        raise Http404
    if other.user_id == request.user.pk:
        raise CannotActAs.oneself()
    if rules.is_above(other, than=own):
        raise AboveOne(name=other.user.name)
    _refuse_gone(other)

    def begin(reason: str) -> None:
        start_acting(
            request.session,
            other,
            really_by=request.user,
            own=own,
            reason=reason,
            cookie=read_cookie(request),
            back=safe_next(request),
            now=utc_now(),
        )

    return _asked_why(request, other, ActingForm(_sent(request)), begin)


@support_team
@by_oneself
@require_http_methods(["GET", "HEAD", "POST"])
def support_act(request: StaffRequest, retailer_id: int, membership_id: int) -> HttpResponse:
    """The platform's support as anybody of a store, where the store lets them."""
    other = _found(retailer_id, membership_id)
    _refuse_gone(other)

    def begin(reason: str) -> None:
        back = safe_next(request)
        start_acting(request.session, other, really_by=request.user, reason=reason, back=back, now=utc_now())

    with within(retailer_id), reading():
        if other.retailer.needs_consent and consent_for_support(now=utc_now()) is None:
            raise ConsentFirst(store=other.retailer.name)
        return _asked_why(request, other, ActingForm(_sent(request), by_support=True), begin)


@public
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Oneself again, at once. For everybody: whoever is kept out as the other one must get out of there too."""
    masquerade_id: int | None = getattr(request, "masquerade_id", None)
    if masquerade_id is None:
        return redirect("desk:home")
    name = request.really_by.name  # type: ignore[attr-defined]
    retailer_id: int = request.retailer_id  # type: ignore[attr-defined]
    back = stop_acting(request.session, masquerade_id=masquerade_id, retailer_id=retailer_id, now=utc_now())
    rotate_token(request)
    messages.success(request, _("You are %(name)s again.") % {"name": name})
    return redirect(back)


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _found(retailer_id: int, membership_id: int) -> Membership:
    rows = Membership.objects.filter(pk=membership_id, retailer=retailer_id)
    other: Membership | None = rows.select_related("user", "retailer").first()
    if other is None:
        raise Http404
    return other


def _refuse_gone(other: Membership) -> None:
    if not other.is_living or not other.user.is_active:
        raise CannotActAs.gone(name=other.user.name)


def _asked_why(request: HttpRequest, other: Membership, form: ActingForm, begin: Callable[[str], None]) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            begin(form.cleaned_data["reason"])
        except DomainError as refused:
            if refused.field != "reason":
                raise
            form.add_error("reason", str(refused))
        else:
            rotate_token(request)
            return redirect("desk:home")
    with within(other.retailer_id), reading():
        place = other.location.name if other.location_id and other.location else ""
        told = {"form": form, "other": other, "place": place, "next": safe_next(request)}
        return render(request, PAGE, told, status=422 if form.errors else 200)
