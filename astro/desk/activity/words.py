"""What each event means, in a sentence; a test holds this list and `docs/events.md` together."""

from __future__ import annotations

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

Words = dict[str, str | Promise]

PURCHASES: Words = {
    "card note changed": _("Changed the note on a card"),
    "checkout field added": _("Had the till ask something more"),
    "checkout field changed": _("Changed what the till asks"),
    "checkout answer corrected": _("Put an answer right that a till had sent"),
    "checkout field moved": _("Changed the order in which the till asks"),
    "checkout field switched off": _("Switched off a question of the till"),
    "checkout field switched on": _("Switched on a question of the till"),
    "correction made": _("Put something right"),
    "correction undone": _("Took back what was put right"),
    "kept visit opened again": _("Put a kept purchase back on the list"),
    "kept visit settled": _("Settled a kept purchase"),
    "late limits changed": _("Changed how late a purchase may be entered"),
    "paper card photo opened": _("Looked at the photo of a paper card"),
    "paper card taken back": _("Took a paper card back"),
    "paper card taken over": _("Took a paper card over"),
    "purchase entered late": _("Entered a purchase late"),
    "purchase removed": _("Took back bought items"),
    "return moved on": _("Moved a customer's return on"),
    "return submitted": _("Asked for credit for goods brought back"),
    "return rule changed": _("Changed what becomes of goods that come back"),
    "redemption undone": _("Took a free item back"),
    "till holds purchases": _("A till has held purchases for a day"),
    "visit arrived": _("A purchase came in from a till that was offline"),
    "visit finished": _("Finished a checkout with rewards"),
    "visit kept": _("A purchase was kept for a person to look at"),
    "visit recorded": _("Checked out"),
    "visit refused": _("A purchase came twice with different contents"),
}
CUSTOMERS: Words = {
    "account rules changed": _("Changed what a new customer needs"),
    "app joined": _("Signed in to the app for the first time"),
    "consent changed": _("Changed which messages a customer gets"),
    "customer added": _("Added a customer"),
    "customer changed": _("Changed a customer"),
    "customer converted": _("Converted an account"),
    "customer erased": _("A customer was erased"),
    "customer restored": _("Put a customer back on the list"),
    "customer retired": _("Took a customer off the list"),
    "customers merged": _("Merged two customers"),
    "customers split": _("Split two customers again"),
    "erasure asked": _("Asked to erase a customer"),
    "erasure undone": _("Took back that a customer is erased"),
    "likely double dismissed": _("Said that two customers are not the same"),
    "personal data opened": _("Opened everything that is kept of a customer"),
    "tag added": _("Added a tag"),
    "tag archived": _("Archived a tag"),
    "tag renamed": _("Renamed a tag"),
    "tag restored": _("Brought a tag back"),
}
MESSAGES: Words = {
    "kept message opened": _("Read a message in the local mailbox"),
    "reply received": _("A customer wrote back by text"),
    "reply settled": _("Looked at what a customer wrote back"),
}
LISTS: Words = {
    "list exported": _("Exported a list"),
    "upload begun": _("Had an uploaded list added"),
    "upload finished": _("An uploaded list was gone through"),
    "upload matched": _("Said what the columns of an uploaded list are"),
    "upload received": _("Uploaded a list"),
    "upload stop asked": _("Asked to stop an uploaded list"),
    "upload stopped": _("An uploaded list was stopped"),
    "upload undo asked": _("Asked to take an uploaded list back"),
    "upload undone": _("An uploaded list was taken back"),
}
PEOPLE: Words = {
    "acting began": _("Began to act as somebody else"),
    "acting ended": _("Stopped acting as somebody else"),
    "actings opened": _("Looked at who acted as whom"),
    "addresses restricted": _("Changed from which addresses people come in"),
    "administrator rebuilt": _("Support invited a new master administrator"),
    "invitation accepted": _("Accepted an invitation"),
    "invitation withdrawn": _("Withdrew an invitation"),
    "membership changed": _("Changed what somebody may do"),
    "membership ended": _("Took away somebody's access"),
    "membership given": _("Gave somebody access"),
    "password changed": _("A password was changed"),
    "password letter sent": _("Sent somebody a letter for a new password"),
    "person invited": _("Invited somebody"),
    "person invited again": _("Invited somebody again"),
    "person restored": _("Gave somebody their access back"),
    "person switched": _("Switched person on a till"),
    "pin wrong": _("A wrong PIN was typed at a till"),
    "pin removed": _("Removed a PIN"),
    "pin set": _("Set a PIN"),
    "recovery codes made": _("Made new recovery codes"),
    "restriction lifted": _("Lifted a restriction of addresses"),
    "second step added": _("Added a second step for signing in"),
    "second step asked for": _("Changed whether a second step is needed"),
    "second step removed": _("Removed a second step for signing in"),
    "sessions ended": _("Signed out elsewhere"),
    "signed in": _("Signed in"),
    "support let in": _("Let support in"),
    "support rule changed": _("Changed whether support must ask"),
    "support shut out": _("Shut support out"),
    "till enrolled": _("Made a browser a till"),
    "till retired": _("Retired a till"),
}
PROGRAMS: Words = {
    "application approved": _("Approved a location for a private program"),
    "application denied": _("Denied a location a private program"),
    "application made": _("Applied for a private program"),
    "application withdrawn": _("Withdrew the application for a private program"),
    "auto-enrollment chosen": _("Chose that a brand's new offers are joined by themselves"),
    "auto-enrollment stopped": _("Stopped that a brand's new offers are joined by themselves"),
    "enrollment changed": _("Changed the distributor of a program"),
    "free goods handed over": _("Gave what was given away to another distributor to pay"),
    "own program changed": _("Renamed a program of their own"),
    "own program goes on": _("Took the last day of a program of their own away"),
    "own program ended": _("Ended a program of their own"),
    "own program made": _("Made a program of their own"),
    "own program rule changed": _("Changed the rule of a program of their own"),
    "program enrolled": _("Enrolled a location in a program"),
    "program unenrolled": _("Took a location out of a program"),
    "unenrollment undone": _("Kept a location in a program after all"),
}
ACCOUNT: Words = {
    "account changed": _("The account became another kind"),
    "billing contact moved": _("Made somebody the primary billing contact"),
    "billing details changed": _("Changed the billing details"),
    "exception approved": _("Approved an item onto a card"),
    "exception asked": _("Asked an item onto a card"),
    "exception decision taken back": _("Took back what was decided of an item"),
    "exception given": _("Gave the punches of an approved item"),
    "exception rejected": _("Rejected an item for a card"),
    "exception withdrawn": _("Withdrew an item asked onto a card"),
    "feature switched off": _("Switched a feature off"),
    "feature switched on": _("Switched a feature on"),
    "hold lifted": _("Lifted a billing hold"),
    "hold placed": _("Placed a billing hold"),
    "location added": _("Added a location"),
    "location changed": _("Changed a location"),
    "log sealed anew": _("The seals of this log were begun anew"),
    "store signed up": _("Signed the store up"),
    "ticket answered": _("Support answered a ticket"),
    "ticket closed": _("Closed a ticket"),
    "ticket opened": _("Opened a ticket"),
    "ticket replied to": _("Wrote to support again"),
}

