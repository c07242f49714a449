"""What is sent in the place of a passkey is refused in a sentence, whatever it is, and signs nobody in."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from astro.accounts.models import StaffSession, User
from tests.accounts.stepping import give_password, prove, set_up_app
from tests.cast import signed_in

HANDLE = urlsafe_b64encode(b"1").decode()
BROKEN = [
    "",
    "x",
    "null",
    "[]",
    "7",
    '"text"',
    "{}",
    '{"response": null}',
    '{"response": []}',
    '{"response": {"userHandle": null}}',
    '{"response": {"userHandle": "%%%"}}',
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": HANDLE}}),
    json.dumps(
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {"userHandle": HANDLE, "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"},
        }
    ),
    '{"id": "' + "A" * 5000 + '"}',
]


def nobody_new(owner: User, before: int) -> bool:
    return StaffSession.objects.filter(user=owner).count() == before


@pytest.mark.parametrize("sent", BROKEN)
@pytest.mark.parametrize("with_challenge", [True, False])
def test_at_the_sign_in_page(owner: User, client: Client, sent: str, with_challenge: bool) -> None:
    if with_challenge:
        asked = client.get("/sign-in/passkey/").json()
        assert asked["publicKey"]["userVerification"] == "required"
        assert asked["publicKey"]["allowCredentials"] == [], "names nobody's keys"
    answer = client.post("/sign-in/passkey/", {"credential": sent})
    assert answer.status_code == 422
    assert nobody_new(owner, 0)
    # Of somebody who exists, too.
    own = sent.replace(HANDLE, urlsafe_b64encode(_base36(owner.pk).encode()).decode())
    assert client.post("/sign-in/passkey/", {"credential": own}).status_code == 422


@pytest.mark.parametrize("sent", BROKEN)
def test_after_the_password(owner: User, client: Client, sent: str) -> None:
    set_up_app(signed_in(Client(), owner))
    give_password(client, owner.login)
    assert client.post("/sign-in/second-step/", {"credential": sent}).status_code == 422
    assert nobody_new(owner, 1)


@pytest.mark.parametrize("sent", BROKEN)
def test_when_one_is_added(owner: User, client: Client, sent: str) -> None:
    prove(signed_in(client, owner))
    client.get("/me/second-step/passkeys/new/")
    assert client.post("/me/second-step/passkeys/new/", {"name": "x", "credential": sent}).status_code == 422
    assert not Authenticator.objects.exists()
    assert not User.objects.get(pk=owner.pk).has_second_step


def test_passkey_of_another_is_not_found(owner: User, other_owner: User, client: Client) -> None:
    key = Authenticator.objects.create(user=other_owner, type="webauthn", data={"name": "Theirs", "credential": {}})
    prove(signed_in(client, owner))
    for path in (f"/me/second-step/passkeys/{key.pk}/", f"/me/second-step/passkeys/{key.pk}/removals/"):
        assert client.post(path, {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.get().data["name"] == "Theirs"


@pytest.mark.parametrize(
    ("host", "secure", "said"),
    [
        ("localhost", False, True),
        ("127.0.0.1", False, False),
        ("cards.example.com", False, False),
        ("cards.example.com", True, True),
        ("[::1]:8000", True, False),
        ("192.0.2.7", True, False),
    ],
)
def test_passkeys_are_offered_where_browsers_make_them(
    owner: User, client: Client, settings: Any, host: str, secure: bool, said: bool
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    signed_in(client, owner)
    page = client.get("/me/second-step/", secure=secure, headers={"Host": host}).content.decode()
    assert ("Add a passkey" in page) is said


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits
