"""One's own second step: what is set up, an app, passkeys, codes on paper."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as code_flows
from allauth.mfa.totp.internal import flows as app_flows
from allauth.mfa.webauthn.internal import auth as passkey_auth
from allauth.mfa.webauthn.internal import flows as passkey_flows
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from astro.accounts.access import StaffRequest, by_oneself, signed_in
from astro.accounts.errors import SecondStepNotForTills
from astro.accounts.models import User
from astro.accounts.second_step.actions import note_added, note_new_codes, note_removed
from astro.accounts.second_step.forms import AddPasskeyForm, AppForm, PasskeyNameForm
from astro.accounts.second_step.hosts import can_have_passkeys
from astro.accounts.second_step.proof import freshly_proved, insist_on_proof, nothing_but_the_second_step
from astro.accounts.second_step.queries import second_step_of
from astro.kit.clock import utc_now

APP, PASSKEY = Authenticator.Type.TOTP.value, Authenticator.Type.WEBAUTHN.value


@signed_in
@nothing_but_the_second_step
@by_oneself
@never_cache
@require_safe
def second_step(request: StaffRequest) -> HttpResponse:
    """What is set up. Also the page of an administrator who must set one up before anything else."""
    return render(
        request,
        "accounts/second_step/overview.html",
        {
            "step": second_step_of(request.user),
            "is_needed": request.barred is not None,
            "is_offered": _is_offered(request),
            "can_have_passkeys": can_have_passkeys(request),
        },
    )


@signed_in
@nothing_but_the_second_step
@by_oneself
@freshly_proved
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def add_app(request: StaffRequest) -> HttpResponse:
    """The secret as a picture and as text; the first code proves that the app has it."""
    _insist_on_offered(request)
    if second_step_of(request.user).app is not None:
        return redirect("accounts:second_step")
    form = AppForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        app_flows.activate_totp(request, form)
        note_added(request.user, kind=APP, keep=request.session.session_key, now=utc_now())
        return _after_adding(request.user)
    adapter = get_adapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(request.user, form.secret))
    told = {
        "form": form,
        "picture": f"data:image/svg+xml;base64,{b64encode(picture.encode()).decode()}",
        "secret": [form.secret[first : first + 4] for first in range(0, len(form.secret), 4)],
    }
    return _form_page(request, "accounts/second_step/add_app.html", told)


@signed_in
@nothing_but_the_second_step
@by_oneself
@require_POST
def remove_app(request: StaffRequest) -> HttpResponse:
    insist_on_proof(request, back_to=reverse("accounts:second_step"))
    app = get_object_or_404(Authenticator, user=request.user, type=APP)
    app_flows.deactivate_totp(request, app)
    note_removed(request.user, kind=APP, now=utc_now())
    return redirect("accounts:second_step")


@signed_in
@nothing_but_the_second_step
@by_oneself
@freshly_proved
@never_cache
@require_http_methods(["GET", "POST"])
def add_passkey(request: StaffRequest) -> HttpResponse:
    """The browser makes it: an element of our own asks it to, with what stands in the page."""
    _insist_on_offered(request)
    form = AddPasskeyForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        passkey_flows.add_authenticator(request, name=asked["name"], credential=asked["credential"])
        note_added(request.user, kind=PASSKEY, keep=request.session.session_key, now=utc_now())
        return _after_adding(request.user)
    options = passkey_auth.begin_registration(request.user, passwordless=True)
    return _form_page(request, "accounts/second_step/add_passkey.html", {"form": form, "options": options})


@signed_in
@nothing_but_the_second_step
@by_oneself
@require_http_methods(["GET", "POST"])
def passkey(request: StaffRequest, passkey_id: int) -> HttpResponse:
    """Another name for it; the button that removes it is here too."""
    authenticator = _own_passkey(request.user, passkey_id)
    insist_on_proof(request)
    form = PasskeyNameForm(request.POST or None, initial={"name": authenticator.wrap().name})
    if request.method == "POST" and form.is_valid():
        passkey_flows.rename_authenticator(request, authenticator, form.cleaned_data["name"])
        return redirect("accounts:second_step")
    return _form_page(request, "accounts/second_step/passkey.html", {"form": form, "passkey": authenticator})


@signed_in
@nothing_but_the_second_step
@by_oneself
@require_POST
def remove_passkey(request: StaffRequest, passkey_id: int) -> HttpResponse:
    authenticator = _own_passkey(request.user, passkey_id)
    insist_on_proof(request, back_to=reverse("accounts:passkey", args=[passkey_id]))
    passkey_flows.remove_authenticator(request, authenticator)
    note_removed(request.user, kind=PASSKEY, now=utc_now())
    return redirect("accounts:second_step")


@signed_in
@nothing_but_the_second_step
@by_oneself
@freshly_proved
@never_cache
@require_http_methods(["GET", "POST"])
def recovery_codes(request: StaffRequest) -> HttpResponse:
    """How many are left. They are told once, in the answer to a button: `show` tells those that nobody has seen yet,
    `make` makes others and tells them."""
    step = second_step_of(request.user)
    if not step.is_set:
        return redirect("accounts:second_step")
    codes: list[str] = []
    if request.method == "POST":
        if request.POST.get("do") == "make":
            code_flows.generate_recovery_codes(request)
            note_new_codes(request.user, now=utc_now())
        wrapper, may_see = code_flows.view_recovery_codes(request)
        codes = wrapper.get_unused_codes() if wrapper and may_see else []
        step = second_step_of(request.user)
    told = {"step": step, "codes": [f"{code[:5]} {code[5:]}" for code in codes], "file": quote("\r\n".join(codes))}
    return render(request, "accounts/second_step/recovery_codes.html", told)


def _after_adding(user: User) -> HttpResponse:
    """With the first app or passkey come codes, which nobody has seen yet."""
    return redirect("accounts:second_step" if second_step_of(user).codes_shown_at else "accounts:recovery_codes")


def _is_offered(request: StaffRequest) -> bool:
    """To administrators and support; whoever has one keeps it."""
    membership = request.membership
    return membership is None or membership.is_administrator or request.user.has_second_step


def _insist_on_offered(request: StaffRequest) -> None:
    if not _is_offered(request):
        raise SecondStepNotForTills


def _own_passkey(user: User, passkey_id: int) -> Authenticator:
    return get_object_or_404(Authenticator, pk=passkey_id, user=user, type=PASSKEY)


def _form_page(request: HttpRequest, template: str, told: dict[str, object]) -> HttpResponse:
    response = render(request, template, told)
    if request.method == "POST":
        response.status_code = 422
        response.keep_writes = True  # type: ignore[attr-defined]  # the count of wrong codes
    return response
