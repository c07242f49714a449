"""*Support access*: letting support in for a while, ending it at once, having it ask first; the list of past ones."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from astro.accounts.models import Masquerade, Membership, SupportConsent, User
from astro.activity.models import Event
from astro.kit.clock import utc_now
from astro.tenancy.models import Location, Retailer
from tests.cast import acting, inside, make_membership, make_support, make_user, signed_in

TILL = "/checkout/"
PAGE = reverse("accounts:consents")


@pytest.fixture
def cash(cashier: User) -> Membership:
    return cashier.memberships.get()


def names_of(retailer: Retailer) -> list[str]:
    with inside(retailer):
        return list(Event.objects.filter(name__startswith="support").order_by("id").values_list("name", flat=True))


def test_a_store_says_that_support_must_ask_and_lets_it_in_for_a_while(
    client: Client, owner: User, cash: Membership, huxley: Retailer
) -> None:
    signed_in(client, owner)
    assert "Support may act as your people to help you" in client.get(PAGE).text
    client.post(reverse("accounts:consent_rule"), {"must_ask": "yes"})
    assert "Support may not act as any of your people." in client.get(PAGE).text
    for wrong in ({}, {"hours": "500"}):
        assert client.post(PAGE, wrong).status_code == 422
    client.post(PAGE, {"hours": "4"})
    with inside(huxley):
        one = SupportConsent.objects.get()
    assert (one.until_at - one.given_at, one.given_by_id) == (timedelta(hours=4), owner.pk)
    assert "Support may act as your people until" in client.get(PAGE).text
    assert names_of(huxley) == ["support rule changed", "support let in"]


def test_ending_it_holds_at_the_next_click(client: Client, owner: User, cash: Membership, huxley: Retailer) -> None:
    signed_in(client, owner)
    client.post(reverse("accounts:consent_rule"), {"must_ask": "yes"})
    client.post(PAGE, {"hours": "1"})
    support = acting(Client(), make_support(), cash)
    assert support.get(TILL).status_code == 200
    assert "Sue Support of support acts as Cass Cashier right now" in client.get(PAGE).text
    answer = client.post(reverse("accounts:withdraw_consents"), follow=True)
    assert "Ended. 1 person of support acted as somebody, and is out." in answer.text
    page = support.get(TILL)
    assert (page.status_code, "The store has ended it" in page.text) == (403, True)
    assert "you work for the platform" in support.get(TILL).text
    with inside(huxley):
        one = Masquerade.objects.get()
        ended = Event.objects.get(name="acting ended")
    assert one.why_ended == "consent_over"
    assert (ended.by_user_id, ended.really_by_id) == (owner.pk, None)


def test_who_acts_already_is_out_when_the_store_wants_to_be_asked(
    client: Client, owner: User, cash: Membership
) -> None:
    support = acting(Client(), make_support(), cash)
    signed_in(client, owner).post(reverse("accounts:consent_rule"), {"must_ask": "yes"})
    assert support.get(TILL).status_code == 403


def test_a_consent_runs_out(client: Client, owner: User, cash: Membership, huxley: Retailer) -> None:
    signed_in(client, owner)
    client.post(reverse("accounts:consent_rule"), {"must_ask": "yes"})
    client.post(PAGE, {"hours": "1"})
    support = acting(Client(), make_support(), cash)
    with inside(huxley):
        SupportConsent.objects.update(until_at=utc_now() - timedelta(seconds=1))
    assert support.get(TILL).status_code == 403


def test_what_holds_for_administrators_acting_is_not_asked(client: Client, owner: User, cash: Membership) -> None:
    """Consent is about support: an administrator acts as their own people all the same."""
    signed_in(client, owner).post(reverse("accounts:consent_rule"), {"must_ask": "yes"})
    assert acting(Client(), owner, cash).get(TILL).status_code == 200


def test_the_rule_is_for_masters_and_the_rest_for_administrators(
    client: Client, riverside_administrator: User, huxley: Retailer
) -> None:
    signed_in(client, riverside_administrator)
    assert client.post(reverse("accounts:consent_rule"), {"must_ask": "yes"}).status_code == 403
    assert "A master administrator can change this." in client.get(PAGE).text


def test_consents_are_not_given_by_support_to_itself(client: Client, owner: User) -> None:
    acting(client, make_support(), owner.memberships.get())
    assert client.post(PAGE, {"hours": "24"}).status_code == 403
    assert client.post(reverse("accounts:consent_rule"), {"must_ask": "no"}).status_code == 403


# The list


@pytest.fixture
def past(owner: User, cash: Membership, riverside_administrator: User, riverside: Location, huxley: Retailer) -> None:
    """Olive as Cass and as Rob of Riverside, Rita as Rob, support as Cass, the last one first."""
    rob = make_membership(make_user(name="Rob River"), retailer=huxley, location=riverside)
    acting(Client(), owner, cash, reason="Till three shows no cards")
    acting(Client(), owner, rob, reason="New colleague")
    acting(Client(), riverside_administrator, rob, reason="Training")
    acting(Client(), make_support(), cash, reason="Ticket 12 about cards")
    with inside(huxley):
        for minutes, one in enumerate(Masquerade.objects.order_by("id"), start=1):
            Masquerade.objects.filter(pk=one.pk).update(began_at=utc_now() + timedelta(minutes=minutes))


def rows_of(client: Client, **asked: str) -> list[tuple[str, str]]:
    """Who acted, as whom."""
    shown = client.get(reverse("accounts:actings"), asked).text.partition("<tbody>")[2]
    rows = [re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL) for row in shown.split("<tr>")[1:]]
    return [(_text(row[0]), _text(row[1])) for row in rows]


def _text(cell: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", cell).split())


SUPPORT, TRAINING = ("Sue Support Support", "Cass Cashier Cashier"), ("Rita Riverside", "Rob River Cashier")
NEW, CARDS = ("Olive Owner", "Rob River Cashier"), ("Olive Owner", "Cass Cashier Cashier")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [SUPPORT, TRAINING, NEW, CARDS]),
        ({"sort": "oldest"}, [CARDS, NEW, TRAINING, SUPPORT]),
        ({"sort": "who"}, [NEW, CARDS, TRAINING, SUPPORT]),
        ({"q": "cards"}, [SUPPORT, CARDS]),
        ({"q": "rita"}, [TRAINING]),
        ({"q": "rob"}, [TRAINING, NEW]),
        ({"who": "support"}, [SUPPORT]),
        ({"who": "7", "sort": "nonsense"}, [SUPPORT, TRAINING, NEW, CARDS]),
    ],
)
def test_list_is_searched_filtered_and_sorted(
    client: Client, owner: User, past: None, asked: dict[str, str], found: list[tuple[str, str]]
) -> None:
    assert rows_of(signed_in(client, owner), **asked) == found


def test_list_by_person_and_of_ones_own_location_only(
    client: Client, owner: User, riverside_administrator: User, past: None
) -> None:
    assert rows_of(signed_in(client, owner), who=str(owner.pk)) == [NEW, CARDS]
    assert rows_of(signed_in(client, riverside_administrator)) == [TRAINING, NEW]


def test_another_retailer_reads_nothing_of_it(client: Client, other_owner: User, past: None) -> None:
    shown = signed_in(client, other_owner).get(reverse("accounts:actings")).text
    assert "Nobody has acted as any of your people." in shown
    assert "Cass" not in shown


def test_export_holds_the_list_as_it_is_asked_for(client: Client, owner: User, past: None) -> None:
    page = reverse("accounts:export_actings")
    answer = signed_in(client, owner).get(page, {"who": "support"})
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith('"Sue Support","yes","Cass Cashier"')
    assert "Ticket 12 about cards" in lines[1]
    assert signed_in(client, owner).get(page, {"as": "xlsx"})["Content-Type"].endswith("sheet")


def test_list_costs_the_same_for_one_and_for_many(client: Client, owner: User, cash: Membership) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("accounts:actings"))
        return len(asked)

    acting(Client(), owner, cash)
    signed_in(client, owner)
    one = queries()
    for _again in range(3):
        acting(Client(), owner, cash)
    assert queries() == one


def test_one_that_nobody_came_back_to_end_was_over_with_its_time(
    client: Client, owner: User, past: None, huxley: Retailer
) -> None:
    signed_in(client, owner)
    assert "Still acting" in client.get(reverse("accounts:actings")).text
    with inside(huxley):
        Masquerade.objects.update(until_at=utc_now() - timedelta(minutes=1))
    shown = client.get(reverse("accounts:actings")).text
    assert ("Still acting" in shown, "The time was over" in shown) == (False, True)
