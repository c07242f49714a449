"""What a recount finds: a row that says something else than the rows it is made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

Checked = Counter[str]
"""How many rows were looked at, by what they are."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A row of `table` whose `what` (a column, or a row that belongs to it) is not as the rest of the rows have it."""

    customer_id: int
    table: str
    row_id: int
    what: str
    stands: str
    should: str

    def __str__(self) -> str:
        return f"{self.table} {self.row_id}: {self.what} is {self.stands}, should be {self.should}."


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is being looked at: of which table, which one, and whose."""

    table: str
    row_id: int
    customer_id: int

    def finding(self, what: str, stands: Any, should: Any) -> Finding:
        return Finding(self.customer_id, self.table, self.row_id, what, told(stands), told(should))

    def differences(self, stands: Any, should: dict[str, Any]) -> Iterator[Finding]:
        """A finding for each column of `should` in which the row `stands` differs."""
        for name, value in should.items():
            found = getattr(stands, name)
            if found != value:
                yield self.finding(name, found, value)


def told(value: Any) -> str:
    """A value as a sentence names it."""
    if value is None or value == "":
        return "empty"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
