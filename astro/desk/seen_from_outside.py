"""Whether Astro sees from where people come, tried by asking it the way that they come: by its public address.

Lists of addresses (IP restriction) and limits by address rest on `ASTRO_PROXIES`. Too high, and whoever writes a header
chooses their address; too low, and everybody comes from the proxy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.urls import reverse

PATIENCE = 5
"""Seconds; a server that is not running is no finding of ours."""

FORGED = "192.0.2.1"
"""Of a range that nobody has (RFC 5737): who is seen there was believed what they wrote."""

LOOPBACK = {"127.0.0.1", "localhost", "::1"}

Ask = Callable[[Mapping[str, str]], str | None]


def proxies(ask: Ask | None = None) -> list[str]:
    """Nothing where the public address is this machine alone, or does not answer."""
    if ask is None and urlsplit(settings.PUBLIC_URL).hostname in LOOPBACK:
        return []
    ask = ask or _seen
    plain = ask({})
    if plain is None:
        return []
    count = settings.PROXIES
    if plain == "":
        return [
            f"Astro cannot tell from where people come: ASTRO_PROXIES={count}, but fewer servers before it set "
            "X-Forwarded-For. Stores that restrict addresses let nobody in. Count them, or look at deploy/nginx.conf."
        ]
    if ask({"X-Forwarded-For": FORGED}) == FORGED:
        return [
            f"Anybody can choose the address they come from: ASTRO_PROXIES={count} is more than the servers before "
            "Astro that set X-Forwarded-For. Lower it, or have the outermost overwrite the header (deploy/nginx.conf)."
        ]
    if ask({"X_Forwarded_For": FORGED}) == FORGED:
        return [
            "Anybody can choose the address they come from: the server before Astro lets headers with underscores "
            "through, and X_Forwarded_For passes for X-Forwarded-For. Have it drop them (deploy/nginx.conf)."
        ]
    if ip_address(plain).is_loopback:
        return [
            f"Everybody seems to come from {plain}, which is a server on this machine: ASTRO_PROXIES={count} is less "
            "than the servers before Astro. Limits by address and restricted addresses do not work. Raise it."
        ]
    return []


def _seen(headers: Mapping[str, str]) -> str | None:
    """The address that Astro says it saw; "" where it could tell none, None where nobody of ours answered."""
    url = f"{settings.PUBLIC_URL}{reverse('support:echo')}"
    try:
        answer = requests.get(url, headers=dict(headers), timeout=PATIENCE, allow_redirects=False)
        told = answer.json()
    except (requests.RequestException, ValueError):
        return None
    if not isinstance(told, dict) or told.get("astro") != "echo":
        return None
    return str(told.get("address", ""))
