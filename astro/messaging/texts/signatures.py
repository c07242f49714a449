"""Whether a hook was called by the text service: it signs each call with the account's token, which nobody else knows.

Signed are the address that was called and the fields of the form: the address, then every name with its value, sorted,
without anything between (HMAC-SHA1, in base64). A part of the address that says the usual port may stand there or not.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha1
from urllib.parse import urlsplit

USUAL_PORTS = {"https": 443, "http": 80}


def signature_of(url: str, form: Mapping[str, Sequence[str]], *, token: str) -> str:
    """What the service would have written. Of a name that comes twice each different value counts once."""
    told = url + "".join(name + value for name in sorted(form) for value in sorted(set(form[name])))
    digest = hmac.new(token.encode(), told.encode("utf-8", "surrogatepass"), sha1)
    return base64.b64encode(digest.digest()).decode()


def is_signed(url: str, form: Mapping[str, Sequence[str]], *, token: str, signature: str) -> bool:
    """Compared in constant time."""
    given = signature.encode("utf-8", "surrogatepass")
    right = [signature_of(spelled, form, token=token).encode() for spelled in _spellings(url)]
    return any(hmac.compare_digest(given, one) for one in right)


def _spellings(url: str) -> Iterator[str]:
    yield url
    parts = urlsplit(url)
    usual = USUAL_PORTS.get(parts.scheme)
    if usual is None or parts.hostname is None:
        return
    host = parts.netloc.rpartition(":")[0] if parts.port else parts.netloc
    if parts.port == usual:
        yield parts._replace(netloc=host).geturl()
    elif parts.port is None:
        yield parts._replace(netloc=f"{host}:{usual}").geturl()
