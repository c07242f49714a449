"""Signing in: both kinds of name, neutral words, the throttle, and what a session is afterwards."""

import pytest
from django.test import Client

from astro.accounts.models import User
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


def post(client: Client, login: str, password: str = PASSWORD, **fields: str):
    return client.post("/sign-in/", {"login": login, "password": password, **fields})


@pytest.mark.parametrize("login", ["owner@huxleyhouse.example", " OWNER@HuxleyHouse.example "])
def test_signs_in_by_email(client: Client, owner: User, login: str) -> None:
    assert post(client, login).headers["Location"] == "/"


def test_signs_in_by_user_name(client: Client, cashier: User) -> None:
    assert post(client, "HuxleyCashier").headers["Location"] == "/"