GROUPS: Final[dict[str, tuple[str | Promise, Words]]] = {
    "purchases": (_("Purchases"), PURCHASES),
    "customers": (_("Customers"), CUSTOMERS),
    "messages": (_("Messages"), MESSAGES),
    "lists": (_("Lists and exports"), LISTS),
    "people": (_("People and access"), PEOPLE),
    "programs": (_("Programs"), PROGRAMS),
    "account": (_("Account and locations"), ACCOUNT),
}
SENTENCES: Final[Words] = {name: words for _label, group in GROUPS.values() for name, words in group.items()}

FACTS: Final[Words] = {
    "fields": _("Fields"),
    "filters": _("Narrowed by"),
    "format": _("As"),
    "lines": _("Items"),
    "punches": _("Punches"),
    "rewards": _("Rewards"),
    "redemptions": _("Redeemed"),
    "rows": _("Lines"),
    "role": _("Role"),
    "was": _("Was"),
    "became": _("Became"),
    "what": _("List"),
    "why": _("Why"),
    "how": _("How"),
    "kind": _("Kind"),
    "channel": _("Channel"),
    "act": _("Said"),
    "feature": _("Feature"),
    "days": _("Days late"),
    "units": _("Units"),
    "minutes": _("Minutes"),
    "seconds": _("Seconds"),
    "meaning": _("Meaning"),
    "seals": _("Seals until then"),
    "until": _("Sealed until"),
}
"""Facts that a reader understands; ids and marks for programs are left out."""


def sentence_of(name: str) -> str:
    """An event of a newer release is told by its name."""
    return str(SENTENCES.get(name, name))


def details_of(facts: dict[str, Any]) -> str:
    """The facts of an event in one line: names of fields and numbers, as they were recorded."""
    told = ((key, facts[key]) for key in FACTS if facts.get(key) not in (None, "", [], 0))
    return " · ".join(f"{FACTS[key]}: {_plain(value)}" for key, value in told)


def names_saying(text: str) -> list[str]:
    """The events whose sentence holds these words, cases aside."""
    return [name for name, words in SENTENCES.items() if text.casefold() in str(words).casefold()]


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    if isinstance(value, bool):
        return _t("yes") if value else _t("no")
    return str(value).replace("_", " ").replace(".", " ")
