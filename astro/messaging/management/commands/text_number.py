"""`astro text-number <retailer> <number>|off`: the number a store texts from, until support has a screen for it."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.kit.phones import national, to_e164
from astro.messaging.links import whole_address
from astro.messaging.texts.numbers import leave_number, take_number
from astro.tenancy import current
from astro.tenancy.by_name import retailer_called


class Command(BaseCommand):
    help = "Gives a retailer the number that it texts from, or takes it away. Tells where the text service is to call."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("retailer", help="its number in Astro, or its name")
        parser.add_argument("number", help="a phone number of the text service's account, or: off")

    def handle(self, *args: Any, retailer: str, number: str, **options: Any) -> None:
        try:
            found = retailer_called(retailer)
            with transaction.atomic(), current.retailer(found):
                if number == "off":
                    changed = leave_number(now=utc_now())
                    told = f"{found.name} has no number{'' if changed else ' already'}. Its texts are kept."
                else:
                    e164 = to_e164(number, found.country)
                    changed = take_number(e164, now=utc_now())
                    told = f"{found.name} texts{'' if changed else ' already'} from {national(e164)}."
        except DomainError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(told)
        if number != "off":
            hook = whole_address("messaging:text_in", found.pk)
            self.stdout.write(f"Set in the text service, for incoming messages to this number: POST {hook}")
            if settings.TEXT_GATEWAY is None:
                self.stdout.write("ASTRO_TEXT_URL names no text service yet: until it does, texts are kept.")
