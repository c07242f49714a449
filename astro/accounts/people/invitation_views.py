"""The link in the letter of an invitation. Looking changes nothing."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from astro.accounts.access import public
from astro.accounts.adapter import TOO_MANY
from astro.accounts.models import Invitation, User
from astro.accounts.people.accepting import accept, person_invited
from astro.accounts.people.errors import NotTheirPassword
from astro.accounts.people.forms import AcceptForm
from astro.accounts.people.inviting import invitation_of, retailer_id_of
from astro.kit.clock import utc_now
from astro.tenancy.current import within
from astro.tenancy.middleware import reading


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The same page for somebody who is new and for somebody who signs in with this e-mail already."""
    retailer_id = retailer_id_of(token)
    form = AcceptForm(request.POST if request.method == "POST" else None)
    with within(retailer_id), reading():
        found = invitation_of(token, now=utc_now())
        store, asked_by = found.retailer.name, found.sent_by.name
    if request.method == "POST" and form.is_valid():
        try:
            _accepted(request, found, token, form.cleaned_data["password"])
        except (NotTheirPassword, ValidationError) as refusal:
            form.add_error("password", refusal if isinstance(refusal, ValidationError) else str(refusal))
        else:
            messages.success(request, _("You work for %(store)s now. Sign in with your e-mail.") % {"store": store})
            return redirect("accounts:sign_in")
    told = {"form": form, "invitation": found, "store": store, "asked_by": asked_by, "token": token}
    response = render(request, "accounts/people/invitation.html", told)
    if form.errors:
        too_many = next((error for error in form.errors.as_data().get("password", []) if error.code == TOO_MANY), None)
        response.status_code = 429 if too_many else 422
        if too_many is not None:
            response["Retry-After"] = str((too_many.params or {})["seconds"])
        response.keep_writes = True  # type: ignore[attr-defined]  # the count of wrong passwords
    return response


def _accepted(request: HttpRequest, found: Invitation, token: str, password: str) -> User:
    known = person_invited(found)
    if known is not None:
        known = get_adapter().person_with(request, email=found.email, password=password)
    with within(found.retailer_id), transaction.atomic():
        return accept(token, password=password, known=known, now=utc_now())
