"""What the status page tells, in words for everybody. `astro doctor` and the metrics tell the rest."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from astro.customers.models import Channel
from astro.desk import checkup
from astro.desk.operating.milestones import MESSAGES, TILLS, milestone
from astro.support.parts import DATABASE, Finding, Part, PartCondition

HELD_TOO_LONG = timedelta(hours=1)
SEEN_LATELY = timedelta(minutes=10)


def web(now: datetime) -> Finding:
    """This page is an answer."""
    return Finding(PartCondition.WORKS)


def database(now: datetime) -> Finding:
    """Whether it takes a row."""
    if checkup.database():
        return Finding(PartCondition.DOWN, _("Purchases cannot be recorded right now. Use the offline till."))
    return Finding(PartCondition.WORKS)


def worker(now: datetime) -> Finding:
    if checkup.late_outbox():
        return Finding(PartCondition.SLOW, _("Purchases count at once. Messages, reports and uploads come late."))
    return Finding(PartCondition.WORKS)


def mail(now: datetime) -> Finding:
    if not settings.MAIL_ROUTE:
        return Finding(PartCondition.OFF, _("This installation sends no e-mail."))
    if _is_stuck(Channel.EMAIL, now):
        return Finding(PartCondition.DOWN, _("E-mail waits and is sent later by itself."))
    return Finding(PartCondition.WORKS)


def texts(now: datetime) -> Finding:
    if settings.TEXT_GATEWAY is None:
        return Finding(PartCondition.OFF, _("This installation sends no texts."))
    if _is_stuck(Channel.TEXT, now):
        return Finding(PartCondition.DOWN, _("Texts wait and are sent later by themselves."))
    return Finding(PartCondition.WORKS)


def tills(now: datetime) -> Finding:
    """From what the worker counted last: a visit that waits for long on a till which reaches us is not taken."""
    counted = milestone(TILLS)
    oldest = counted.facts.get("oldest_at") if counted else None
    if oldest and now - datetime.fromisoformat(oldest) > HELD_TOO_LONG:
        return Finding(
            PartCondition.SLOW, _("Some purchases still wait on tills. They are safe there and are sent by themselves.")
        )
    return Finding(PartCondition.WORKS)


def _is_stuck(channel: Channel, now: datetime) -> bool:
    """As the worker saw it last; what it saw long ago says nothing."""
    seen = milestone(MESSAGES)
    return seen is not None and now - seen.made_at < SEEN_LATELY and channel in seen.facts["stuck"]


PARTS = [
    Part("web", gettext_lazy("Pages"), web, needs_database=False),
    Part(DATABASE, gettext_lazy("Recording purchases"), database, needs_database=False),
    Part("worker", gettext_lazy("Work in the background"), worker),
    Part("mail", gettext_lazy("E-mail"), mail),
    Part("texts", gettext_lazy("Texts"), texts),
    Part("till", gettext_lazy("Sending what tills have kept"), tills),
]
