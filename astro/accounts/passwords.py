"""The passwords of staff: the one place where a new one is judged and set. By NIST SP 800-63B-4.

For most people here the password is the only thing they prove themselves with, so it has fifteen characters or more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from astro.accounts.letters import password_changed
from astro.accounts.models import StaffSession, User
from astro.accounts.queries import living_memberships
from astro.activity.actions import record
from astro.kit.passwords import fields, policy
from astro.tenancy.current import within

SHORTEST = 15
"""Characters. NIST asks for fifteen where a password is the only factor, as it is for a cashier."""


class NewPasswordField(fields.NewPasswordField):
    """A new password of somebody who works here; draw it with `kit/components/new_password.html`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(least=SHORTEST, **kwargs)


class StaffPassword:
    """The same for whoever asks Django (`AUTH_PASSWORD_VALIDATORS`)."""

    def validate(self, password: str, user: User | None = None) -> None:
        check_new_password(password, user_facts=facts_of(user) if user is not None else ())

    def get_help_text(self) -> str:
        return str(fields.HINT % {"least": SHORTEST})


def check_new_password(password: str, *, user_facts: Iterable[str]) -> None:
    """Raises ValidationError with one sentence. `user_facts` is what others know: names, e-mail, user name, stores."""
    policy.insist_on_good(password, least=SHORTEST, facts=user_facts)


def facts_of(user: User) -> list[str]:
    """What others know of this person, their stores' names among it."""
    facts = [user.name, user.email or "", user.user_name or ""]
    if user.pk is not None:
        facts += [membership.retailer.name for membership in living_memberships(user)]
    return [fact for fact in facts if fact]


@transaction.atomic
def set_password(user: User, password: str, *, by: User, now: datetime) -> None:
    """Give this person another password. Raises ValidationError for a poor one.

    Ends every session of theirs (`stay_signed_in` brings back the one that asked), also where they act as another, and
    tells them by mail. One that somebody else chose is good for choosing one's own and nothing more.
    """
    check_new_password(password, user_facts=facts_of(user))
    user.set_password(password)
    user.has_given_password = by.pk != user.pk
    user.save(update_fields=["password", "has_given_password"])
    StaffSession.objects.filter(Q(user=user, really_by=None) | Q(really_by=user)).delete()
    for membership in living_memberships(user):
        with within(membership.retailer_id):
            record("password changed", membership, by=by, at=None, now=now)
    password_changed(user, now=now)
