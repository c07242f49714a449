"""Having something done inside every retailer: a row each, so that one retailer's trouble holds up no other."""

from datetime import datetime

from astro.kit.outbox.queue import Job, put_all
from astro.tenancy.models import Retailer


def put_everywhere(kind: str, *, once: str, now: datetime) -> None:
    """Put a row of this kind for each retailer. `once` names the occasion: for the same one nothing is put again."""
    retailers = Retailer.objects.order_by("pk").values_list("pk", flat=True)
    put_all([Job(kind, {}, retailer_id, dedupe=f"{kind} {once}") for retailer_id in retailers], now=now)
