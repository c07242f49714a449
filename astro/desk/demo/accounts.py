"""The people of the demo, as they are told to whoever tries it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from astro.desk.demo.shelf import read_table


def told() -> list[str]:
    """A line for each account, what to type and who it is, and the password."""
    stores = read_table("stores.toml")
    people = [person for store in stores["retailer"] for person in store["person"]]
    logins = {person.get("email") or person["user_name"]: person["does"] for person in people}
    logins |= {person["email"]: person["does"] for person in stores["support"]}
    logins |= {customer["email"]: customer["does"] for store in stores["retailer"] for customer in app_users(store)}
    width = max(map(len, logins))
    return [
        _("Demo accounts, password for each: %(password)s") % stores,
        *(f"  {login:<{width}}  {does}" for login, does in logins.items()),
    ]


def app_users(store: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The customers of a store's entry of `stores.toml` who have the app."""
    return [row for row in read_table("names.toml")[store["name"]] if "does" in row]
