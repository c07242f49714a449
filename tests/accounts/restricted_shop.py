"""The store of `test_addresses_through_nginx.py`, in the database that the environment names.

A cashier is signed in, and people may come in from one address only.

python -m tests.accounts.restricted_shop <address>      makes it and says the key of the session
"""

from __future__ import annotations

import os
import sys

import django


def main(address: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astro.project.settings")
    django.setup()

    from django.conf import settings
    from django.test import Client

    from tests import cast

    huxley = cast.make_retailer(name="Huxley House", networks=address)
    midtown = cast.make_location(huxley, name="Midtown")
    cashier = cast.make_user()
    cast.make_membership(cashier, retailer=huxley, role="cashier", location=midtown)
    client = cast.signed_in(Client(), cashier)
    sys.stdout.write(client.cookies[settings.SESSION_COOKIE_NAME].value)


if __name__ == "__main__":
    main(sys.argv[1])
