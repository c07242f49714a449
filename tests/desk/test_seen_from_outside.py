"""The doctor asks Astro from outside whether it sees from where people come."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from astro.desk import seen_from_outside
from astro.desk.seen_from_outside import FORGED, proxies

HERE = "203.0.113.9"


def sees(plain: str | None, *, dashed: str | None = None, underscored: str | None = None) -> Any:
    """An Astro that sees these addresses: of a plain question, and of one with a forged header."""

    def ask(headers: dict[str, str]) -> str | None:
        if "X-Forwarded-For" in headers:
            return dashed or plain
        return underscored or plain if "X_Forwarded_For" in headers else plain

    return ask


@pytest.mark.parametrize(
    ("ask", "begins"),
    [
        (sees(HERE), []),
        (sees(None), []),
        (sees(""), ["Astro cannot tell from where people come: ASTRO_PROXIES=1"]),
        (sees("", dashed=FORGED), ["Astro cannot tell from where people come: ASTRO_PROXIES=1"]),
        (sees(HERE, dashed=FORGED), ["Anybody can choose the address they come from: ASTRO_PROXIES=1 is more"]),
        (sees(HERE, underscored=FORGED), ["Anybody can choose the address they come from: the server before"]),
        (sees("127.0.0.1"), ["Everybody seems to come from 127.0.0.1, which is a server on this machine"]),
        (sees("::1"), ["Everybody seems to come from ::1"]),
    ],
)
def test_a_setting_that_does_not_fit_is_named(settings: Any, ask: Any, begins: list[str]) -> None:
    settings.PROXIES = 1
    found = proxies(ask)
    assert [sentence[: len(begin)] for sentence, begin in zip(found, begins, strict=True)] == begins


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000"])
def test_where_the_address_is_this_machine_nothing_is_asked(settings: Any, url: str, monkeypatch: Any) -> None:
    settings.PUBLIC_URL = url
    monkeypatch.setattr(requests, "get", None)
    assert proxies() == []


@pytest.mark.parametrize(
    ("told", "seen"),
    [
        ({"astro": "echo", "address": HERE}, HERE),
        ({"astro": "echo", "address": ""}, ""),
        ({"some": "portal"}, None),
        (["portal"], None),
        (ValueError(), None),
        (requests.ConnectionError(), None),
    ],
)
def test_only_an_answer_of_astro_counts(settings: Any, monkeypatch: Any, told: Any, seen: str | None) -> None:
    settings.PUBLIC_URL = "https://cards.example.com"

    class Answer:
        def json(self) -> Any:
            if isinstance(told, ValueError):
                raise told
            return told

    def get(url: str, **how: Any) -> Answer:
        assert url == "https://cards.example.com/access-help/echo"
        if isinstance(told, requests.RequestException):
            raise told
        return Answer()

    monkeypatch.setattr(requests, "get", get)
    assert seen_from_outside._seen({}) == seen
