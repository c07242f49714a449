"""Who works for the platform: made and removed by whoever runs the installation (`astro support`).

Somebody works for stores or for the platform, never for both: nobody gives a bill to a store by day and rings up there
at night under the same name.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from astro.accounts.errors import WorksForStores
from astro.accounts.models import StaffSession, User, as_login
from astro.accounts.passwords import check_new_password, set_password
from astro.accounts.platform_record import What, note_support_change


@transaction.atomic
def add_support_user(*, name: str, email: str, password: str = "", now: datetime) -> User:
    """A person of the platform's support. Without a password they choose one by the mail of a forgotten password. Who
    was removed comes back.

    Raises `WorksForStores` for who works, or worked, for a store, ValidationError for what cannot be one.
    """
    known = User.objects.select_for_update().filter(email=as_login(email)).first()
    if known is not None and known.memberships.exists():
        raise WorksForStores(known.login)
    user = known or User(email=as_login(email))
    user.name, user.is_support, user.is_active = name, True, True
    if password and known is not None:
        set_password(known, password, by=known, now=now)
    elif password:
        check_new_password(password, user_facts=[name, email])
    if known is None:
        user.set_password(password or secrets.token_urlsafe(32))
    user.full_clean()
    user.save(force_insert=known is None)
    note_support_change(user, What.ADDED, by=None, now=now)
    return user


@transaction.atomic
def remove_support_user(user: User, *, now: datetime) -> None:
    """They come in no more; whatever they did stays under their name."""
    User.objects.filter(pk=user.pk, is_support=True).update(is_active=False)
    StaffSession.objects.filter(user=user.pk).delete()
    StaffSession.objects.filter(really_by=user.pk).delete()
    note_support_change(user, What.REMOVED, by=None, now=now)
    user.is_active = False
