"""What a correction moved: all that undoing it needs, kept with it as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from astro.cards.actions import Moments
from astro.programs.engine.terms import Key


@dataclass(slots=True)
class Moved:
    """`voids`: units taken back; `put_back`: units that count again; `visits`: entered in their place; `piles`: which
    pile punches were of; `handed`: punches given to the other customer; `owed`: since when cards had let their debt
    wait; `stood_in`: units that took the place of another on a card whose reward was handed out; `moments`: when cards
    that owed a punch had been filled; `seats`: the position that units had there which were taken back."""

    voids: list[Key] = field(default_factory=list)
    put_back: list[Key] = field(default_factory=list)
    visits: list[int] = field(default_factory=list)
    piles: dict[int, int] = field(default_factory=dict)
    handed: list[int] = field(default_factory=list)
    owed: dict[int, datetime | None] = field(default_factory=dict)
    stood_in: list[Key] = field(default_factory=list)
    moments: dict[int, Moments] = field(default_factory=dict)
    seats: dict[Key, int] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """As JSON; what is empty is left out."""
        every = {
            "voids": [list(key) for key in self.voids],
            "put_back": [list(key) for key in self.put_back],
            "visits": self.visits,
            "piles": [list(one) for one in self.piles.items()],
            "handed": self.handed,
            "owed": [[pk, moment.isoformat() if moment else None] for pk, moment in self.owed.items()],
            "stood_in": [list(key) for key in self.stood_in],
            "seats": [[*key, position] for key, position in self.seats.items()],
            "moments": [[pk, *_texts(then)] for pk, then in self.moments.items()],
        }
        return {name: value for name, value in every.items() if value}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Moved:
        """The way back."""
        return cls(
            voids=[(one, unit) for one, unit in told.get("voids", [])],
            put_back=[(one, unit) for one, unit in told.get("put_back", [])],
            visits=list(told.get("visits", [])),
            piles=dict(told.get("piles", [])),
            handed=list(told.get("handed", [])),
            owed={pk: datetime.fromisoformat(moment) if moment else None for pk, moment in told.get("owed", [])},
            stood_in=[(one, unit) for one, unit in told.get("stood_in", [])],
            seats={(one, unit): position for one, unit, position in told.get("seats", [])},
            moments={pk: _moments(*texts) for pk, *texts in told.get("moments", [])},
        )


def _texts(then: Moments) -> list[Any]:
    days = [one.isoformat() if one else None for one in (then.opened_at, then.last_punched_at, then.filled_at)]
    return [then.punches, *days, then.filled_on.isoformat() if then.filled_on else None]


def _moments(punches: int, opened: str, last: str, filled: str | None, filled_on: str | None) -> Moments:
    return Moments(
        punches,
        datetime.fromisoformat(opened),
        datetime.fromisoformat(last),
        datetime.fromisoformat(filled) if filled else None,
        date.fromisoformat(filled_on) if filled_on else None,
    )
