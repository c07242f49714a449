"""The till without network."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from astro.accounts.access import public
from astro.checkout.models import Reason


@public
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page that the service worker keeps, and answers with where the server cannot.

    It is made without the request, so it is the same for everyone: whose till it is, the browser knows by itself.
    """
    response = HttpResponse(render_to_string("checkout/offline.html", {"reasons": Reason}))
    patch_cache_control(response, public=True, no_cache=True)
    return response
