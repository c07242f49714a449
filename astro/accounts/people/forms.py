"""What an administrator fills in of somebody, and what somebody fills in who accepts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from astro.accounts.addresses.fields import NetworksField
from astro.accounts.models import Membership, Role, User, as_login, is_user_name
from astro.accounts.passwords import NewPasswordField, check_new_password, facts_of
from astro.accounts.people.actions import Settled
from astro.accounts.people.queries import Person, support_contacts_for
from astro.accounts.people.rules import roles_given_by
from astro.accounts.queries import locations_of
from astro.kit.addresses import Address

LONGEST_TYPED = 1_000
"""Characters of a password that is only compared."""


def name_field() -> forms.CharField:
    return forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("First and last name. Several people who share one user may go by the store's name."),
        error_messages={"required": _("Type a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class SettledForm(forms.Form):
    """Role, places, support contact and addresses: what is asked of everybody. Only what this administrator may give
    can be chosen. `settled` once it is valid."""

    role = forms.ChoiceField(label=_("User type"), widget=forms.RadioSelect)
    places = forms.MultipleChoiceField(
        label=_("Locations"),
        error_messages={"required": _("Choose at least one location.")},
        widget=forms.CheckboxSelectMultiple,
    )
    support_contact = forms.ChoiceField(
        label=_("Support Contact"),
        error_messages={"required": _("Choose who gets the answers to their tickets: they have no e-mail.")},
        help_text=_("Gets the answers to tickets of somebody without an e-mail."),
    )
    networks = NetworksField(
        label=_("IP addresses"),
        help_text=_(
            "Empty: they sign in from anywhere. Or one address or network a line, for example 203.0.113.9 or "
            "203.0.113.0/24."
        ),
    )

    def __init__(
        self, *args: Any, own: Membership, here: Address | None, of: User | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.own, self.of = own, of
        self.locations = list(locations_of(own))
        self.contacts = {str(user.pk): user for user in support_contacts_for(own, but=of)}
        self.settled: Settled | None = None
        nobody = [("", _("Nobody"))]
        contacts = [(key, f"{user.name} ({user.email})") for key, user in self.contacts.items()]
        self.fields["role"].choices = [(role.value, role.label) for role in roles_given_by(own)]  # type: ignore[attr-defined]
        self.fields["places"].choices = [(str(one.pk), one.name) for one in self.locations]  # type: ignore[attr-defined]
        self.fields["support_contact"].choices = nobody + contacts  # type: ignore[attr-defined]
        self.fields["networks"].here = here  # type: ignore[attr-defined]
        self.initial.setdefault("role", Role.CASHIER.value)
        if len(self.locations) == 1:
            self.initial["places"] = [str(self.locations[0].pk)]
            self.fields["places"].widget = forms.MultipleHiddenInput()

    def needs_contact(self) -> bool:
        """Whether this is about somebody without an e-mail."""
        return self.of is not None and not self.of.email

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        role = given.get("role", "")
        places = frozenset(int(one) for one in given.get("places", []))
        if len(self.locations) == 1:
            places = frozenset({self.locations[0].pk})
        if role == Role.MASTER or len(self.locations) == 1:
            self.errors.pop("places", None)
        if not self.needs_contact():
            self.errors.pop("support_contact", None)
        contact = self.contacts.get(given.get("support_contact", ""))
        if not self.errors:
            where = frozenset() if role == Role.MASTER else places
            self.settled = Settled(role, where, contact if self.needs_contact() else None, given["networks"])
        return given


class NewUserForm(SettledForm):
    """Somebody by e-mail, who is invited; or by a plain word, who gets a password from here."""

    name = name_field()
    login = forms.CharField(
        label=_("E-mail or user name"),
        max_length=254,
        help_text=_("With an e-mail they get an invitation. Or type any one word, for example huxleyfront."),
        error_messages={"required": _("Type an e-mail, or one word as user name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = NewPasswordField(label=_("First password"))
    chooses_own = forms.BooleanField(
        label=_("They choose their own when they first sign in"), required=False, initial=True
    )
    field_order = ("name", "login", "role", "places", "support_contact", "password", "chooses_own", "networks")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].clean = self._as_typed  # type: ignore[method-assign]

    @property
    def is_by_email(self) -> bool:
        return "@" in str(self.cleaned_data.get("login", ""))

    def needs_contact(self) -> bool:
        return bool(self.cleaned_data.get("login")) and not self.is_by_email

    def clean_login(self) -> str:
        login = as_login(self.cleaned_data["login"])
        try:
            if "@" in login:
                validate_email(login)
            elif len(login) > 40:
                raise ValidationError(_("A user name has 40 characters at most. Choose a shorter one."))
            else:
                is_user_name(login)
        except ValidationError as refusal:
            if "@" in login:
                raise ValidationError(_("Check the e-mail: it is not complete.")) from None
            raise refusal
        return login

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        login = given.get("login", "")
        if login and not self.is_by_email:
            self._judge_password(given.get("password", ""), facts=[given.get("name", ""), login])
        return given

    def _judge_password(self, password: str, *, facts: list[str]) -> None:
        if not password:
            self.add_error("password", _("Type a first password. They get no invitation without an e-mail."))
            return
        try:
            check_new_password(password, user_facts=[fact for fact in facts if fact])
        except ValidationError as refusal:
            self.add_error("password", refusal)

    def _as_typed(self, value: Any) -> str:
        """Judged in `clean`, and only where it counts: of somebody with an e-mail it is not even looked at."""
        return str(value or "").replace("\x00", "")


class EditUserForm(SettledForm):
    """Who is here already. What they sign in with stays; the name is fixed where it is not this store's alone."""

    name = name_field()
    field_order = ("name", "role", "places", "support_contact", "networks")

    def __init__(self, *args: Any, person: Person, may_rename: bool, **kwargs: Any) -> None:
        contact = person.support_contact
        told = {
            "name": person.user.name,
            "role": person.role.value,
            "places": [str(place) for place in person.places],
            "support_contact": str(contact.pk) if contact else "",
            "networks": person.networks,
        }
        super().__init__(*args, of=person.user, initial=kwargs.pop("initial", None) or told, **kwargs)
        if not may_rename:
            self.fields["name"].disabled = True
        if person.user.email:
            del self.fields["support_contact"]


class GivenPasswordForm(forms.Form):
    """Another password for somebody without an e-mail."""

    password = NewPasswordField()
    chooses_own = forms.BooleanField(
        label=_("They choose their own when they next sign in"), required=False, initial=True
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].facts = facts_of(user)  # type: ignore[attr-defined]


class RemovalForm(forms.Form):
    """Asked only of the primary billing contact."""

    knows_billing = forms.BooleanField(
        label=_("I know that the store has no primary billing contact then, until support names another one"),
        required=False,
    )


class AcceptForm(forms.Form):
    """One field for both: a password of one's own, or the one that somebody has already."""

    password = forms.CharField(
        label=_("Password"),
        max_length=LONGEST_TYPED,
        strip=False,
        error_messages={"required": _("Type a password.")},
        help_text=_(
            "New to Astro? Choose one with at least 15 characters; a few words are easy to remember. Do you sign in to "
            "Astro with this e-mail already? Then type the password you have."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "spellcheck": "false"}),
    )
