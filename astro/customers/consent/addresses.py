"""Addresses as the consent ledger knows them: keyed hashes that say nothing and never change."""

from __future__ import annotations

import hmac
from hashlib import sha256

from django.conf import settings

from astro.customers.details import fold_email
from astro.customers.models import Channel
from astro.tenancy import current


def address_hash(channel: str, address: str) -> str:
    """The current retailer's hash of a phone (E.164) or an e-mail address, in hex.

    With the retailer in it, two stores' hashes of one person cannot be put side by side. `LASTING_KEY` outlives a
    change of the secret key: a stop that could not be found again would be no stop.
    """
    retailer_id = current.current_retailer_id()
    if retailer_id is None:
        raise current.NoRetailer("Consent belongs to a retailer.")
    folded = fold_email(address) if channel == Channel.EMAIL else address
    told = f"{retailer_id}:{channel}:{folded}".encode()
    return hmac.new(settings.LASTING_KEY.encode(), told, sha256).hexdigest()
