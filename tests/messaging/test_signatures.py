"""Signatures of the text service, with the example of its own documentation."""

import pytest

from astro.messaging.texts.signatures import is_signed, signature_of

pytestmark = pytest.mark.once

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
CALL = {"CallSid": ["CA1234567890ABCDE"], "Digits": ["1234"], "To": ["+18005551212"]}


@pytest.mark.parametrize(
    ("caller", "signature"),
    [("+12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="), ("+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")],
)
def test_published_examples(caller, signature):
    form = {**CALL, "From": [caller], "Caller": [caller]}
    assert signature_of(URL, form, token="12345") == signature
    assert is_signed(URL, form, token="12345", signature=signature)


def test_anything_else_is_not_signed():
    form = {**CALL, "From": ["+12349013030"], "Caller": ["+12349013030"]}
    right = signature_of(URL, form, token="12345")
    assert not is_signed(URL, form, token="12346", signature=right)
    assert not is_signed(URL + "&x=1", form, token="12345", signature=right)
    assert not is_signed(URL, {**form, "Digits": ["1235"]}, token="12345", signature=right)
    assert not is_signed(URL, CALL, token="12345", signature=right)
    assert not is_signed(URL, {**form, "More": [""]}, token="12345", signature=right)
    for wrong in ("", right[:-1], right.lower(), "é" * 28):
        assert not is_signed(URL, form, token="12345", signature=wrong)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("https://cards.example.com/x", "https://cards.example.com:443/x"),
        ("https://cards.example.com:443/x", "https://cards.example.com/x"),
        ("http://127.0.0.1/x", "http://127.0.0.1:80/x"),
    ],
)
def test_the_usual_port_may_be_said_or_not(ours, theirs):
    assert is_signed(ours, CALL, token="t", signature=signature_of(theirs, CALL, token="t"))


def test_an_unusual_port_must_be_said():
    signature = signature_of("http://127.0.0.1/x", CALL, token="t")
    assert not is_signed("http://127.0.0.1:8000/x", CALL, token="t", signature=signature)


def test_a_name_that_comes_twice():
    twice = {"Media": ["b", "a", "b"], "To": ["1"]}
    assert signature_of(URL, twice, token="t") == signature_of(URL, {"Media": ["a", "b"], "To": ["1"]}, token="t")
