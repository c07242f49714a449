"""Sessions in our own table: one read brings the session with its user, membership and retailer,
and, while somebody acts as another, with who really sits there.

What a session stands for is kept in its data like everything else; `create_model_instance` copies it into columns, so
that it can be joined, and so that a till's or a person's sessions can be found and ended.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.db.models import Model
from django.utils import timezone

from astro.accounts.models import Membership, StaffSession, User
from astro.kit import plain
from astro.tenancy.models import Retailer

MEMBERSHIP, RETAILER, LOCATION, DEVICE = "membership", "retailer", "location", "device"
REALLY_BY, MASQUERADE, ACTING_UNTIL, BY_PIN = "really_by", "masquerade", "acting_until", "by_pin"
SIGNED_IN_AT, ADDRESS, LABEL = "signed_in_at", "address", "label"


class SessionStore(db.SessionStore):
    _row: StaffSession | None = None

    @classmethod
    def get_model_class(cls) -> type[StaffSession]:
        return StaffSession

    @property
    def row(self) -> StaffSession | None:
        """The stored session as it was loaded, with user, membership and retailer. Asks the database once."""
        if self.session_key:
            self.get(MEMBERSHIP)  # any look inside loads it
        return self._row

    def row_anew(self) -> StaffSession | None:
        """The same, read once more: after the session came to stand for somebody else."""
        self._row = _read(self.session_key or "")
        return self._row

    def _validate_session_key(self, key: str | None) -> bool:
        """Ours are letters and digits. A quoted cookie may hold anything, NUL included, and PostgreSQL refuses that."""
        return bool(super()._validate_session_key(key) and key and key.isascii() and key.isalnum())  # type: ignore[misc]

    def _get_session_from_db(self) -> StaffSession | None:
        found = _read(self.session_key or "")
        if found is None:
            self._session_key = None
        self._row = found
        return found

    def save(self, must_create: bool = False) -> None:
        """A session that stands for somebody has a beginning, whoever made it: its time is limited."""
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        if data.get(SESSION_KEY):
            data.setdefault(SIGNED_IN_AT, timezone.now().isoformat())
        super().save(must_create=must_create)

    def create_model_instance(self, data: dict[str, Any]) -> StaffSession:
        plain = super().create_model_instance(data)
        return StaffSession(
            session_key=plain.session_key,
            session_data=plain.session_data,
            expire_date=plain.expire_date,
            user_id=_id(data, SESSION_KEY),
            retailer_id=_id(data, RETAILER),
            membership_id=_id(data, MEMBERSHIP),
            location_id=_id(data, LOCATION),
            device_id=_id(data, DEVICE),
            really_by_id=_id(data, REALLY_BY),
            masquerade_id=_id(data, MASQUERADE),
            acting_until=_moment(data, ACTING_UNTIL),
            is_by_pin=bool(data.get(BY_PIN)),
            signed_in_at=_moment(data, SIGNED_IN_AT),
            last_used_at=timezone.now(),
            address=data.get(ADDRESS) or None,
            label=str(data.get(LABEL, ""))[:80],
        )


def _read(session_key: str) -> StaffSession | None:
    """A living session with user, membership and retailer. On the way of every request, so plain SQL."""
    told = plain.rows(_read_sql(), {"key": session_key, "now": timezone.now()})
    if not told:
        return None
    values = list(told[0])
    session = plain.made(StaffSession, _take(values, StaffSession))
    if session is None:
        return None
    session.user = plain.made(User, _take(values, User))
    session.membership = plain.made(Membership, _take(values, Membership))
    retailer = plain.made(Retailer, _take(values, Retailer))
    if session.membership and retailer:
        session.membership.retailer = retailer
    session.really_by = plain.made(User, _take(values, User))
    return session


def _take(values: list[Any], model: type[Model]) -> list[Any]:
    """The next columns, which are those of this table."""
    width = plain.width(model)
    taken, values[:] = values[:width], values[width:]
    return taken


@cache
def _read_sql() -> str:
    selected = ", ".join(
        [
            plain.columns(StaffSession, "s"),
            plain.columns(User, "u"),
            plain.columns(Membership, "m"),
            plain.columns(Retailer, "r"),
            plain.columns(User, "k"),
        ]
    )
    return f"""select {selected}
from {StaffSession._meta.db_table} s
left join {User._meta.db_table} u on u.id = s.user_id
left join {Membership._meta.db_table} m on m.id = s.membership_id
left join {Retailer._meta.db_table} r on r.id = m.retailer_id
left join {User._meta.db_table} k on k.id = s.really_by_id
where s.session_key = %(key)s and s.expire_date > %(now)s"""


def _id(data: dict[str, Any], key: str) -> int | None:
    text = data.get(key)
    return int(text) if text else None


def _moment(data: dict[str, Any], key: str) -> datetime | None:
    """Kept as text (ISO 8601): a session's data are JSON."""
    text = data.get(key)
    return datetime.fromisoformat(text) if text else None
