"""Two headers that Django 5.2 does not send itself. The settings are named as in Django 6, where this file can go."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class SecurityHeaders:
    """Content-Security-Policy and Permissions-Policy on every answer that has not set its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.content = "; ".join(f"{name} {' '.join(values)}" for name, values in settings.SECURE_CSP.items())
        self.permissions = ", ".join(
            f"{name}=({' '.join(values)})" for name, values in settings.PERMISSIONS_POLICY.items()
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.content)
        response.headers.setdefault("Permissions-Policy", self.permissions)
        return response
