"""What makes the till an app of its own on a till's screen: the service worker, and what the app is called there."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from astro.accounts.access import public
from astro.desk.shell_files import shell_files, shell_pages, shell_version

BRAND, PAPER = "#4032a8", "#f6f4ef"
PATIENCE = 6_000
"""How long a page of the till is waited for, in ms, before the till without network stands in for it."""
ICONS = [("astro-192.png", "192x192", "any"), ("astro-512.png", "512x512", "any")]
ICONS += [("astro-maskable-512.png", "512x512", "maskable")]


@public
@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Its own text names all that it fetches ahead, so that a browser sees by it that there is a newer version."""
    told = {
        "version": shell_version(),
        "files": shell_files(),
        "pages": shell_pages(),
        "static": settings.STATIC_URL,
        "patience": PATIENCE,
    }
    shell = mark_safe(json.dumps(told, indent=1))  # noqa: S308 - our own addresses, in a script
    return render(request, "desk/service_worker.js", {"shell": shell}, content_type="text/javascript; charset=utf-8")


@public
@require_safe
@cache_control(no_cache=True)
def manifest(request: HttpRequest) -> HttpResponse:
    """How the installed app is called, looks and opens."""
    told = {
        "id": "/",
        "name": _("Astro till"),
        "short_name": "Astro",
        "description": _("Check customers out, with and without network."),
        "lang": get_language(),
        "dir": "rtl" if get_language_bidi() else "ltr",
        "start_url": reverse("checkout:look_up"),
        "scope": "/",
        "display": "standalone",
        "theme_color": BRAND,
        "background_color": PAPER,
        "icons": [
            {"src": static(f"desk/icons/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in ICONS
        ],
    }
    return JsonResponse(told, content_type="application/manifest+json")
