"""`astro support`: who works for the platform."""

from __future__ import annotations

import getpass
import io

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from astro.accounts.actions import add_support_user, give_membership
from astro.accounts.errors import WorksForPlatform, WorksForStores
from astro.accounts.models import SupportChange, User
from astro.accounts.queries import support_changes
from astro.accounts.second_step.actions import note_added
from astro.kit.append_only import RowIsFinal
from astro.kit.models import PlainMail
from tests.accounts.stepping import give_password, set_up_app, show_codes
from tests.cast import NOW, PASSWORD, make_support

pytestmark = pytest.mark.django_db

GOOD = "seven otters juggle plums"


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("support", *words, stdout=out)
    return out.getvalue()


def test_somebody_is_let_in_and_shut_out_again(client) -> None:
    assert "Nobody works for the platform" in run("list")
    told = run("add", "Ada@Platform.example", "--name", "Ada Agent")
    assert told.startswith("ada@platform.example works for the platform now. Choose a password with")
    assert run("list") == "ada@platform.example  Ada Agent\n"
    ada = User.objects.get(email="ada@platform.example")
    assert ada.is_support
    client.force_login(ada)
    assert client.get("/backoffice/").status_code == 200
    assert run("remove", "ada@platform.example") == "ada@platform.example comes in no more.\n"
    assert client.get("/backoffice/").status_code == 302
    with pytest.raises(CommandError, match="does not work for the platform"):
        run("remove", "ada@platform.example")
    run("add", "ada@platform.example", "--name", "Ada Agent")
    assert User.objects.get(email="ada@platform.example").pk == ada.pk


def test_a_password_is_typed_where_no_mail_goes_out(monkeypatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: "short")
    with pytest.raises(CommandError, match="15 characters"):
        run("add", "ada@platform.example", "--name", "Ada Agent", "--type-password")
    assert not User.objects.filter(email="ada@platform.example").exists()
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: GOOD)
    run("add", "ada@platform.example", "--name", "Ada Agent", "--type-password")
    answer = Client().post("/sign-in/", {"login": "ada@platform.example", "password": GOOD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_nobody_works_for_stores_and_for_the_platform(huxley, midtown, owner) -> None:
    with pytest.raises(WorksForStores):
        add_support_user(name="Olive Owner", email="owner@huxleyhouse.example", now=NOW)
    with pytest.raises(CommandError, match="works for a store, or did"):
        run("add", "owner@huxleyhouse.example", "--name", "Olive Owner")
    with pytest.raises(WorksForPlatform):
        give_membership(make_support(), role="master", retailer=huxley, now=NOW)
    owner.refresh_from_db()
    assert not owner.is_support


def test_a_lost_second_step_is_taken_off_and_everything_about_it_is_kept(client: Client, settings) -> None:
    settings.SUPPORT_SECOND_STEP = True
    run("add", "ada@platform.example", "--name", "Ada Agent")
    ada = User.objects.get(email="ada@platform.example")
    client.force_login(ada)
    ada.set_password(PASSWORD)
    ada.save()
    client.force_login(ada)
    set_up_app(client)
    show_codes(client, do="make")
    told = run("second-step-reset", "Ada@Platform.example")
    assert told.startswith("ada@platform.example is signed out, and signs in with the password alone.")
    assert not Authenticator.objects.filter(user=ada).exists()
    assert not User.objects.get(pk=ada.pk).has_second_step
    assert client.get("/me/").status_code == 302
    assert PlainMail.objects.filter(to=[ada.email], subject="A second step was removed from your Astro user").exists()
    give_password(client, ada.login)
    assert client.get("/backoffice/").headers["Location"] == "/me/second-step/"  # a new one first
    kept = [line.split("  ")[1:] for line in run("log").splitlines()]
    by_herself = f"by {ada.email}"
    assert kept[0] == [ada.email, "step_reset", "by command line"]
    assert kept[-1] == [ada.email, "added", "by command line"]
    assert [ada.email, "step_added", by_herself, "127.0.0.1"] in kept
    assert [ada.email, "codes_made", by_herself, "127.0.0.1"] in kept
    with pytest.raises(CommandError, match="does not work for the platform"):
        run("second-step-reset", "nobody@platform.example")


def test_what_is_kept_of_support_is_final_and_none_of_it_is_a_stores(owner: User) -> None:
    run("add", "ada@platform.example", "--name", "Ada Agent")
    run("remove", "ada@platform.example")
    assert [one.what for one in support_changes(most=9)] == ["removed", "added"]
    with pytest.raises(RowIsFinal):
        SupportChange.objects.all().delete()
    note_added(owner, kind="totp", keep=None, now=NOW)
    assert len(support_changes(most=9)) == 2
