"""What can go wrong with the people of a store, in their words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from astro.kit.errors import DomainError


class LastAdministrator(DomainError):
    """Without this one nobody could let anybody in."""

    def __init__(self, *, name: str) -> None:
        sentence = _(
            "%(name)s is the last one who administers your store, so they stay as they are. Make somebody else an "
            "administrator of the same kind first."
        )
        super().__init__(sentence % {"name": name}, 409)


class NotOneself(DomainError):
    """Nobody gives or takes themselves anything."""

    def __init__(self) -> None:
        super().__init__(_("That is you. Another administrator can change what you may do, or remove you."), 409)


class AboveYou(DomainError):
    """Whoever may do more is changed by somebody who may do as much."""

    def __init__(self, *, name: str) -> None:
        sentence = _("%(name)s may do more here than you. Ask a master administrator to change this.")
        super().__init__(sentence % {"name": name}, 403)


class NoLongerYours(DomainError):
    """While the page was open, somebody took this administrator's own role or membership away."""

    def __init__(self) -> None:
        super().__init__(_("You may not do this any more: your own role here was changed a moment ago."), 403)


class RemovedMeanwhile(DomainError):
    def __init__(self, *, name: str) -> None:
        sentence = _("%(name)s was removed. Restore them first.")
        super().__init__(sentence % {"name": name}, 409)


class AlreadyHere(DomainError):
    def __init__(self, *, name: str) -> None:
        sentence = _("%(name)s works here already with this e-mail. Open them in the list to change what they may do.")
        super().__init__(sentence % {"name": name}, 422, "login")


class WasHere(DomainError):
    """Somebody who was removed: they are restored, not made anew."""

    def __init__(self, *, name: str) -> None:
        sentence = _("%(name)s had this and was removed. Find them under “Removed” and restore them.")
        super().__init__(sentence % {"name": name}, 422, "login")


class InvitedAlready(DomainError):
    def __init__(self) -> None:
        super().__init__(
            _("Somebody with this e-mail is invited to your store already. Invite them again, or withdraw that first."),
            422,
            "login",
        )


class WordTaken(DomainError):
    """Plain words are unique in the whole installation; whose it is, nobody is told."""

    def __init__(self, *, word: str) -> None:
        sentence = _("The user name “%(word)s” is taken. Choose another one, for example with your store's name in it.")
        super().__init__(sentence % {"word": word}, 422, "login")


class BillingContactLeaves(DomainError):
    """Whoever removes the primary billing contact says that they know it."""

    def __init__(self, *, name: str) -> None:
        sentence = _("%(name)s is the primary billing contact. Tick the box to remove them all the same.")
        super().__init__(sentence % {"name": name}, 422, "knows_billing")


class WorksElsewhere(DomainError):
    """A name or a password holds everywhere, so somebody who reaches only a part of it leaves it alone."""

    def __init__(self, *, name: str, can_themselves: bool = False) -> None:
        sentence = _(
            "%(name)s does not work for you alone, so this is not yours to change. Ask a master administrator."
        )
        if can_themselves:
            sentence = _(
                "%(name)s does not work for you alone, so the name is not yours to change. They can: under My account."
            )
        super().__init__(sentence % {"name": name}, 403)


class HasEmail(DomainError):
    def __init__(self, *, name: str) -> None:
        sentence = _("%(name)s signs in with an e-mail, and sets a new password with a letter. Send them one.")
        super().__init__(sentence % {"name": name}, 409)


class HasNoEmail(DomainError):
    def __init__(self, *, name: str) -> None:
        sentence = _("%(name)s has no e-mail, so no letter reaches them. Set a password for them instead.")
        super().__init__(sentence % {"name": name}, 409)


class InvitationOver(DomainError):
    """A link of an invitation that lets nobody in: used, withdrawn, too old, or never ours."""

    page = "accounts/people/invitation_over.html"

    def __init__(self, why: str = "", *, store: str = "", asked_by: str = "") -> None:
        told = {
            "accepted": _("This invitation was accepted already, and works once. Sign in with your e-mail."),
            "withdrawn": _("This invitation was withdrawn."),
            "too_old": _("This invitation is too old: it works for seven days."),
            "not_theirs": _("Whoever invited you may no longer do so, and the invitation ended with that."),
        }
        super().__init__(
            told.get(why, _("This link opens no invitation. Open it from the letter once more.")), 410 if why else 404
        )
        self.why, self.store, self.asked_by = why, store, asked_by


class NotTheirPassword(DomainError):
    """Said to whoever holds the letter, so it may tell that this e-mail signs in to Astro."""

    def __init__(self) -> None:
        super().__init__(
            _("You sign in to Astro with this e-mail already, and this is not the password. Type the one you have."),
            422,
            "password",
        )


class WhyFirst(DomainError):
    def __init__(self) -> None:
        super().__init__(_("Say why: the store will read it."), 422, "reason")
