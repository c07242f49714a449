"""Somebody with an authenticator app: what such an app computes (RFC 6238), and setting one up through the pages."""

import base64
import hashlib
import hmac
import re
import struct
import time
from typing import Any

from django.test import Client

from tests.cast import PASSWORD

PERIOD = 30


def code_of(secret: str, *, periods_on: int = 0) -> str:
    """What an app with this secret shows now, or some half minutes later or earlier."""
    counter = struct.pack(">Q", int(time.time()) // PERIOD + periods_on)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    first = digest[-1] & 15
    number = struct.unpack(">I", digest[first : first + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def prove(client: Client, password: str = PASSWORD) -> Any:
    return client.post("/me/second-step/proof/", {"password": password, "next": "/me/second-step/"})


def secret_on(page: Any) -> str:
    """The secret as it stands there for typing."""
    told = re.search(r'<p class="secret">(.*?)</p>', page.content.decode(), re.S)
    assert told is not None
    return "".join(re.findall(r"[A-Z2-7]{4}", told.group(1)))


def set_up_app(client: Client) -> str:
    """Of who is signed in there; returns the secret that the app now has."""
    prove(client)
    secret = secret_on(client.get("/me/second-step/app/"))
    answer = client.post("/me/second-step/app/", {"code": code_of(secret)})
    assert answer.status_code == 302, answer.content.decode()
    return secret


def show_codes(client: Client, *, do: str = "show") -> list[str]:
    page = client.post("/me/second-step/codes/", {"do": do}).content.decode()
    return re.findall(r"<li>(\d{5} \d{5})</li>", page)


def give_password(client: Client, login: str, **more: Any) -> Any:
    return client.post("/sign-in/", {"login": login, "password": PASSWORD, **more})


def give_code(client: Client, code: str) -> Any:
    return client.post("/sign-in/second-step/", {"code": code})
