"""What a till sends, as an object."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, RawPostDataException

from astro.checkout.basket import read_json
from astro.checkout.errors import too_large


def sent_object(request: HttpRequest) -> dict[str, Any]:
    """What the till sent, as far as it is an object of a bearable size. Raises BadVisit."""
    try:
        return read_json(request.body)
    except RequestDataTooBig as problem:
        raise too_large() from problem
    except RawPostDataException:  # a form with parts: it was read for its token, and is no object anyway
        return read_json(b"")
