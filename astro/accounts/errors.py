"""What can go wrong with people and tills, in their words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from astro.kit.errors import DomainError
from astro.tenancy import features

if TYPE_CHECKING:
    from astro.accounts.models import User


class _Coded(DomainError):
    """A refusal that a till's program goes by, whatever language its words are in."""

    code = ""

    def as_json(self) -> dict[str, str | None]:
        return {**super().as_json(), "code": self.code}


class TooManyTries(DomainError):
    """Asked too often in a short time. `seconds` until the next try is let through."""

    def __init__(self, *, seconds: int) -> None:
        self.seconds = seconds
        minutes = -(-seconds // 60)
        sentence = ngettext(
            "There were too many tries. Wait %(minutes)d minute, then try again.",
            "There were too many tries. Wait %(minutes)d minutes, then try again.",
            minutes,
        )
        super().__init__(sentence % {"minutes": minutes}, 429)


class LinkUsedUp(DomainError):
    """A link that sets a password: used, too old, or none of ours."""

    def __init__(self) -> None:
        super().__init__(
            _("A link works once, for one hour, and until your password or e-mail is changed. Ask for a new one."), 404
        )


class SignedOut(DomainError):
    """Nobody is signed in. Said to programs; people are sent to the sign-in page."""

    def __init__(self) -> None:
        super().__init__(_("You are signed out. Sign in, then try again."), 401)


class WrongRole(DomainError):
    """This person may not do this."""

    def __init__(self) -> None:
        super().__init__(
            _("This page is for administrators. Ask an administrator of your store to do it, or to change your role."),
            403,
        )


class MastersOnly(DomainError):
    """Only a master administrator may do this."""

    def __init__(self) -> None:
        super().__init__(
            _("This is for the master administrator of your stores. Ask them to do it for you."),
            403,
        )


class SupportOnly(DomainError):
    """Only the platform's own support may do this."""

    def __init__(self) -> None:
        super().__init__(_("This page is for the people who run this installation."), 403)


class StoresOnly(DomainError):
    """The platform's support asks for a page of a store, and stands in none."""

    def __init__(self) -> None:
        super().__init__(
            _("This page belongs to a store, and you work for the platform. Act as one of its people, with a reason."),
            403,
        )


class NotWhileActing(DomainError):
    """What nobody does in another's name: passwords, second steps, keys, messages to people, acting as a third one."""

    def __init__(self) -> None:
        super().__init__(
            _("You are acting as somebody else. This can only be done by themselves: stop acting as them first."), 403
        )


class PasswordFirst(DomainError):
    """This person came in with a PIN, which opens what a cashier does at this till and no more."""

    page = "accounts/password_first.html"

    def __init__(self) -> None:
        super().__init__(
            _("You came in with your PIN, which opens what is done at the till. For this, sign in with your password."),
            403,
        )


class CannotActAs(DomainError):
    """Nobody can act as this one: themselves, or somebody who no longer works there."""

    @classmethod
    def oneself(cls) -> CannotActAs:
        return cls(_("That is you. Act as somebody else, or go on as yourself."), 409)

    @classmethod
    def gone(cls, *, name: str) -> CannotActAs:
        sentence = _("%(name)s does not work here any more, so nobody can act as them. Restore them first.")
        return cls(sentence % {"name": name}, 409)


class AboveOne(DomainError):
    """The other one may do more than whoever wants to act as them."""

    def __init__(self, *, name: str) -> None:
        sentence = _("%(name)s may do more here than you, so you cannot act as them. Ask them to do it.")
        super().__init__(sentence % {"name": name}, 403)


class ConsentFirst(DomainError):
    """The store wants to be asked before support acts as one of its people, and has not said yes."""

    def __init__(self, *, store: str) -> None:
        sentence = _(
            "%(store)s wants to be asked first. Ask an administrator there to allow it on their page "
            "“Support access”, then try again."
        )
        super().__init__(sentence % {"store": store}, 403)


class ActingOver(_Coded):
    """Acting as another has ended by itself. Told before anything else is done: what was asked for was asked in the
    other one's name, so it was not done."""

    page = "accounts/acting_over.html"
    code = "acting_over"

    def __init__(self, *, name: str, why: str) -> None:
        told = {
            "time_over": _("The half hour is over: you no longer act as %(name)s. You are yourself again."),
            "other_gone": _("%(name)s does not work here any more, so you no longer act as them."),
            "other_changed": _("%(name)s has a new password, so you no longer act as them."),
            "consent_over": _("The store has ended it: you no longer act as %(name)s."),
        }
        sentence = told.get(why, _("You may no longer act as %(name)s. You are yourself again."))
        super().__init__(sentence % {"name": name}, 403)


class NameByAdministrator(DomainError):
    """Several people may share a user name that is no e-mail, so nobody of them names it."""

    def __init__(self) -> None:
        super().__init__(_("Ask an administrator of your store to change the name of this user."), 409)


class OwnSecondStep(DomainError):
    """One's own second step is changed on one's own page, with the password."""

    def __init__(self) -> None:
        super().__init__(_("This is your own second step. Change it under your name, My account, Second step."), 403)


class SecondStepOfOthers(DomainError):
    """This person's second step is not this administrator's to take off."""

    def __init__(self) -> None:
        super().__init__(_("Only support can remove this second step. Ask them, and have the person beside you."), 403)


class SecondStepNotForTills(DomainError):
    """Who only works at the till signs in with a password and a PIN."""

    def __init__(self) -> None:
        super().__init__(
            _("A second step is for administrators. At the till, your password and your PIN are enough."), 403
        )


class WorksForStores(DomainError):
    """Who works, or worked, for a store is to become the platform's."""

    def __init__(self, login: str) -> None:
        sentence = _("%(login)s works for a store, or did. Whoever works for the platform needs an address of its own.")
        super().__init__(sentence % {"login": login}, 409)


class WorksForPlatform(DomainError):
    """Who works for the platform is to work for a store."""

    def __init__(self) -> None:
        super().__init__(_("You work for the platform, and so for no store. Use another e-mail address for it."), 409)


class NotIncluded(DomainError):
    """The store's account does not have this (`tenancy.features`). `contacts`: who can have it changed."""

    page = "accounts/not_included.html"

    def __init__(self, feature: str, *, contacts: Sequence[User] = ()) -> None:
        told = {"what": features.NAMES[feature], "people": ", ".join(person.name for person in contacts)}
        sentence = _("Your store's account does not include this: %(what)s. Support can change it.")
        if contacts:
            sentence = _("Your store's account does not include this: %(what)s. Ask %(people)s to have it changed.")
        super().__init__(sentence % told, 403)
        self.contacts = contacts


class NoLocation(DomainError):
    """A master administrator of a store that has no location yet: every page shows one."""

    def __init__(self) -> None:
        super().__init__(
            _("Your store has no location yet, and everything here belongs to one. Ask for it to be added."), 409
        )


class AlreadyTill(DomainError):
    """This browser is a till of this retailer, so it cannot become another one."""

    def __init__(self, *, name: str) -> None:
        sentence = _("This browser is already the till “%(name)s”. Retire that one first.")
        super().__init__(sentence % {"name": name}, 409)


class TillNameTaken(DomainError):
    """A living till of this location has this name."""

    def __init__(self, *, name: str) -> None:
        sentence = _("There is already a till called “%(name)s” here. Give this one another name.")
        super().__init__(sentence % {"name": name}, 422, "name")


class NoTill(_Coded):
    """Neither the cookie of an enrolled till nor anybody signed in."""

    code = "no_till"

    def __init__(self) -> None:
        super().__init__(_("This browser is no till, and nobody is signed in. Sign in; what is kept here stays."), 401)


class OtherStore(_Coded):
    """What a till kept for one store comes under the name of another one, or for a location out of reach."""

    code = "other_store"

    def __init__(self) -> None:
        super().__init__(
            _("These purchases belong to another store. Sign in there, or as somebody who works there."), 403
        )


class NotFromTill(_Coded):
    """No till asks like that: another site may have had a browser do it."""

    code = "not_from_till"

    def __init__(self) -> None:
        super().__init__(_("Only Astro's own pages may send this. Open the till and try again."), 403)


class Barred(_Coded):
    """Somebody is signed in, and something keeps them out of everything but what `@even_when_barred` opens.

    `contacts` are the people whom to ask; `go_to` is the route where it can be mended, for whoever may mend it there.
    """

    page = "accounts/barred.html"
    heading: Promise = _("You cannot go on")

    def __init__(self, message: str | Promise, *, contacts: Sequence[User] = (), go_to: str = "") -> None:
        super().__init__(message, 403)
        self.contacts = contacts
        self.go_to = go_to


class Removed(Barred):
    """This person worked here once."""

    code = "removed"
    heading = _("Your access was removed")

    def __init__(self, *, store: str, contacts: Sequence[User] = ()) -> None:
        ask = (
            _("An administrator of %(store)s has removed your user. Any other administrator can add you again.")
            if contacts
            else _("Your user of %(store)s was removed, and nobody else is left there. Ask support to make a new one.")
        )
        super().__init__(ask % {"store": store}, contacts=contacts)


class AddressRestricted(Barred):
    """The store, or this person, may only be used from other addresses."""

    code = "restricted"
    page = "accounts/restricted.html"
    heading = _("IP Address Restricted")

    def __init__(self, *, address: str, contacts: Sequence[User] = ()) -> None:
        ask = (
            _("Ask an administrator to add it, or go on from the store.")
            if contacts
            else _("Go on from the store, or ask support to take the list off.")
        )
        sentence = _("Your store allows Astro from some addresses only, and %(address)s is none of them.")
        super().__init__(f"{sentence % {'address': address or _('this one')}} {ask}", contacts=contacts)
        self.address = address


class AccountHeld(Barred):
    """Something about a bill: everything waits until it is settled."""

    code = "held"
    heading = _("Your account is on hold")

    def __init__(self, *, contacts: Sequence[User] = (), go_to: str = "") -> None:
        super().__init__(
            _("A bill is open. Nothing is deleted, and purchases that a till kept still come in."),
            contacts=contacts,
            go_to=go_to,
        )


class TrialOver(Barred):
    """The fifteen days are over, and nobody has activated the account."""

    code = "trial_over"
    heading = _("Your trial is over")

    def __init__(self, *, contacts: Sequence[User] = (), go_to: str = "") -> None:
        super().__init__(
            _("Nothing is deleted. As soon as the account is active, everything is as you left it."),
            contacts=contacts,
            go_to=go_to,
        )


class AccountCancelled(Barred):
    """The store has left."""

    code = "cancelled"
    heading = _("This account was cancelled")

    def __init__(self, *, contacts: Sequence[User] = (), go_to: str = "") -> None:
        super().__init__(_("Nothing is deleted. Support can open the account again."), contacts=contacts, go_to=go_to)


class ChoosePasswordFirst(Barred):
    """Somebody else chose the password that this person signed in with."""

    code = "choose_password"
    heading = _("Choose your own password")

    def __init__(self) -> None:
        super().__init__(
            _("Your password was chosen by somebody else. Choose one that only you know, then go on."),
            go_to="accounts:password",
        )


class SecondStepFirst(Barred):
    """Administrators here sign in with a second step, and this one has none yet."""

    code = "second_step"
    heading = _("Set up your second step")

    def __init__(self) -> None:
        super().__init__(
            _("Administrators of your store sign in with a second step. Set yours up, then go on."),
            go_to="accounts:second_step",
        )
