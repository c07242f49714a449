"""What a mail service tells about our mail: who may tell it, what follows, and that it follows once."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from astro.customers.models import Act, Channel, Consent, Customer, Source
from astro.messaging.deliveries import queue_message
from astro.messaging.models import Delivery, DeliveryState, MessageKind, Report
from tests.cast import NOW, inside, make_customer
from tests.messaging.mailing import BETTYS, state

pytestmark = pytest.mark.django_db

SECRET = "postmark:made-up-by-the-operator"


@pytest.fixture(autouse=True)
def service(settings):
    settings.MAIL_ROUTE = "postmark"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "k", "WEBHOOK_SECRET": SECRET}


@pytest.fixture
def sent(huxley, midtown) -> Delivery:
    with inside(huxley):
        betty = make_customer(at=midtown, first_name="Betty", last_name="Smith", email=BETTYS)
        delivery = queue_message(
            MessageKind.WELCOME_EMAIL, channel=Channel.EMAIL, address=BETTYS, customer=betty, at=midtown, now=NOW
        )
        Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.SENT)
    return delivery


def tell(event: Any, *, secret: str = SECRET, raw: bytes | None = None) -> Any:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    body = json.dumps(event) if raw is None else raw
    authorization = "Basic " + b64encode(secret.encode()).decode()
    headers = {"Authorization": authorization} if secret else {}
    return client.post(reverse("messaging:mail_status"), body, "application/json", headers=headers)


def about(delivery: Delivery, kind: str, **also: Any) -> dict[str, Any]:
    """One thing told, as Postmark words it."""
    named = {"retailer": str(delivery.retailer_id), "delivery": delivery.token}
    return {"RecordType": kind, "MessageID": "pm-1", "Metadata": named, "Recipient": BETTYS, **also}


def bounce(delivery: Delivery, kind: str = "HardBounce", **also: Any) -> dict[str, Any]:
    told = {"ID": 42, "Type": kind, "BouncedAt": "2026-11-20T17:05:00Z", "Email": BETTYS}
    return about(delivery, "Bounce", **told, **also)


def seen(delivery: Delivery) -> tuple[str, list[tuple[str, str]], int]:
    """The delivery's state, what the ledger says, how many reports are kept."""
    with inside(delivery.retailer):
        acts = list(Consent.objects.order_by("id").values_list("act", "source"))
        return Delivery.objects.get(pk=delivery.pk).state, acts, Report.objects.count()


def test_what_arrived_is_delivered(sent):
    assert tell(about(sent, "Delivery", DeliveredAt="2026-11-20T17:05:00Z")).status_code == 200
    assert seen(sent) == ("delivered", [], 1)


def test_a_dead_address_is_closed(sent):
    assert tell(bounce(sent)).status_code == 200
    assert seen(sent) == ("bounced", [(Act.BOUNCED, Source.HOOK)], 1)
    assert state(sent.retailer) == "bounces"
    with inside(sent.retailer):
        assert Customer.objects.get(pk=sent.customer_id).email_state == "bounces"


@pytest.mark.parametrize("kind", ["SoftBounce", "Transient"])
def test_a_full_mailbox_closes_nothing(sent, kind):
    tell(bounce(sent, kind))
    assert seen(sent)[1] == []


def test_who_complained_is_written_to_no_more(sent, huxley):
    complaint = about(sent, "SpamComplaint", ID=43, BouncedAt="2026-11-20T18:00:00Z", Type="SpamComplaint")
    tell(complaint)
    assert seen(sent)[1] == [(Act.COMPLAINED, Source.HOOK)]
    assert state(huxley) == "stopped"


def test_the_same_hook_a_hundred_times_counts_once(sent):
    for _ in range(100):
        assert tell(bounce(sent)).status_code == 200
    assert seen(sent) == ("bounced", [(Act.BOUNCED, Source.HOOK)], 1)


def test_an_older_report_takes_nothing_back(sent):
    tell(bounce(sent))
    tell(about(sent, "Delivery", DeliveredAt="2026-11-20T17:04:00Z"))
    assert seen(sent)[0] == "bounced"


@pytest.mark.parametrize("secret", ["", "postmark:wrong", "nobody", "postmark:"])
def test_who_does_not_know_the_password_tells_nothing(sent, secret):
    assert tell(bounce(sent), secret=secret).status_code == 403
    assert seen(sent) == ("sent", [], 0)


def test_nothing_is_heard_where_no_service_is_set_up(sent, settings):
    settings.MAIL_ROUTE = "smtp"
    assert tell(bounce(sent)).status_code == 403
    assert seen(sent) == ("sent", [], 0)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"text"', b"{}"])
def test_what_is_not_understood_changes_nothing(sent, raw):
    assert tell(None, raw=raw).status_code in (200, 400)
    assert seen(sent) == ("sent", [], 0)


@pytest.mark.parametrize(
    "named",
    [{}, {"retailer": "7"}, {"retailer": "x"}, {"retailer": "9" * 40}, {"delivery": "unknown"}, {"retailer": "-1"}],
)
def test_mail_that_is_not_ours_is_passed_over(sent, named):
    told = {**bounce(sent), "Metadata": {"retailer": "", "delivery": sent.token, **named}}
    assert tell(told).status_code == 200
    assert seen(sent) == ("sent", [], 0)


def test_another_stores_mail_is_not_found_by_its_name(sent, otherpaws):
    told = {**bounce(sent), "Metadata": {"retailer": str(otherpaws.pk), "delivery": sent.token}}
    assert tell(told).status_code == 200
    assert seen(sent) == ("sent", [], 0)


def test_being_opened_is_not_kept(sent):
    tell(about(sent, "Open", ReceivedAt="2026-11-20T17:05:00Z", UserAgent="x"))
    assert seen(sent) == ("sent", [], 0)
