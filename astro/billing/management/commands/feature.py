"""`astro feature <retailer> <name> on|off`: switch something for one store, as support does in the browser."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from astro.billing.actions import switch_feature
from astro.kit.clock import utc_now
from astro.kit.errors import DomainError
from astro.tenancy import features
from astro.tenancy.by_name import retailer_called


class Command(BaseCommand):
    help = "Switches a feature on or off for one retailer. The features: " + "; ".join(
        f"{name} ({purpose})" for name, purpose in features.NAMES.items()
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("retailer", help="its number, or its name")
        parser.add_argument("name", help=", ".join(features.NAMES))
        parser.add_argument("switch", choices=["on", "off"])
        parser.add_argument("--reason", required=True, help="who asked for it, and why: the store reads it")

    def handle(self, *args: Any, retailer: str, name: str, switch: str, reason: str, **options: Any) -> None:
        try:
            found = retailer_called(retailer)
            changed = switch_feature(found, name, is_on=switch == "on", by=None, reason=reason, now=utc_now())
        except DomainError as refused:
            raise CommandError(str(refused)) from refused
        already = "" if changed else " already"
        self.stdout.write(f"{name} is {switch}{already} for {found.name}.")
