"""Rhythms: at which moments something comes by the clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from astro.kit.clock import day_at

_START = datetime(1970, 1, 1, tzinfo=UTC)


class Rhythm(Protocol):
    """Two questions; all moments are in UTC."""

    def latest(self, now: datetime) -> datetime:
        """The last moment that is not after `now`."""

    def following(self, moment: datetime) -> datetime:
        """The first moment after that one."""


@dataclass(frozen=True)
class Every:
    """Each so often, on the round hour or minute."""

    period: timedelta

    def __post_init__(self) -> None:
        if self.period < timedelta(seconds=1):
            raise ValueError("A rhythm needs a period of at least a second.")

    def latest(self, now: datetime) -> datetime:
        return _START + (now - _START) // self.period * self.period

    def following(self, moment: datetime) -> datetime:
        return self.latest(moment) + self.period


@dataclass(frozen=True)
class Daily:
    """Each day at the same time on the clock of a zone. A time that the clocks skip comes just as much later."""

    at: time
    zone: ZoneInfo

    def latest(self, now: datetime) -> datetime:
        day = day_at(now, self.zone)
        while (moment := self._on(day)) > now:
            day -= timedelta(days=1)
        return moment

    def following(self, moment: datetime) -> datetime:
        day = day_at(moment, self.zone)
        while (later := self._on(day)) <= moment:
            day += timedelta(days=1)
        return later

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at, tzinfo=self.zone).astimezone(UTC)
