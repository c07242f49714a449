"""What somebody has for a second step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from allauth.mfa.models import Authenticator

from astro.accounts.models import Membership, Role, User


@dataclass(frozen=True)
class Passkey:
    id: int
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class SecondStep:
    """`codes_left` of the recovery codes, or None where there are none; `codes_shown_at`: when they were told."""

    app: Authenticator | None
    passkeys: list[Passkey]
    codes_left: int | None
    codes_made_at: datetime | None
    codes_shown_at: datetime | None

    @property
    def is_set(self) -> bool:
        return self.app is not None or bool(self.passkeys)


def second_step_of(user: User) -> SecondStep:
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at", "id"))
    app = next((row for row in rows if row.type == Authenticator.Type.TOTP), None)
    codes = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
    shown = codes.data.get("viewed_at") if codes else None
    return SecondStep(
        app=app,
        passkeys=[
            Passkey(id=row.pk, name=row.wrap().name, added_at=row.created_at, used_at=row.last_used_at)
            for row in rows
            if row.type == Authenticator.Type.WEBAUTHN
        ],
        codes_left=len(codes.wrap().get_unused_codes()) if codes else None,
        codes_made_at=codes.created_at if codes else None,
        codes_shown_at=datetime.fromtimestamp(shown, UTC) if shown else None,
    )


def administrators_of(retailer_id: int) -> list[Membership]:
    """Everyone who administers this store or a location of it, by name, with the person. Inside the retailer."""
    return list(
        Membership.objects.filter(
            retailer=retailer_id, ended_at__isnull=True, role__in=[Role.MASTER, Role.ADMINISTRATOR]
        )
        .select_related("user", "location")
        .order_by("user__name", "id")
    )
