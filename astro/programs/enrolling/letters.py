"""Mail about applications: to the support contact, who asks the brand, and to whoever applied."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils.translation import gettext as _

from astro.accounts.queries import support_address_of
from astro.kit.mail import send_plain
from astro.programs.models import Application, ApplicationDecision


def tell_support(application: Application, *, is_withdrawn: bool = False, now: datetime) -> None:
    """That it was made, or withdrawn again. Nobody is told where the installation names no support contact; the
    application is listed all the same."""
    if not settings.SUPPORT_EMAIL:
        return
    place = application.location
    page = reverse("backoffice:applications")
    parts = [
        _("Store: %(store)s") % {"store": place.retailer.name},
        _("Location: %(place)s, %(region)s") % {"place": place.name, "region": place.region},
        _("Distributor: %(payer)s")
        % {"payer": application.distributor.name if application.distributor else _("none yet")},
        "",
        _("The store does not ask any more: tell the brand if you asked it.")
        if is_withdrawn
        else _("Approve or deny in the brand's name: %(url)s") % {"url": f"{settings.PUBLIC_URL}{page}"},
    ]
    words = _("Withdrawn: application for %(program)s") if is_withdrawn else _("Application for %(program)s")
    subject = words % {"program": _one_line(application.program.title)}
    send_plain(settings.SUPPORT_EMAIL, subject, _letter(parts), now=now)


def tell_applicant(decision: ApplicationDecision, *, now: datetime) -> bool:
    """False where nobody knows an address: then they read it on the program's page."""
    application = decision.application
    address = support_address_of(application.asked_by, retailer_id=application.retailer_id)
    try:
        validate_email(address)
    except ValidationError:
        return False
    words = {"place": application.location.name, "program": _one_line(application.program.title)}
    if decision.is_approved:
        subject = _("Approved: %(program)s")
        first = _("%(place)s is enrolled in “%(program)s” from today on.")
    else:
        subject = _("Denied: %(program)s")
        first = _("The brand does not want %(place)s to take part in “%(program)s” now.")
    page = reverse("programs:detail", args=[application.program_id])
    parts = [
        first % words,
        _("Reason: %(reason)s") % {"reason": decision.reason},
        "",
        _("See the program: %(url)s") % {"url": f"{settings.PUBLIC_URL}{page}"},
    ]
    send_plain(address, subject % words, _letter(parts), reply_to=settings.SUPPORT_EMAIL or None, now=now)
    return True


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _letter(parts: list[str]) -> str:
    return "\n".join(parts) + "\n"
