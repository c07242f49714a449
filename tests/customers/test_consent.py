"""The consent ledger: what was said about an address, and what that adds up to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.customers import models
from astro.customers.actions import change_customer
from astro.customers.consent import ledger
from astro.customers.consent.addresses import address_hash
from astro.customers.consent.asking import SEND_REQUEST, ask, hear, stop
from astro.customers.consent.ledger import Reach, Said, add_up, may_be_asked, may_be_sent_offers, stricter
from astro.customers.consent.queries import last_asked, may_ask_again_at, state_of, states_of
from astro.customers.errors import CannotAsk, Gone
from astro.customers.models import Act, Basis, Channel, Consent, Customer, Source, Wording
from astro.kit.append_only import RowIsFinal
from astro.kit.models import OutboxRow
from tests.cast import NOW, inside, make_customer

ASKED = Said("asked", source="till")
YES_BY_LINK = Said("yes", "express", "link")
YES_BY_LIST = Said("yes", "express", "import")
IMPLIED = Said("yes", "implied", "import")
STOP = Said("stop", source="reply")
BOUNCED = Said("bounced", source="hook")
COMPLAINED = Said("complained", source="hook")

HISTORIES = {
    "nothing was said": ([], Reach.ON_FILE),
    "asked": ([ASKED], Reach.ASKED),
    "asked twice": ([ASKED, ASKED], Reach.ASKED),
    "asked, and yes": ([ASKED, YES_BY_LINK], Reach.YES),
    "yes, and asked again by mistake": ([YES_BY_LINK, ASKED], Reach.YES),
    "yes, then stop": ([YES_BY_LINK, STOP], Reach.STOPPED),
    "stop before any yes": ([STOP], Reach.STOPPED),
    "stop, then asked": ([STOP, ASKED], Reach.STOPPED),
    "stop, then the person's own yes": ([STOP, YES_BY_LINK], Reach.YES),
    "stop, then an uploaded list says yes": ([STOP, YES_BY_LIST], Reach.STOPPED),
    "an uploaded list with proof": ([YES_BY_LIST], Reach.YES),
    "an implied yes opens no door": ([IMPLIED], Reach.ON_FILE),
    "an implied yes after asking": ([ASKED, IMPLIED], Reach.ASKED),
    "an implied yes does not lift a stop": ([STOP, IMPLIED], Reach.STOPPED),
    "bounced": ([YES_BY_LINK, BOUNCED], Reach.BOUNCES),
    "bounced, then asked": ([BOUNCED, ASKED], Reach.BOUNCES),
    "bounced, then a list says yes": ([BOUNCED, YES_BY_LIST], Reach.BOUNCES),
    "bounced, then the person's own yes": ([BOUNCED, YES_BY_LINK], Reach.YES),
    "stopped, then bounced": ([STOP, BOUNCED], Reach.STOPPED),
    "complained": ([YES_BY_LINK, COMPLAINED], Reach.STOPPED),
    "bounced, then stop": ([BOUNCED, STOP], Reach.STOPPED),
}


@pytest.mark.once
@pytest.mark.parametrize(("said", "state"), HISTORIES.values(), ids=HISTORIES)
def test_what_was_said_adds_up(said: list[Said], state: Reach) -> None:
    assert add_up(said) is state


EVERYTHING = st.builds(
    Said,
    st.sampled_from(models.Act.values),
    st.sampled_from(["", *models.Basis.values]),
    st.sampled_from(models.Source.values),
)


@pytest.mark.once
@given(st.lists(EVERYTHING), st.lists(EVERYTHING))
def test_after_a_stop_only_the_persons_own_yes_opens_again(before: list[Said], after: list[Said]) -> None:
    own = [one for one in after if one.act == "yes" and one.basis != "implied" and one.source in ledger.OWN_WORD]
    if not own:
        assert add_up([*before, STOP, *after]) is Reach.STOPPED


@pytest.mark.once
@given(st.lists(EVERYTHING))
def test_offers_go_only_where_somebody_said_yes_and_nobody_is_asked_who_answered(said: list[Said]) -> None:
    state = add_up(said)
    if may_be_sent_offers(state):
        assert any(one.act == "yes" and one.basis != "implied" for one in said)
    if may_be_asked(state):
        assert not any(one.act in {"stop", "complained", "bounced"} for one in said) or any(
            one.act == "yes" for one in said
        )
        assert state is not Reach.YES


@pytest.mark.once
def test_of_two_accounts_the_stricter_word_counts() -> None:
    assert stricter("yes", "stopped") == "stopped"
    assert stricter("asked", "yes") == "asked"
    assert stricter("on_file", "bounces") == "bounces"


@pytest.mark.once
def test_both_lists_of_states_name_the_same() -> None:
    assert [state.value for state in Reach] == models.Reach.values


def person(at, **fields) -> Customer:
    return make_customer(at=at, **{"phone": "406-555-0142", "email": "Betty@example.com", **fields})


@pytest.mark.django_db
class TestHearing:
    def test_a_customer_starts_at_nothing(self, huxley, midtown) -> None:
        with inside(huxley):
            customer = person(midtown)
            bare = make_customer(at=midtown)
            assert (customer.text_state, customer.email_state) == ("on_file", "on_file")
            assert (bare.text_state, bare.email_state) == ("none", "none")

    def test_case_of_an_address_does_not_matter_and_the_words_are_kept(self, huxley, midtown) -> None:
        with inside(huxley):
            customer = person(midtown)
            said = hear(
                Channel.EMAIL, "BETTY@example.com", Act.YES, source=Source.LINK, customer=customer, words="Yes.",
                evidence={"ip": "192.0.2.7"}, now=NOW,
            )  # fmt: skip
            assert state_of(Channel.EMAIL, "betty@EXAMPLE.com") is Reach.YES
            assert Customer.objects.get(pk=customer.pk).email_state == "yes"
            assert said.wording.text == "Yes."
            assert said.basis == Basis.EXPRESS

    def test_the_same_words_are_kept_once(self, huxley, midtown) -> None:
        with inside(huxley):
            customer = person(midtown)
            for moment in (NOW, NOW + timedelta(days=1)):
                hear(
                    Channel.TEXT,
                    customer.phone,
                    Act.ASKED,
                    source=Source.TILL,
                    customer=customer,
                    words="Hi",
                    now=moment,
                )
            assert Wording.objects.count() == 1

    def test_what_was_said_is_final(self, huxley, midtown) -> None:
        with inside(huxley):
            customer = person(midtown)
            said = hear(Channel.TEXT, customer.phone, Act.STOP, source=Source.REPLY, customer=customer, now=NOW)
            said.act = Act.YES
            with pytest.raises(RowIsFinal):
                said.save()
            with pytest.raises(RowIsFinal):
                Consent.objects.all().delete()

    def test_a_changed_address_starts_at_nothing_and_coming_back_brings_the_past(self, huxley, midtown, owner) -> None:
        with inside(huxley):
            customer = person(midtown)
            hear(Channel.EMAIL, customer.email, Act.YES, source=Source.LINK, customer=customer, now=NOW)
            names = {"first_name": customer.first_name, "last_name": customer.last_name, "phone": customer.phone}
            changed = change_customer(customer, **names, email="new@example.com", at=midtown, by=owner, now=NOW)
            assert changed.email_state == "on_file"
            back = change_customer(changed, **names, email="betty@example.com", at=midtown, by=owner, now=NOW)
            assert back.email_state == "yes"

    def test_a_stop_outlives_its_owner(self, huxley, midtown) -> None:
        with inside(huxley):
            hashed = address_hash(Channel.EMAIL, "gone@example.com")
            hear(Channel.EMAIL, "", Act.STOP, hashed=hashed, source=Source.LINK, customer=None, now=NOW)
            assert make_customer(at=midtown, email="Gone@example.com").email_state == "stopped"

    def test_an_old_link_reaches_whoever_has_the_address_now(self, huxley, midtown, owner) -> None:
        with inside(huxley):
            first = person(midtown)
            hear(Channel.EMAIL, first.email, Act.YES, source=Source.LINK, customer=first, now=NOW)
            names = {"first_name": first.first_name, "last_name": first.last_name, "phone": first.phone}
            change_customer(first, **names, email="", at=midtown, by=owner, now=NOW)
            change_customer(first, **names, email="betty@example.com", at=midtown, by=owner, now=NOW)
            hashed = address_hash(Channel.EMAIL, "betty@example.com")
            hear(Channel.EMAIL, "", Act.STOP, hashed=hashed, source=Source.LINK, customer=None, now=NOW)
            assert Customer.objects.get(pk=first.pk).email_state == "stopped"

    def test_two_retailers_hashes_of_one_person_differ(self, huxley, otherpaws) -> None:
        with inside(huxley):
            ours = address_hash(Channel.TEXT, "+14065550142")
        with inside(otherpaws):
            assert address_hash(Channel.TEXT, "+14065550142") != ours

    def test_channels_are_apart(self, huxley, midtown) -> None:
        with inside(huxley):
            customer = person(midtown)
            hear(Channel.TEXT, customer.phone, Act.STOP, source=Source.REPLY, customer=customer, now=NOW)
            assert (customer.text_state, customer.email_state) == ("stopped", "on_file")

    def test_many_addresses_with_one_question(self, huxley, midtown, django_assert_num_queries) -> None:
        with inside(huxley):
            for number, act in enumerate([Act.ASKED, Act.YES, Act.STOP]):
                hear(Channel.EMAIL, f"{number}@example.com", act, source=Source.LINK, customer=None, now=NOW)
            with django_assert_num_queries(1):
                found = states_of(Channel.EMAIL, ["0@example.com", "1@example.com", "2@example.com", "3@example.com"])
        assert list(found.values()) == [Reach.ASKED, Reach.YES, Reach.STOPPED, Reach.ON_FILE]


@pytest.mark.django_db
class TestAsking:
    def test_asking_is_written_down_and_has_the_request_sent(self, huxley, midtown, cashier) -> None:
        with inside(huxley):
            customer = person(midtown)
            ask(customer, Channel.TEXT, words="Reply YES.", by=cashier, at=midtown, now=NOW)
            row = OutboxRow.objects.get(kind=SEND_REQUEST)
            asked = last_asked(Channel.TEXT, customer.phone)
            assert customer.text_state == "asked"
            assert (asked.by, asked.location, asked.wording.text) == (cashier, midtown, "Reply YES.")
        assert row.payload == {
            "customer": customer.pk, "channel": "text", "address_hash": asked.address_hash,
            "by": cashier.pk, "at": midtown.pk,
        }  # fmt: skip

    def test_nobody_is_nagged(self, huxley, midtown, cashier) -> None:
        with inside(huxley):
            customer, moment = person(midtown), NOW
            ask(customer, Channel.EMAIL, words="?", by=cashier, at=midtown, now=moment)
            with pytest.raises(CannotAsk, match="on you can send it again"):
                ask(customer, Channel.EMAIL, words="?", by=cashier, at=midtown, now=moment + timedelta(minutes=9))
            for _time in range(4):
                moment += timedelta(minutes=10)
                ask(customer, Channel.EMAIL, words="?", by=cashier, at=midtown, now=moment)
            assert may_ask_again_at(Channel.EMAIL, customer.email, now=moment) == NOW + timedelta(days=1)
            with pytest.raises(CannotAsk):
                ask(customer, Channel.EMAIL, words="?", by=cashier, at=midtown, now=NOW + timedelta(hours=20))
            ask(customer, Channel.EMAIL, words="?", by=cashier, at=midtown, now=NOW + timedelta(days=1))

    @pytest.mark.parametrize(
        ("act", "sentence"),
        [(Act.YES, "gets your texts already"), (Act.STOP, "opted out"), (Act.BOUNCED, "do not reach this number")],
    )
    def test_who_answered_is_not_asked(self, act, sentence, huxley, midtown, cashier) -> None:
        with inside(huxley):
            customer = person(midtown)
            hear(Channel.TEXT, customer.phone, act, source=Source.REPLY, customer=customer, now=NOW)
            with pytest.raises(CannotAsk, match=sentence):
                ask(customer, Channel.TEXT, words="?", by=cashier, at=midtown, now=NOW)
            assert not OutboxRow.objects.filter(kind=SEND_REQUEST).exists()

    def test_without_an_address_nobody_can_be_asked_or_stopped(self, huxley, midtown, cashier) -> None:
        with inside(huxley):
            customer = make_customer(at=midtown)
            with pytest.raises(CannotAsk, match="no mobile phone on file"):
                ask(customer, Channel.TEXT, words="?", by=cashier, at=midtown, now=NOW)
            with pytest.raises(CannotAsk, match="no e-mail address on file"):
                stop(customer, Channel.EMAIL, by=cashier, at=midtown, now=NOW)

    def test_a_removed_customer_is_not_asked(self, huxley, midtown, cashier) -> None:
        with inside(huxley):
            customer = person(midtown)
            Customer.objects.filter(pk=customer.pk).update(retired_at=NOW)
            with pytest.raises(Gone):
                ask(customer, Channel.TEXT, words="?", by=cashier, at=midtown, now=NOW)

    def test_staff_can_stop_at_once(self, huxley, midtown, cashier) -> None:
        with inside(huxley):
            customer = person(midtown)
            stop(customer, Channel.TEXT, by=cashier, at=midtown, now=NOW)
            assert Customer.objects.get(pk=customer.pk).text_state == "stopped"
            with pytest.raises(CannotAsk):
                ask(customer, Channel.TEXT, words="?", by=cashier, at=midtown, now=NOW)
