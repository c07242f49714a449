"""`astro doctor`: what is wrong with this installation, in sentences."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from astro.desk.checkup import problems


class Command(BaseCommand):
    help = "Tells what is wrong with this installation, and what to do about it."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        found = problems()
        for sentence in found:
            self.stdout.write(f"- {sentence}")
        if found:
            sys.exit(1)
        self.stdout.write("Everything is in order.")
