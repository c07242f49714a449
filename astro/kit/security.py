"""What browsers are told about every answer: pages, fragments, files, refusals, breakdowns.

Stands before everything else, so that nothing is answered without it; an answer that says something of its own (a
letter in a frame, a picture for mail programs) keeps that. HSTS is Django's. `SECURE_CSP` is named as in Django 6.
"""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class SecurityHeaders:
    """Sets what is missing of these headers on every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.headers = {
            "Content-Security-Policy": told(settings.SECURE_CSP),
            "Permissions-Policy": ", ".join(f"{name}=({' '.join(who)})" for name, who in _permissions().items()),
            "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "X-Content-Type-Options": "nosniff",
            "X-Permitted-Cross-Domain-Policies": "none",
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        if not getattr(response, "xframe_options_exempt", False):
            response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        return response


def told(policy: Mapping[str, list[str]]) -> str:
    """A content security policy as a header says it."""
    return "; ".join(f"{name} {' '.join(values)}" for name, values in policy.items())


def _permissions() -> dict[str, list[str]]:
    permissions: dict[str, list[str]] = settings.PERMISSIONS_POLICY
    return permissions
