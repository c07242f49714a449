"""Signing in with a second step after the password, or with a passkey and nothing else."""

from __future__ import annotations

from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal import auth as passkey_auth
from allauth.mfa.webauthn.internal import flows as passkey_flows
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from astro.accounts.access import public, safe_next
from astro.accounts.barring import removed_from
from astro.accounts.models import User
from astro.accounts.queries import last_membership, living_memberships
from astro.accounts.second_step.forms import CodeForm, PasskeyForm
from astro.accounts.second_step.halfway import is_password_the_same
from astro.accounts.views import first_page


@public
@never_cache
@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "POST"])
def show_second_step(request: HttpRequest) -> HttpResponse:
    """The password was right; now the code or the passkey. Nobody is signed in until then."""
    stage = LoginStageController.enter(request, AuthenticateStage.key)
    user = stage.login.user if stage is not None else None
    if stage is not None and user is not None:
        _tell_who_was_removed(user)
    if stage is None or user is None or not is_password_the_same(request, user=user):
        return redirect("accounts:sign_in")
    if not user.has_second_step or not _may_come_in(user):
        return redirect("accounts:sign_in")
    by_passkey = "credential" in request.POST
    code_form = CodeForm(request.POST if "code" in request.POST else None, user=user)
    passkey_form = PasskeyForm(request.POST if by_passkey else None, user=user)
    if request.method == "POST":
        form = passkey_form if by_passkey else code_form
        if form.is_valid():
            form.save()
            response: HttpResponse = stage.exit()
            return response
    has_app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    if not has_app:
        code_form.fields["code"].help_text = _("One of your recovery codes: ten digits.")
    has_passkey = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists()
    told = {
        "form": code_form,
        "passkey_form": passkey_form if has_passkey else None,
        "options": passkey_auth.begin_authentication(user) if has_passkey else None,
        "has_app": has_app,
    }
    response = render(request, "accounts/second_step/show.html", told)
    if request.method == "POST":
        response.status_code = 422
        response.keep_writes = True  # type: ignore[attr-defined]  # the count of wrong codes
    if code_form.is_bound and code_form.seconds_to_wait:
        response.status_code = 429
        response["Retry-After"] = str(code_form.seconds_to_wait)
    return response


@public
@never_cache
@sensitive_post_parameters("credential")
@require_http_methods(["GET", "POST"])
def sign_in_by_passkey(request: HttpRequest) -> HttpResponse:
    """GET is asked by our element and tells what the passkey has to sign; it names nobody."""
    if request.method == "GET":
        return JsonResponse(dict(passkey_auth.begin_authentication()))
    form = PasskeyForm(request.POST, user=None)
    passkey = form.cleaned_data["credential"] if form.is_valid() else None
    if passkey is not None:
        _tell_who_was_removed(passkey.user)
    if passkey is None or not _may_come_in(passkey.user):
        told = {"next": safe_next(request)}
        return render(request, "accounts/second_step/passkey_refused.html", told, status=422)
    login = Login(user=passkey.user, redirect_url=first_page(passkey.user, asked=safe_next(request)))
    response: HttpResponse = passkey_flows.perform_passwordless_login(request, passkey, login)
    return response


def _tell_who_was_removed(user: User) -> None:
    """The page that a right password leads to; whom somebody shut out is told nothing here either."""
    last = last_membership(user) if user.is_active and not user.is_support else None
    if last is not None:
        raise removed_from(last)


def _may_come_in(user: User) -> bool:
    return user.is_active and (user.is_support or bool(living_memberships(user)))
