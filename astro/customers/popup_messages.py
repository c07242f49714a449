"""Whether a customer may be written to, in the pop-up: each channel with what can be done, and what was said so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from astro.customers.consent.addresses import address_hash
from astro.customers.consent.ledger import may_be_asked
from astro.customers.consent.queries import address_of, consent_history, may_ask_again_at
from astro.customers.details import as_typed_here
from astro.customers.errors import CannotAsk
from astro.customers.models import Act, Channel, Customer, Reach
from astro.customers.signs import Sign, Signs, day_in_words
from astro.kit.asking import asking

MOST_TOLD: Final = 50

_ACTS: Final = {
    (Channel.EMAIL, Act.ASKED): gettext_lazy("Welcome Email sent"),
    (Channel.TEXT, Act.ASKED): gettext_lazy("SMS Opt In Text sent"),
    (Channel.EMAIL, Act.YES): gettext_lazy("E-mail address verified, on the mailing list"),
    (Channel.TEXT, Act.YES): gettext_lazy("Said yes to texts"),
    (Channel.EMAIL, Act.STOP): gettext_lazy("Unsubscribed from e-mail"),
    (Channel.TEXT, Act.STOP): gettext_lazy("Opted out of texts"),
    (Channel.EMAIL, Act.BOUNCED): gettext_lazy("Mail came back"),
    (Channel.TEXT, Act.BOUNCED): gettext_lazy("A text did not arrive"),
    (Channel.EMAIL, Act.COMPLAINED): gettext_lazy("Marked your mail as unwanted"),
    (Channel.TEXT, Act.COMPLAINED): gettext_lazy("Marked your text as unwanted"),
}
_SEND: Final = {
    (Channel.EMAIL, Reach.ON_FILE): gettext_lazy("Send Welcome Email"),
    (Channel.EMAIL, Reach.ASKED): gettext_lazy("Send Welcome Email again"),
    (Channel.TEXT, Reach.ON_FILE): gettext_lazy("Send SMS Opt In Text"),
    (Channel.TEXT, Reach.ASKED): gettext_lazy("Send SMS Opt In Text again"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One channel of a customer. `saved` is the address as it stands in its field; `send` names the button that asks,
    and is empty where nobody may be asked; `may_stop` is whether there is something to stop; `note` says when again, or
    why not at all."""

    channel: str
    icon: str
    sign: Sign
    saved: str
    send: str
    may_stop: bool
    is_verified: bool
    note: str


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that was said or sent: what, when, and how it came about. `words` are those of the request."""

    what: str
    when: str
    how: str
    words: str
    is_of_another_address: bool


def lines_of(customer: Customer, signs: Signs, *, country: str, now: datetime) -> Mapping[str, Line]:
    """Text and Email, by channel."""
    saved = {Channel.TEXT: as_typed_here(customer.phone, country), Channel.EMAIL: customer.email}
    icons = {Channel.TEXT: "message", Channel.EMAIL: "mail"}
    states = {Channel.TEXT: customer.text_state, Channel.EMAIL: customer.email_state}
    return {
        str(channel): Line(
            channel=str(channel),
            icon=icons[channel],
            sign=getattr(signs, channel),
            saved=saved[channel],
            send="" if asking().really_by else str(_SEND.get((channel, Reach(state)), "")),
            may_stop=state not in {Reach.NONE, Reach.STOPPED},
            is_verified=channel == Channel.EMAIL and state == Reach.YES,
            note=_note(customer, channel, state, now),
        )
        for channel, state in states.items()
    }


def told_of(customer: Customer, *, today: date) -> list[Told]:
    """The latest first, at most 50, in the location's time."""
    current = {address_hash(one, address_of(customer, one)) for one in Channel.values if address_of(customer, one)}
    return [
        Told(
            what=str(_ACTS[Channel(row.channel), Act(row.act)]),
            when=_("%(day)s, %(time)s")
            % {"day": day_in_words(row.at, today), "time": time_format(timezone.localtime(row.at))},
            how=", ".join(
                part
                for part in (
                    str(row.get_source_display()) if row.act != Act.ASKED else "",
                    row.by.name if row.by else "",
                    row.location.name if row.location else "",
                )
                if part
            ),
            words=row.wording.text if row.wording else "",
            is_of_another_address=row.address_hash not in current,
        )
        for row in consent_history(customer)[:MOST_TOLD]
    ]


def _note(customer: Customer, channel: str, state: str, now: datetime) -> str:
    if may_be_asked(state):
        if asking().really_by:
            return _("You are acting as somebody else, so nothing can be sent.")
        again = may_ask_again_at(channel, address_of(customer, channel), now=now)
        return str(CannotAsk(channel, state, until=timezone.localtime(again))) if again > now else ""
    return str(CannotAsk(channel, state)) if state in {Reach.STOPPED, Reach.BOUNCES} else ""
