"""Who must have a second step before anything else, and helping somebody who lost theirs."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from astro.accounts.errors import OwnSecondStep, SecondStepOfOthers
from astro.accounts.models import Membership, StaffSession, User
from astro.accounts.second_step.actions import remove_second_step
from astro.activity.models import Event
from astro.kit.models import PlainMail
from astro.tenancy.models import Location, Retailer
from tests.accounts.stepping import code_of, give_code, give_password, prove, set_up_app
from tests.cast import NOW, inside, make_membership, make_user, signed_in

PAGE = "/account/second-step/"


@pytest.fixture
def needed(huxley: Retailer) -> None:
    Retailer.objects.filter(pk=huxley.pk).update(needs_second_step=True)


@pytest.fixture
def support(db: None) -> User:
    user = make_user(name="Susan Support", email="support@astro.example")
    User.objects.filter(pk=user.pk).update(is_support=True)
    user.refresh_from_db()
    return user


def removed(membership: Membership, *, by: User) -> None:
    with inside(membership.retailer):
        remove_second_step(membership, by=by, now=NOW)


@pytest.mark.parametrize("page", ["/customers/", "/devices/", "/account/addresses/"])
def test_administrator_without_one_is_led_to_set_it_up(needed: None, owner: User, client: Client, page: str) -> None:
    signed_in(client, owner)
    assert client.get(page).headers["Location"] == "/me/second-step/"
    told = client.get("/me/second-step/").content.decode()
    assert "Administrators here sign in with a second step, and you have none yet." in told


def test_having_set_it_up_one_goes_on(needed: None, owner: User, client: Client) -> None:
    set_up_app(signed_in(client, owner))
    assert client.get("/customers/").status_code == 200


def test_program_is_told_in_words(needed: None, owner: User, client: Client) -> None:
    answer = signed_in(client, owner).get("/customers/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "second_step")


def test_cashier_needs_none(needed: None, cashier: User, client: Client) -> None:
    assert signed_in(client, cashier).get("/customers/").status_code == 200


def test_administrator_of_another_store_needs_none(needed: None, other_owner: User, client: Client) -> None:
    assert signed_in(client, other_owner).get("/customers/").status_code == 200


def test_only_the_second_step_is_open_and_not_to_who_is_kept_out_otherwise(
    needed: None, owner: User, huxley: Retailer, client: Client
) -> None:
    signed_in(client, owner)
    Retailer.objects.filter(pk=huxley.pk).update(networks="192.0.2.0/24")
    assert client.get("/me/second-step/").status_code == 403
    Retailer.objects.filter(pk=huxley.pk).update(networks="", needs_second_step=False, held_at=NOW)
    assert client.get("/me/second-step/").status_code == 403


@pytest.mark.parametrize(("asked_of_support", "status"), [(True, 302), (False, 200)])
def test_support_needs_one_where_the_installation_says_so(
    support: User, client: Client, settings: Any, asked_of_support: bool, status: int
) -> None:
    settings.SUPPORT_SECOND_STEP = asked_of_support
    client.force_login(support)
    answer = client.get("/backoffice/")
    assert answer.status_code == status
    if asked_of_support:
        assert answer.headers["Location"] == "/me/second-step/"
        set_up_app(client)
        assert client.get("/backoffice/").status_code == 200


def test_knowing_it_costs_no_statement(owner: User, client: Client, huxley: Retailer) -> None:
    set_up_app(signed_in(client, owner))
    counts = []
    for needed in (False, True):
        Retailer.objects.filter(pk=huxley.pk).update(needs_second_step=needed)
        client.get("/devices/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/devices/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_master_settles_that_it_is_needed(owner: User, huxley: Retailer, client: Client) -> None:
    prove(signed_in(client, owner))
    set_up_app(client)
    assert client.post(PAGE, {"needed": "yes"}).headers["Location"] == PAGE
    assert Retailer.objects.get(pk=huxley.pk).needs_second_step
    assert "Administrators sign in with a second step." in client.get(PAGE).content.decode()
    client.post(PAGE, {"needed": "yes"})
    client.post(PAGE, {"needed": "no"})
    assert not Retailer.objects.get(pk=huxley.pk).needs_second_step
    with inside(huxley):
        told = Event.objects.filter(name="second step asked for").order_by("id").values_list("facts", flat=True)
        assert list(told) == [{"needed": True}, {"needed": False}]


def test_settling_asks_for_the_password(owner: User, huxley: Retailer, client: Client) -> None:
    signed_in(client, owner)
    assert client.post(PAGE, {"needed": "yes"}).headers["Location"].startswith("/me/second-step/proof/")
    assert not Retailer.objects.get(pk=huxley.pk).needs_second_step


def test_page_lists_administrators_of_this_store_and_no_cashier(
    owner: User, riverside_administrator: User, cashier: User, other_owner: User, client: Client
) -> None:
    prove(signed_in(client, owner))
    page = client.get(PAGE).content.decode()
    assert "Rita Riverside" in page
    assert not [name for name in ("Cass", "Otto") if name in page]


def test_master_helps_an_administrator_who_lost_theirs(
    owner: User, riverside_administrator: User, huxley: Retailer, client: Client
) -> None:
    phone = signed_in(Client(), riverside_administrator)
    set_up_app(phone)
    prove(signed_in(client, owner))
    membership = riverside_administrator.memberships.get()
    answer = client.post(f"{PAGE}{membership.pk}/removals/")
    assert answer.headers["Location"] == PAGE
    assert not User.objects.get(pk=riverside_administrator.pk).has_second_step
    assert not Authenticator.objects.filter(user=riverside_administrator).exists()
    assert not StaffSession.objects.filter(user=riverside_administrator).exists(), "whoever found the phone is out"
    assert give_password(Client(), riverside_administrator.login).headers["Location"] == "/"
    with inside(huxley):
        event = Event.objects.get(name="second step removed")
        assert (event.by_user_id, event.about_id, event.facts) == (owner.pk, membership.pk, {"kind": "all"})
    assert PlainMail.objects.filter(to=["riverside@huxleyhouse.example"], subject__contains="removed").count() == 1


def test_master_helps_another_master(owner: User, huxley: Retailer) -> None:
    second = make_user(email="second@huxleyhouse.example")
    membership = make_membership(second, retailer=huxley, role="master")
    set_up_app(signed_in(Client(), second))
    removed(membership, by=owner)
    assert not User.objects.get(pk=second.pk).has_second_step


def test_nobody_below_helps(owner: User, riverside_administrator: User, cashier: User, other_owner: User) -> None:
    set_up_app(signed_in(Client(), owner))
    for by in (riverside_administrator, cashier, other_owner):
        with pytest.raises(SecondStepOfOthers):
            removed(owner.memberships.get(), by=by)
    assert User.objects.get(pk=owner.pk).has_second_step


def test_one_store_does_not_weaken_what_guards_another(
    owner: User, riverside_administrator: User, otherpaws: Retailer, elsewhere: Location
) -> None:
    set_up_app(signed_in(Client(), riverside_administrator))
    make_membership(riverside_administrator, retailer=otherpaws, role="administrator", location=elsewhere)
    with pytest.raises(SecondStepOfOthers) as refused:
        removed(riverside_administrator.memberships.get(retailer=owner.memberships.get().retailer), by=owner)
    assert "Other Paws" not in str(refused.value)
    assert "elsewhere" not in str(refused.value)


def test_own_one_has_its_own_page(owner: User) -> None:
    set_up_app(signed_in(Client(), owner))
    with pytest.raises(OwnSecondStep):
        removed(owner.memberships.get(), by=owner)


def test_support_helps_the_last_master(owner: User, support: User, huxley: Retailer, client: Client) -> None:
    secret = set_up_app(signed_in(Client(), owner))
    removed(owner.memberships.get(), by=support)
    assert give_password(client, owner.login).headers["Location"] == "/"
    assert client.get("/devices/").status_code == 200
    with inside(huxley):
        assert Event.objects.get(name="second step removed").by_user_id == support.pk
    again = Client()
    give_password(again, owner.login)
    assert give_code(again, code_of(secret, periods_on=1)).headers["Location"] == "/sign-in/"
