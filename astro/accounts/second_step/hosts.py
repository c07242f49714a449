"""Whether browsers make passkeys for the address under which we are reached."""

from __future__ import annotations

from ipaddress import ip_address

from django.http import HttpRequest


def can_have_passkeys(request: HttpRequest) -> bool:
    """A passkey belongs to a name, so an address in figures has none; and to HTTPS, or to this very computer."""
    name = request.get_host().rpartition(":")[0] or request.get_host()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return request.is_secure()
    return False
