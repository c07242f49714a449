"""What the desk itself keeps: who is about to sign up, and how far a new store has come."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from astro.kit.ids import IdField
from astro.tenancy.walls import RetailerModel


class SignUp(models.Model):
    """Somebody filled in the sign-up form. It becomes a store at once, or when the link in the letter is used.

    `key` is made by the form: sent twice, it counts once. The password is kept hashed, the link's token too; both, and
    what was told, are forgotten when the store is open. `told` is what `opening.open_store` takes.
    """

    id = IdField()
    key = models.UUIDField(unique=True)
    email = models.EmailField()
    password_hash = models.CharField(max_length=128, blank=True)
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    told = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    until_at = models.DateTimeField()
    letter_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        indexes = [
            models.Index(fields=["email", "letter_at"], name="letters_to_sign_up"),
            models.Index(fields=["until_at"], name="sign_up_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"


class FirstSteps(RetailerModel):
    """A store that signed up by itself is shown what to do first, until it is done or put away."""

    has_several = models.BooleanField(_("several locations"), default=False)
    put_away_at = models.DateTimeField(null=True)

    class Meta(RetailerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["retailer"], name="first_steps_once")]

    def __str__(self) -> str:
        return f"{self.retailer_id}"
