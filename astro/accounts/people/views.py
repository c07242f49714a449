"""*My Users*: the list, adding somebody, one of them, and changing them."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from astro.accounts.access import StaffRequest, administrators, by_oneself
from astro.accounts.addresses.fields import add_address, fetches_address
from astro.accounts.letters import address_of_page
from astro.accounts.models import Invitation
from astro.accounts.own.sessions import sessions_of
from astro.accounts.people.actions import add_by_word, change_person, insist_on_giving
from astro.accounts.people.errors import AlreadyHere, InvitedAlready, RemovedMeanwhile, WasHere, WordTaken
from astro.accounts.people.forms import EditUserForm, NewUserForm
from astro.accounts.people.inviting import invite
from astro.accounts.people.listing import (
    UserFilter,
    export_heading,
    export_rows,
    page_of_users,
    places_in_words,
    users_listed,
)
from astro.accounts.people.locking import hold_store
from astro.accounts.people.queries import (
    Person,
    last_seen,
    may_be_changed,
    person_of,
    person_seen_by,
    works_only_within,
)
from astro.accounts.queries import locations_of
from astro.accounts.throttle import an_export
from astro.activity.downloads import table_download
from astro.kit.clock import utc_now


@administrators
@require_safe
@vary_on_headers("HX-Target")
def users(request: StaffRequest) -> HttpResponse:
    """The list; `#found` alone is swapped while typing."""
    asked = UserFilter(request.GET, own=request.membership)
    rows = users_listed(asked, own=request.membership, now=utc_now())
    page = page_of_users(rows, asked=request.GET.get("page"))
    part = "found" if request.headers.get("HX-Target") == "found" else "list"
    return render(request, f"accounts/people/{part}.html", {"asked": asked, "page": page})


@administrators
@require_safe
@an_export
def export_users(request: StaffRequest) -> FileResponse:
    """The list as it is asked for in the address: XLSX (`?as=xlsx`), else CSV."""
    asked = UserFilter(request.GET, own=request.membership)
    listed = users_listed(asked, own=request.membership, now=utc_now())
    rows = export_rows(listed, zone=request.location.time_zone)
    return table_download(request, "users", name=_("users"), heading=export_heading(), rows=rows, asked=asked)


@administrators
@by_oneself
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def new_user(request: StaffRequest) -> HttpResponse:
    """An e-mail is invited, a plain word gets its first password here."""
    data = request.POST if request.method == "POST" else None
    form = NewUserForm(data, own=request.membership, here=request.address)
    if fetches_address(request):
        add_address(form, request.address)
    elif request.method == "POST" and form.is_valid():
        try:
            return _invited(request, form) if form.is_by_email else _added(request, form)
        except (AlreadyHere, InvitedAlready, WasHere, WordTaken) as refusal:
            form.add_error(refusal.field, str(refusal))
        except ValidationError as refusal:
            form.add_error("password", refusal)
    return render(request, "accounts/people/new.html", {"form": form}, status=422 if form.errors else 200)


@administrators
@require_safe
def user(request: StaffRequest, membership_id: int) -> HttpResponse:
    """What is known of one of them, and what can be done."""
    person = found(request, membership_id)
    own, may_change = request.membership, may_be_changed(person, by=request.membership)
    sessions = (
        sessions_of(person.user, this=None, now=utc_now(), retailer_id=own.retailer_id, location_id=own.location_id)
        if may_change and not person.is_removed
        else []
    )
    return render(request, "accounts/people/user.html", {**told_of(request, person), "sessions": sessions})


@administrators
@by_oneself
@require_http_methods(["GET", "HEAD", "POST"])
def edit_user(request: StaffRequest, membership_id: int) -> HttpResponse:
    own, person = request.membership, found(request, membership_id)
    if person.is_removed:
        raise RemovedMeanwhile(name=person.user.name)
    data = request.POST if request.method == "POST" else None
    may_rename = works_only_within(person, own=own)
    form = EditUserForm(data, person=person, may_rename=may_rename, own=own, here=request.address)
    if fetches_address(request):
        add_address(form, request.address)
    elif request.method == "POST" and form.is_valid() and form.settled is not None:
        change_person(person, form.settled, name=form.cleaned_data["name"], own=own, now=utc_now())
        messages.success(request, _("Saved."))
        again = person_of(person.user, own=own)
        return redirect("accounts:user", again.pk if again else person.pk)
    told = {**told_of(request, person), "form": form, "may_rename": may_rename}
    return render(request, "accounts/people/edit.html", told, status=422 if form.errors else 200)


def found(request: StaffRequest, membership_id: int) -> Person:
    """One of the people within reach; everybody else is not found."""
    person = person_seen_by(request.membership, membership_id=membership_id)
    if person is None:
        raise Http404
    return person


def told_of(request: StaffRequest, person: Person) -> dict[str, object]:
    own = request.membership
    names = {one.pk: one.name for one in locations_of(own)}
    return {
        "person": person,
        "places": places_in_words(person.places, names=names),
        "seen_at": last_seen([person], retailer_id=own.retailer_id).get(person.user.pk),
        "may_change": may_be_changed(person, by=own),
        "is_oneself": person.user.pk == request.user.pk,
        "goes_out": settings.MAIL_GOES_OUT,
    }


def link_shown(request: StaffRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Where no mail goes out, the link is shown this once, to be handed over."""
    link = address_of_page("accounts:invitation", token)
    return render(request, "accounts/people/link.html", {"invitation": invitation, "link": link})


def _invited(request: StaffRequest, form: NewUserForm) -> HttpResponse:
    settled = form.settled
    assert settled is not None
    with transaction.atomic():
        insist_on_giving(settled, own=request.membership)
        hold_store(request.membership)
        invitation, token = invite(
            request.retailer,
            email=form.cleaned_data["login"],
            name=form.cleaned_data["name"],
            role=settled.role,
            places=settled.places,
            networks=settled.networks,
            by=request.user,
            now=utc_now(),
        )
    if not settings.MAIL_GOES_OUT:
        return link_shown(request, invitation, token)
    said = _("An invitation is on its way to %(email)s. It works for seven days.")
    messages.success(request, said % {"email": invitation.email})
    return redirect("accounts:users")


def _added(request: StaffRequest, form: NewUserForm) -> HttpResponse:
    told = form.cleaned_data
    assert form.settled is not None
    added = add_by_word(
        name=told["name"],
        word=told["login"],
        password=told["password"],
        chooses_own=told["chooses_own"],
        settled=form.settled,
        own=request.membership,
        now=utc_now(),
    )
    said = _("%(name)s is added. They sign in as “%(login)s” with the password you typed: tell them both.")
    messages.success(request, said % {"name": added.name, "login": added.login})
    return redirect("accounts:users")
