"""Whether a store lets its people sign in from some addresses only: access help asks, for whom it may know it.

A stranger is told nothing of any store's rules. Whoever is signed in hears what `accounts` found of them; a till's
browser, where nobody is signed in, hears what holds for the store that enrolled it.
"""

from __future__ import annotations

from django.http import HttpRequest

from astro.accounts.queries import is_restricted


def restriction_of(request: HttpRequest) -> str:
    """`restricted` or `open`; "" where we do not know who asks."""
    known = is_restricted(request)
    return "" if known is None else "restricted" if known else "open"
