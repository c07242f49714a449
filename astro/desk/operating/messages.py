"""Whether messages leave, over all retailers.

Looked at by the worker each minute and kept, so that a request for the status page never reads across retailers.
"""

from __future__ import annotations

from datetime import datetime

from astro.customers.models import Channel
from astro.desk.operating.milestones import MESSAGES, note_milestone
from astro.messaging.queries import is_stuck
from astro.tenancy.current import across_retailers


def look_at_messages(*, now: datetime) -> None:
    """Keeps which channels are stuck. The caller has opened a transaction."""
    with across_retailers("whether messages leave, for whoever runs this installation"):
        stuck = [str(channel) for channel in (Channel.EMAIL, Channel.TEXT) if is_stuck(channel, now=now)]
    note_milestone(MESSAGES, {"stuck": stuck}, now=now)
