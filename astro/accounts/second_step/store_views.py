"""Whether a store's administrators sign in with a second step, who has one, and helping who lost theirs."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from astro.accounts.access import StaffRequest, by_oneself, masters
from astro.accounts.models import Membership
from astro.accounts.second_step.actions import need_second_step, remove_second_step
from astro.accounts.second_step.proof import freshly_proved, insist_on_proof
from astro.accounts.second_step.queries import administrators_of
from astro.kit.clock import utc_now


@masters
@by_oneself
@freshly_proved
@require_http_methods(["GET", "POST"])
def store_second_step(request: StaffRequest) -> HttpResponse:
    if request.method == "POST":
        needed = request.POST.get("needed") == "yes"
        if need_second_step(request.retailer, needed=needed, by=request.user, at=request.location, now=utc_now()):
            said = (
                _("Administrators now sign in with a second step. Who has none sets it up first.")
                if needed
                else _("Administrators may sign in with their password alone.")
            )
            messages.success(request, said)
        return redirect("accounts:store_second_step")
    people = administrators_of(request.retailer_id)
    told = {"people": people, "without": sum(not person.user.has_second_step for person in people)}
    return render(request, "accounts/second_step/store.html", told)


@masters
@by_oneself
@require_POST
def second_step_removals(request: StaffRequest, membership_id: int) -> HttpResponse:
    """For somebody who lost theirs: their password alone signs in again."""
    membership = Membership.objects.filter(
        pk=membership_id, retailer=request.retailer_id, ended_at__isnull=True
    ).first()
    if membership is None:
        raise Http404
    insist_on_proof(request, back_to=reverse("accounts:store_second_step"))
    remove_second_step(membership, by=request.user, now=utc_now())
    messages.success(
        request, _("The second step is gone. The password alone signs in again, until a new one is set up.")
    )
    return redirect("accounts:store_second_step")
