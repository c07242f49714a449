"""The tills: listed, enrolled and retired by administrators."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from astro.accounts.access import StaffRequest, administrators, by_oneself
from astro.accounts.actions import enroll_device, retire_device, stand_at
from astro.accounts.errors import AlreadyTill, TillNameTaken
from astro.accounts.forms import DeviceForm
from astro.accounts.queries import device_of, living_devices
from astro.accounts.tills import drop_cookie, read_cookie, write_cookie
from astro.kit.clock import utc_now


@administrators
@by_oneself
@require_http_methods(["GET", "POST"])
def devices(request: StaffRequest) -> HttpResponse:
    """The tills within reach, and the form that makes this browser one."""
    this = device_of(read_cookie(request))
    form = DeviceForm(request.POST or None, membership=request.membership, initial={"location": request.location_id})
    if request.method == "POST":
        if this is not None:
            raise AlreadyTill(name=this.name)
        if form.is_valid():
            answer = _enrolled(request, form)
            if answer is not None:
                return answer
    context = {"form": form, "devices": living_devices(request.membership), "this": this}
    return render(request, "accounts/devices.html", context, status=422 if form.errors else 200)


@administrators
@by_oneself
@require_POST
def retirements(request: StaffRequest, device_id: int) -> HttpResponse:
    """Take a till out of service; who is signed in on it is out."""
    device = get_object_or_404(living_devices(request.membership), pk=device_id)
    retire_device(device, by=request.user, now=utc_now(), keep=request.session.session_key)
    answer = redirect("accounts:devices")
    cookie = read_cookie(request)
    if cookie is not None and cookie.device_id == device.pk:
        stand_at(request.session, membership=request.membership, location=request.location, device=None)
        drop_cookie(answer)
    return answer


def _enrolled(request: StaffRequest, form: DeviceForm) -> HttpResponse | None:
    location = form.cleaned_data["location"]
    try:
        device, cookie = enroll_device(name=form.cleaned_data["name"], at=location, by=request.user, now=utc_now())
    except TillNameTaken as refusal:
        form.add_error("name", str(refusal))
        return None
    stand_at(
        request.session,
        membership=request.membership,
        location=location if request.membership.is_master else request.location,
        device=device,
    )
    answer = redirect("accounts:devices")
    write_cookie(answer, cookie=cookie)
    return answer
