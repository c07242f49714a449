"""The people of the demo, as they are told to whoever tries it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from astro.desk.demo.shelf import read_table


def told() -> list[str]:
    """A line for each account, what to type and who it is, and the password."""
    stores = read_table("stores.toml")
    people = [person for store in stores["retailer"] for person in store["person"]]
    logins = {person.get("email") or person["user_name"]: person["does"] for person in people}
    width = max(map(len, logins))
    return [
        _("Demo accounts, password for each: %(password)s") % stores,
        *(f"  {login:<{width}}  {does}" for login, does in logins.items()),
    ]
