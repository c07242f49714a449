"""The Welcome Email before it is sent: exactly the letter that would go, with links that do nothing.

Each answer is shown in a frame of ours and carries a policy of its own: styles, and nothing else.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods

from astro.accounts.access import StaffRequest, staff
from astro.customers.queries import living
from astro.messaging.channels import NotAllowed
from astro.messaging.mail.letters import write_welcome

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox"
)
NAME_LENGTH = 201


@staff
@require_http_methods(["GET", "HEAD", "POST"])
@xframe_options_sameorigin
def preview_welcome(request: StaffRequest) -> HttpResponse:
    """For a customer on file (`?customer=`), or for what was typed and not yet saved."""
    name, address = _reader(request)
    try:
        letter = write_welcome(request.retailer, name=name, to=address, told=None)
    except NotAllowed as refusal:
        answer = render(request, "messaging/mail/refused.html", {"message": str(refusal)})
    else:
        answer = HttpResponse(letter.html)
    return framed(answer, POLICY)


def framed(answer: HttpResponse, policy: str) -> HttpResponse:
    """What may be shown in a frame of ours, under a policy of its own."""
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _reader(request: HttpRequest) -> tuple[str, str]:
    if request.method != "POST" and "customer" in request.GET:
        number = request.GET["customer"]
        customer = get_object_or_404(
            living(), pk=int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
        )
        return customer.name, customer.email
    typed = [_shown(request.POST.get(field, "")) for field in ("first_name", "last_name")]
    return " ".join(filter(None, typed)) or _("Pet Owner"), _shown(request.POST.get("email", ""))


def _shown(text: str) -> str:
    """As it will be kept: one line, without what nobody can see."""
    return "".join(filter(str.isprintable, " ".join(text.split())))[:NAME_LENGTH]
