"""What must stand on every answer, whoever asked and whatever came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.conf import settings

from astro.kit.security import told

ALWAYS = {
    "Cross-Origin-Opener-Policy": {"same-origin"},
    "Cross-Origin-Resource-Policy": {"same-origin", "cross-origin"},
    "Referrer-Policy": {"same-origin", "no-referrer"},
    "X-Content-Type-Options": {"nosniff"},
    "X-Frame-Options": {"DENY", "SAMEORIGIN"},
    "X-Permitted-Cross-Domain-Policies": {"none"},
}
SANDBOXED = ("default-src 'none';", "sandbox")
"""How a policy begins, and what is in it, where an answer has one of its own."""


def faults_of(headers: Mapping[str, str]) -> Iterator[str]:
    """What is missing or too wide, in words."""
    for name, values in ALWAYS.items():
        if headers.get(name) not in values:
            yield f"{name}: {headers.get(name)}"
    policy = headers.get("Content-Security-Policy", "")
    begin, inside = SANDBOXED
    if policy != told(settings.SECURE_CSP) and not (policy.startswith(begin) and inside in policy):
        yield f"Content-Security-Policy: {policy}"
    if "camera=(self)" not in headers.get("Permissions-Policy", "") or "geolocation=()" not in headers.get(
        "Permissions-Policy", ""
    ):
        yield f"Permissions-Policy: {headers.get('Permissions-Policy')}"
    if headers.get("Cross-Origin-Resource-Policy") == "cross-origin" and not headers["Content-Type"].startswith(
        "image/"
    ):
        yield "Cross-Origin-Resource-Policy is for pictures only"
