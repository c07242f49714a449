"""A text service over real HTTP: what its answers mean, and that a bad one keeps nobody waiting."""

from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from astro.messaging.channels import Refused, Sent, TryLater, Unclear
from astro.messaging.texts.gateway import wait_for
from tests.messaging import gateway as services
from tests.messaging.gateway import Answer, Text, basic_auth, refused, taken, text_service

pytestmark = pytest.mark.once

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


@pytest.fixture
def service():
    with text_service() as running:
        yield running


def sent(service, gateway=None):
    told = {"to": "+14065550142", "sender": "+14065550100", "text": "Reply YES, é & €", "callback": "https://a/b?c=d"}
    return (gateway or service.gateway).send(**told, clock=lambda: NOW)


def test_a_text_arrives_whole_and_is_taken(service):
    service.answers = [taken("SM5", num_segments="3")]
    assert sent(service) == Sent(provider_id="SM5", segments=3)
    assert service.texts == [Text("+14065550100", "+14065550142", "Reply YES, é & €", "https://a/b?c=d")]
    assert service.calls == [(f"/2010-04-01/Accounts/{services.SID}/Messages.json", basic_auth())]


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (Answer(429, {"code": 20429}, {"Retry-After": "7"}), timedelta(seconds=7)),
        (Answer(429, {}, {"Retry-After": "Fri, 20 Nov 2026 17:02:00 GMT"}), timedelta(minutes=2)),
        (Answer(429), None),
        (Answer(503, b"<html>later</html>"), None),
        (Answer(401, {"code": 20003}), None),
        (Answer(404), None),
        (Answer(301, {}, {"Location": "http://127.0.0.1/elsewhere"}), None),
    ],
)
def test_what_the_service_did_not_take_is_tried_again(service, answer, pause):
    service.answers = [answer]
    with pytest.raises(TryLater) as told:
        sent(service)
    assert (told.value.after, len(service.texts)) == (pause, 1)


def test_nothing_has_left_where_nobody_listens(service):
    with pytest.raises(TryLater):
        sent(service, service.nowhere)


@pytest.mark.parametrize("code", [21211, 21614])
def test_a_number_that_takes_no_texts_is_dead(service, code):
    service.answers = [refused(code)]
    with pytest.raises(Refused) as told:
        sent(service)
    assert (told.value.is_dead, told.value.has_stopped) == (True, False)


def test_a_number_whose_owner_told_the_service_to_stop(service):
    service.answers = [refused(21610)]
    with pytest.raises(Refused) as told:
        sent(service)
    assert (told.value.is_dead, told.value.has_stopped) == (False, True)


@pytest.mark.parametrize(
    "answer",
    [
        refused(21606), refused(99999), Answer(400, b"no"), Answer(422, ["x"]),
        taken("SM1", status="failed", error_code=30007),
    ],
)  # fmt: skip
def test_a_no_for_good_says_nothing_about_the_customer(service, answer):
    service.answers = [answer]
    with pytest.raises(Refused) as told:
        sent(service)
    assert (told.value.is_dead, told.value.has_stopped) == (False, False)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500), Answer(502, b"<html>"), Answer(504), Answer(201, {}), Answer(200, b"<html>hello</html>"),
        Answer(201, [1]), Answer(201, {"sid": 7}), Answer(201, b"[" * 60_000), Answer(201, b"\xff\x00"),
        services.hangs_up, services.noise,
    ],
)  # fmt: skip
def test_what_may_have_gone_is_not_sent_again(service, answer):
    service.answers = [answer]
    with pytest.raises(Unclear):
        sent(service)
    assert len(service.texts) == 1


@pytest.mark.parametrize(
    "behaviour",
    [services.hangs_after_yes, services.never_answers, services.drips, services.drips_a_body, services.a_gigabyte],
)
def test_a_gateway_that_hangs_or_drips_or_pours_is_given_up(service, behaviour):
    service.answers = [behaviour]
    begun = monotonic()
    with pytest.raises(Unclear):
        sent(service)
    assert monotonic() - begun < 10 * services.GIVES_UP_AFTER


@pytest.mark.parametrize(
    ("told", "pause"),
    [
        ("0", timedelta(0)), (" 30 ", timedelta(seconds=30)), ("999999999999", timedelta(days=1)),
        ("-5", None), ("soon", None), ("", None), ("٣", None), ("Fri, 20 Nov 2026 16:00:00 GMT", timedelta(0)),
        ("Fri, 20 Nov 2026 16:00:00 -0000", None), ("Fri, 99 Nov 2026 16:00:00 GMT", None),
    ],
)  # fmt: skip
def test_how_long_it_wants_to_be_left_alone(told, pause):
    assert wait_for(told, now=NOW) == pause
