"""How a late entry is marked wherever its visit or its punches are shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from astro.checkout.models import LateEntry, Source, Visit


@dataclass(frozen=True, slots=True)
class LateMark:
    """That a visit came late: when it was entered, by whom ("" for the system), and why."""

    entry: LateEntry
    by: str
    entered_on: date

    @property
    def why(self) -> str:
        label = str(self.entry.get_why_display())
        return f"{label}: {self.entry.note}" if self.entry.note else label

    def __str__(self) -> str:
        values = {"day": date_format(self.entered_on), "by": self.by, "why": self.why}
        if self.by:
            return _("Late entry, entered %(day)s by %(by)s: %(why)s") % values
        return _("Late entry, entered %(day)s: %(why)s") % values


def late_marks(visits: Collection[Visit]) -> dict[int, LateMark]:
    """Those of these visits that came late, by id. One query where there may be any, with who entered them."""
    late = [visit.pk for visit in visits if visit.source == Source.LATE]
    if not late:
        return {}
    entries = LateEntry.objects.filter(visit__in=late).select_related("visit__by", "location", "paper_card")
    return {
        entry.visit_id: LateMark(
            entry, entry.visit.by.name if entry.visit.by else "", entry.location.day(entry.entered_at)
        )
        for entry in entries
    }
