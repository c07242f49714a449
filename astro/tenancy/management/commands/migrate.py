"""Django's `migrate`, run as the owner; then the cache table is made and the walls are raised."""

from typing import Any

from django.core.management import CommandError, call_command
from django.core.management.commands import migrate
from django.db import connections

from astro.tenancy.gaps import missing_roles
from astro.tenancy.policies import raise_walls


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            call_command("createcachetable", database=options["database"], verbosity=0)
            return
        if missing := missing_roles(connection):
            raise CommandError(missing[0])
        with connection.as_owner():
            super().handle(*args, **options)
            call_command("createcachetable", database=options["database"], verbosity=0)
            raise_walls(connection)
