"""Sessions in our own table: one read brings the session with its user, membership and retailer.

What a session stands for is kept in its data like everything else; `create_model_instance` copies it into columns, so
that it can be joined, and so that a till's or a person's sessions can be found and ended.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

from astro.accounts.models import StaffSession

MEMBERSHIP, RETAILER, LOCATION, DEVICE = "membership", "retailer", "location", "device"


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

    def _validate_session_key(self, key: str | None) -> bool:
        """Ours are letters and digits. A quoted cookie may hold anything, NUL included, and PostgreSQL refuses that."""
        return bool(super()._validate_session_key(key) and key and key.isascii() and key.isalnum())  # type: ignore[misc]

    def _get_session_from_db(self) -> StaffSession | None:
        found = (
            StaffSession.objects.filter(session_key=self.session_key, expire_date__gt=timezone.now())
            .select_related("user", "membership__retailer")
            .first()
        )
        if found is None:
            self._session_key = None
        self._row = found
        return found

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
        )


def _id(data: dict[str, Any], key: str) -> int | None:
    text = data.get(key)
    return int(text) if text else None
