"""Django's `flush`, run as the owner, who alone may empty tables."""

from contextlib import nullcontext
from typing import Any

from django.core.management.commands import flush
from django.db import connections


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        with connection.as_owner() if connection.vendor == "postgresql" else nullcontext():
            super().handle(**options)
