"""The links as they stand in the letters: the Welcome Email opens the app, the other letter sets a new password."""

from __future__ import annotations

import pytest
from django.core import signing
from django.test import Client

from astro.accounts.models import User
from astro.customer_app.models import AppAccount
from astro.customers.models import Customer
from astro.kit.clock import utc_now
from astro.tenancy.models import Location, Retailer
from tests.customer_app.test_join import NEW
from tests.messaging.mailing import ask_by_mail, kept, path_in, send_all, tell_address

pytestmark = pytest.mark.django_db(transaction=True)


def test_welcome_email_then_a_forgotten_password(
    client: Client,
    huxley: Retailer,
    midtown: Location,
    betty: Customer,
    owner: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tell_address(midtown)
    ask_by_mail(betty, by=owner, at=midtown, now=utc_now())
    earlier = signing.time.time() - 60
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", lambda: earlier)
        send_all(utc_now())
    (welcome,) = kept(huxley)
    link = path_in(welcome.text, "app/join")
    assert client.post(link, {"password": "the first of them"}).headers["Location"] == "/app/"
    client.post("/app/sign-out/")

    client.post("/app/forgot/", {"email": betty.email})
    send_all(utc_now())
    letter = next(message for message in kept(huxley) if message.pk != welcome.pk)
    assert client.get(link).headers["Location"] == "/app/sign-in/", "the Welcome Email was before that"
    new = path_in(letter.text, "app/join")
    assert "Set a new password" in client.get(new).content.decode()
    assert client.post(new, {"password": NEW}).headers["Location"] == "/app/"
    client.post("/app/sign-out/")
    sent = {"email": betty.email, "password": NEW}
    assert client.post("/app/sign-in/", sent).headers["Location"] == "/app/"
    assert AppAccount.objects.count() == 1
