"""A second step after the password: an app, codes on paper, and what is told and recorded of them."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from astro.accounts.models import StaffSession, User
from astro.accounts.passwords import set_password
from astro.activity.models import Event
from astro.kit.models import PlainMail
from astro.tenancy.models import Location, Retailer
from tests.accounts.stepping import code_of, give_code, give_password, prove, secret_on, set_up_app, show_codes
from tests.cast import inside, make_membership, make_user, signed_in

OWNER = "owner@huxleyhouse.example"


def who_is_in(client: Client) -> User | None:
    row = client.session.row  # type: ignore[attr-defined]
    return row.user if row else None


def events(retailer: Retailer, name: str) -> list[tuple[int, int | None, dict[str, Any]]]:
    with inside(retailer):
        return list(Event.objects.filter(name=name).values_list("about_id", "by_user_id", "facts"))


@pytest.fixture
def secret(owner: User) -> str:
    """The owner has an app."""
    return set_up_app(signed_in(Client(), owner))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Half minutes go by, for what counts them and for what forgets after some."""
    clock, moment = time.time, timezone.now

    def let(periods: int) -> None:
        monkeypatch.setattr(time, "time", lambda: clock() + 30 * periods)
        monkeypatch.setattr(timezone, "now", lambda: moment() + timezone.timedelta(seconds=30 * periods))
        monkeypatch.setattr("django.core.cache.backends.db.tz_now", timezone.now)

    return let


def test_password_alone_does_not_sign_in_then(secret: str, client: Client) -> None:
    answer = give_password(client, OWNER, next="/customers/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/second-step/")
    assert who_is_in(client) is None
    assert client.get("/customers/").status_code == 302
    assert "Six digits of your app" in client.get("/sign-in/second-step/").content.decode()


def test_code_of_the_app_signs_in_and_leads_where_one_wanted(
    secret: str, owner: User, huxley: Retailer, client: Client
) -> None:
    give_password(client, OWNER, next="/customers/")
    answer = give_code(client, code_of(secret, periods_on=1))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/customers/")
    assert who_is_in(client) == owner
    assert len(events(huxley, "signed in")) == 2, "with the one of the browser where it was set up"


def test_code_typed_with_a_space_is_taken(secret: str, owner: User, client: Client) -> None:
    give_password(client, OWNER)
    code = code_of(secret, periods_on=1)
    assert give_code(client, f" {code[:3]} {code[3:]}").status_code == 302
    assert who_is_in(client) == owner


@pytest.mark.parametrize("periods", [-9, -2, 3, 9])
def test_code_of_another_time_is_refused(secret: str, client: Client, periods: int) -> None:
    give_password(client, OWNER)
    answer = give_code(client, code_of(secret, periods_on=periods))
    assert answer.status_code == 422
    assert "That is not the code." in answer.content.decode()
    assert who_is_in(client) is None


@pytest.mark.parametrize("code", ["", "1", "abcdef", "12345\x006", "９９９９９９", "0" * 400])
def test_what_is_no_code_is_refused_in_a_sentence(secret: str, client: Client, code: str) -> None:
    give_password(client, OWNER)
    answer = give_code(client, code)
    assert (answer.status_code, who_is_in(client)) == (422, None)
    assert "Error:" in answer.content.decode()


def test_no_code_is_taken_twice(secret: str, owner: User, client: Client, later: Any) -> None:
    """Also not half a minute later, while the same code is still good."""
    code = code_of(secret, periods_on=1)
    give_password(client, OWNER)
    assert give_code(client, code).status_code == 302
    for periods in (0, 1, 2):
        later(periods)
        thief = Client()
        give_password(thief, OWNER)
        assert give_code(thief, code).status_code == 422, periods
        assert who_is_in(thief) is None


