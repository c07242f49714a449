"""What happened to a kept purchase, and what to do about it, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from astro.checkout.arrivals import read_moment, read_who
from astro.checkout.models import KeptVisit, Why
from astro.checkout.settling import phone_of
from astro.kit.phones import national
from astro.tenancy.models import Location


@dataclass(frozen=True, slots=True)
class Story:
    happened: str
    to_do: str


def story_of(kept: KeptVisit, *, items: int) -> Story:
    """`items`: how many kinds of things have to be named. Read with location and customer."""
    if kept.why == Why.CLOCK:
        return _clock(kept)
    if kept.why == Why.UNKNOWN_ITEMS:
        happened = ngettext(
            "%(count)s item is not in the catalogue, so it could not be counted.",
            "%(count)s items are not in the catalogue, so they could not be counted.",
            items,
        ) % {"count": items}
        if kept.visit_id:
            happened = f"{happened} {_('The rest of the purchase counts.')}"
        return Story(happened, _("Say which products they are. They are added to the same day."))
    told: dict[str, tuple[str, str]] = {
        Why.OTHER_BASKET: (
            _("This purchase came a second time with other items. The first one counts; this one does not."),
            _("Compare the two. If something is missing from the first one, add it. Then press “Looked at”."),
        ),
        Why.UNNAMED: (
            _("The cashier did not know who it was and left a note."),
            _("Find the customer, and record it for them."),
        ),
        Why.UNKNOWN_CUSTOMER: (
            _("Nobody here has this card or phone number."),
            _("Find the customer, or add them first, and record it for them."),
        ),
        Why.REMOVED_CUSTOMER: (
            _("The customer was removed before this purchase came in."),
            _("Record it for whom it belongs to now, or leave it out."),
        ),
        Why.UNREADABLE: (
            _("Part of what the till sent could not be read. What could be read was taken."),
            _("Look at what came in below. Add what is missing by hand, then press “Looked at”."),
        ),
    }
    return Story(*told[kept.why])


def named_by_till(kept: KeptVisit) -> str:
    """How the till named the customer: a note, a card, a phone number as people write it. Empty where it is gone."""
    who = read_who(kept.body.get("customer"))
    if who.way == "phone":
        return national(phone_of(kept)) or who.words
    return "" if who.way == "id" else who.words


def _clock(kept: KeptVisit) -> Story:
    told = read_moment(kept.body.get("occurred_at"))
    counted = moment_at(kept.occurred_at or kept.kept_at, kept.location)
    if told is None:
        happened = _("The till did not say when this was bought, so %(counted)s is what counts.") % {"counted": counted}
    else:
        happened = _("The till's clock was wrong: it said %(told)s, and %(counted)s is what counts.") % {
            "told": moment_at(told, kept.location),
            "counted": counted,
        }
    return Story(
        happened,
        _("If that is right, say so. If not, undo the visit and add the receipt with its real date."),
    )


def moment_at(moment: datetime, place: Location) -> str:
    """Day and time on the location's wall."""
    here = moment.astimezone(place.time_zone)
    return f"{date_format(here.date())}, {time_format(here.time())}"
