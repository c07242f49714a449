"""`astro support add|remove|list|second-step-reset|log`: who works for the platform, and comes in at `/backoffice/`."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from astro.accounts.actions import add_support_user, remove_support_user, reset_support_second_step
from astro.accounts.models import User
from astro.accounts.queries import support_changes, support_people
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError

MOST_CHANGES = 200


class Command(BaseCommand):
    help = "Lets somebody in as the platform's support, shuts them out, helps them in again, or tells who is in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", metavar="add|remove|list|second-step-reset|log")
        adding = what.add_parser("add", help="let somebody in; who was removed comes back")
        adding.add_argument("email")
        adding.add_argument("--name", required=True, help="as the stores read it")
        adding.add_argument("--type-password", action="store_true", help="type one now, where no mail goes out")
        what.add_parser("remove", help="they come in no more").add_argument("email")
        what.add_parser("list", help="who is in")
        resetting = what.add_parser("second-step-reset", help="who lost their second step signs in without it")
        resetting.add_argument("email")
        what.add_parser("log", help="what was changed about who is in, newest first")

    def handle(self, *args: Any, what: str | None, email: str = "", **options: Any) -> None:
        if what == "add":
            self._add(email, name=options["name"], types_password=options["type_password"])
        elif what == "remove":
            self._remove(email)
        elif what == "second-step-reset":
            self._reset(email)
        elif what == "log":
            self._tell_changes()
        else:
            people = [f"{person.email}  {person.name}" for person in support_people()]
            self.stdout.write("\n".join(people) or "Nobody works for the platform. Add one: astro support add.")

    def _add(self, email: str, *, name: str, types_password: bool) -> None:
        password = getpass.getpass("Password, 15 characters or more: ") if types_password else ""
        try:
            user = add_support_user(name=name, email=email, password=password, now=utc_now())
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        how = "Sign in with this password." if password else "Choose a password with “Forgot your password?” first."
        self.stdout.write(f"{user.email} works for the platform now. {how}")

    def _remove(self, email: str) -> None:
        user = self._person(email)
        remove_support_user(user, now=utc_now())
        self.stdout.write(f"{user.email} comes in no more.")

    def _reset(self, email: str) -> None:
        user = self._person(email)
        reset_support_second_step(user, now=utc_now())
        self.stdout.write(
            f"{user.email} is signed out, and signs in with the password alone. A letter tells them. "
            "Have them set up a new second step at once."
        )

    def _tell_changes(self) -> None:
        for one in support_changes(most=MOST_CHANGES):
            by = one.by.email if one.by else "command line"
            self.stdout.write(
                f"{one.at:%Y-%m-%d %H:%M} UTC  {one.user.email}  {one.what}  by {by}  {one.address or ''}".rstrip()
            )

    def _person(self, email: str) -> User:
        user = next((person for person in support_people() if person.email == email.strip().lower()), None)
        if user is None:
            raise CommandError(f"{email} does not work for the platform. `astro support list` tells who does.")
        return user