def test_code_that_set_the_app_up_is_spent(owner: User, client: Client) -> None:
    secret = set_up_app(signed_in(Client(), owner))
    give_password(client, OWNER)
    assert give_code(client, code_of(secret)).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_eleventh_wrong_code_is_told_to_wait(secret: str, owner: User, client: Client, later: Any) -> None:
    """In real transactions: the refusal keeps the count. Each person has their own, from wherever they come."""
    give_password(client, OWNER)
    answers = [give_code(client, "000000").status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    waiting = Client(REMOTE_ADDR="192.0.2.7")
    give_password(waiting, OWNER)
    answer = give_code(waiting, code_of(secret, periods_on=1))
    assert (answer.status_code, who_is_in(waiting)) == (429, None), "the right one is refused meanwhile"
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    assert "Wait 10 minutes" in answer.content.decode()
    later(20)
    give_password(waiting, OWNER)
    assert give_code(waiting, code_of(secret)).status_code == 302


def test_second_step_without_a_password_leads_to_the_sign_in_page(secret: str, client: Client) -> None:
    assert client.get("/sign-in/second-step/").headers["Location"] == "/sign-in/"
    assert give_code(client, code_of(secret)).headers["Location"] == "/sign-in/"


def test_person_removed_between_password_and_code_gets_no_further(secret: str, owner: User, client: Client) -> None:
    give_password(client, OWNER)
    owner.memberships.update(ended_at=timezone.now())
    answer = give_code(client, code_of(secret, periods_on=1))
    assert (answer.status_code, "Your user of Huxley House was removed" in answer.text) == (403, True)
    assert "_auth_user_id" not in client.session


def test_password_changed_between_password_and_code_begins_anew(secret: str, owner: User, client: Client) -> None:
    """Whoever stole the old one has it typed in somewhere already, and waits for a code."""
    give_password(client, OWNER)
    set_password(owner, "another long password of mine", by=owner, now=timezone.now())
    answer = give_code(client, code_of(secret, periods_on=1))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/")
    assert "_auth_user_id" not in client.session


def test_secrets_are_not_in_the_tables(secret: str, owner: User) -> None:
    kept = [str(row.data) for row in Authenticator.objects.filter(user=owner)]
    assert len(kept) == 2
    assert not [text for text in kept if secret in text]
    assert all("gAAAAA" in text for text in kept), "what Fernet writes"


def test_new_secret_key_locks_nobody_out(secret: str, owner: User, settings: Any, client: Client) -> None:
    settings.SECRET_KEY = "another one " * 9
    give_password(client, OWNER)
    assert give_code(client, code_of(secret, periods_on=1)).status_code == 302


def test_setting_up_asks_for_the_password_first(owner: User, client: Client) -> None:
    signed_in(client, owner)
    for page in ("/me/second-step/app/", "/me/second-step/passkeys/new/", "/me/second-step/codes/"):
        assert client.get(page).headers["Location"] == f"/me/second-step/proof/?next={page.replace('/', '%2F')}"
    refused = prove(client, "not the password")
    assert refused.status_code == 422
    assert client.get("/me/second-step/app/").status_code == 302
    assert prove(client).headers["Location"] == "/me/second-step/"
    assert client.get("/me/second-step/app/").status_code == 200


def test_proof_is_good_for_five_minutes(owner: User, client: Client, later: Any) -> None:
    prove(signed_in(client, owner))
    later(9)
    assert client.get("/me/second-step/app/").status_code == 200
    later(11)
    assert client.get("/me/second-step/app/").status_code == 302


def test_proof_leads_to_no_other_site(owner: User, client: Client) -> None:
    signed_in(client, owner)
    answer = client.post("/me/second-step/proof/", {"password": "practice makes paws", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/me/second-step/"


def test_picture_is_data_that_our_policy_lets_in(owner: User, client: Client) -> None:
    prove(signed_in(client, owner))
    page = client.get("/me/second-step/app/")
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]
    assert len(secret_on(page)) == 32


def test_first_step_ends_sessions_begun_with_less(owner: User, client: Client) -> None:
    elsewhere = signed_in(Client(), owner)
    set_up_app(signed_in(client, owner))
    assert who_is_in(client) == owner
    assert elsewhere.get("/customers/").status_code == 302
    assert StaffSession.objects.filter(user=owner).count() == 1


def test_adding_and_removing_are_recorded_and_written_to_their_person(
    owner: User, huxley: Retailer, client: Client
) -> None:
    set_up_app(signed_in(client, owner))
    assert User.objects.get(pk=owner.pk).has_second_step
    assert client.post("/me/second-step/app/removals/").status_code == 302
    assert not User.objects.get(pk=owner.pk).has_second_step
    assert not Authenticator.objects.exists(), "codes on paper go with the last step"
    about = owner.memberships.get().pk
    assert events(huxley, "second step added") == [(about, owner.pk, {"kind": "totp"})]
    assert events(huxley, "second step removed") == [(about, owner.pk, {"kind": "totp"})]
    assert [(mail.to, mail.subject) for mail in PlainMail.objects.order_by("pk")] == [
        ([OWNER], "A second step was added to your Astro user"),
        ([OWNER], "A second step was removed from your Astro user"),
    ]


def test_every_store_of_a_person_records_it(
    owner: User, huxley: Retailer, otherpaws: Retailer, elsewhere: Location, client: Client
) -> None:
    make_membership(owner, role="cashier", retailer=otherpaws, location=elsewhere)
    set_up_app(signed_in(client, owner))
    assert [len(events(store, "second step added")) for store in (huxley, otherpaws)] == [1, 1]


def test_recovery_codes_are_shown_once(owner: User, client: Client) -> None:
    set_up_app(signed_in(client, owner))
    assert "You have not seen yours yet" in client.get("/me/second-step/").content.decode()
    before = Authenticator.objects.get(type="recovery_codes").data
    client.get("/me/second-step/codes/")
    assert Authenticator.objects.get(type="recovery_codes").data == before, "looking at the page changes nothing"
    codes = show_codes(client)
    assert len(set(codes)) == 10
    assert show_codes(client) == []
    assert "10 codes are left." in client.get("/me/second-step/codes/").content.decode()


def test_codes_can_be_kept_as_a_file_and_printed(owner: User, client: Client) -> None:
    set_up_app(signed_in(client, owner))
    page = client.post("/me/second-step/codes/", {"do": "show"})
    assert 'download="astro-recovery-codes.txt" href="data:text/plain' in page.content.decode()
    assert "data-print" in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]


def test_recovery_code_signs_in_once(owner: User, client: Client) -> None:
    set_up_app(signed_in(client, owner))
    codes = show_codes(client)
    for code, status in [(codes[0], 302), (codes[0], 422), (codes[1].replace(" ", ""), 302)]:
        browser = Client()
        give_password(browser, OWNER)
        assert give_code(browser, code).status_code == status
    assert "8 codes are left." in client.get("/me/second-step/").content.decode()


def test_new_codes_make_the_old_ones_worthless(owner: User, huxley: Retailer, client: Client) -> None:
    set_up_app(signed_in(client, owner))
    old, new = show_codes(client), show_codes(client, do="make")
    assert len(new) == 10
    assert not set(old) & set(new)
    give_password(client := Client(), OWNER)
    assert give_code(client, old[0]).status_code == 422
    assert give_code(client, new[0]).status_code == 302
    assert len(events(huxley, "recovery codes made")) == 1
    assert PlainMail.objects.filter(subject="New recovery codes for your Astro user").exists()


def test_cashier_is_not_offered_one(cashier: User, client: Client) -> None:
    prove(signed_in(client, cashier))
    assert "A second step is for administrators." in client.get("/me/second-step/").content.decode()
    assert client.get("/me/second-step/app/").status_code == 403
    assert client.get("/me/second-step/passkeys/new/").status_code == 403


def test_administrator_made_cashier_keeps_and_may_remove_it(owner: User, midtown: Location, client: Client) -> None:
    secret = set_up_app(signed_in(client, owner))
    owner.memberships.update(role="cashier", location=midtown)
    give_password(client := Client(), OWNER)
    assert give_code(client, code_of(secret, periods_on=1)).status_code == 302
    prove(client)
    assert client.post("/me/second-step/app/removals/").status_code == 302
    assert not User.objects.get(pk=owner.pk).has_second_step


def test_person_without_email_gets_no_letter(huxley: Retailer, midtown: Location, client: Client) -> None:
    user = make_user(user_name="frontdesk")
    make_membership(user, role="administrator", retailer=huxley, location=midtown)
    set_up_app(signed_in(client, user))
    assert not PlainMail.objects.exists()


def test_more_passkeys_cost_no_more_statements(owner: User, client: Client) -> None:
    set_up_app(signed_in(client, owner))
    counts = []
    for number in range(3):
        Authenticator.objects.create(user=owner, type="webauthn", data={"name": f"Key {number}", "credential": {}})
        with CaptureQueriesContext(connection) as asked:
            assert f"Key {number}" in client.get("/me/second-step/").content.decode()
        counts.append(len(asked))
    assert len(set(counts)) == 1
