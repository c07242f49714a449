"""No commercial mail without a postal address, a link to unsubscribe and its headers; and one place makes all mail."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from astro.customers.models import Channel
from astro.messaging.channels import NotAllowed
from astro.messaging.links import Told
from astro.messaging.mail import building
from astro.messaging.mail.building import ONE_CLICK, UNSUBSCRIBE, Unlawful, advertise, answer, as_email
from astro.messaging.mail.letters import write_welcome
from astro.tenancy.stores import Store
from tests.cast import inside
from tests.messaging.mailing import STREET, set_up, tell_address

PACKAGE = Path(building.__file__).parents[2]
STORE = Store("Midtown Pet Supply", STREET, "+14065550100", "hello@midtown.example")
LINKS = {"unsubscribe_url": "https://cards.example.com/m/u/", "one_click_url": "https://cards.example.com/m/o/"}
CONTEXT = {"name": "Betty Smith", "verify_url": "https://v", "app_url": "https://a", "terms_url": "https://t"}
MAKERS = {"EmailMessage", "EmailMultiAlternatives", "send_mail", "send_mass_mail", "mail_admins", "mail_managers"}


@pytest.fixture(autouse=True)
def mail(settings):
    set_up(settings, port=None)


def welcome(**changes):
    told = {"store": STORE, "to": "b@example.com", "subject": "Welcome", "context": CONTEXT, **LINKS, **changes}
    return advertise("welcome", **told)


def test_commercial_mail_carries_all_that_it_must():
    message = welcome()
    assert message.headers[UNSUBSCRIBE] == "<https://cards.example.com/m/o/>"
    assert message.headers[ONE_CLICK] == "List-Unsubscribe=One-Click"
    for part in (message.html, message.text):
        assert LINKS["unsubscribe_url"] in part
        assert all(line in part for line in STREET)


def test_without_a_postal_address_there_is_no_commercial_mail():
    with pytest.raises(NotAllowed, match="postal address is missing"):
        welcome(store=replace(STORE, postal_address=()))


@pytest.mark.parametrize("link", LINKS)
def test_without_a_link_to_unsubscribe_there_is_no_commercial_mail(link):
    with pytest.raises(Unlawful):
        welcome(**{link: ""})


@pytest.mark.parametrize("letter", ["unsubscribed", "app_link"])
def test_a_letter_that_forgets_the_link_is_no_commercial_mail(letter):
    """The template of an answer has no link to unsubscribe: with it nothing can be advertised."""
    with pytest.raises(Unlawful, match="unsubscribing or the address"):
        advertise(letter, store=STORE, to="b@example.com", subject="Offers", context=CONTEXT, **LINKS)


@pytest.mark.parametrize("part", ["mjml", "txt"])
@pytest.mark.parametrize("missing", [LINKS["unsubscribe_url"], STREET[0], STREET[1]])
def test_each_part_says_it_by_itself(part, missing, monkeypatch):
    """A slip in one template: the other part cannot make up for it."""

    def slipping(name, context):
        written = render_to_string(name, context)
        return written.replace(missing, "") if name.endswith(part) else written

    monkeypatch.setattr(building, "render_to_string", slipping)
    with pytest.raises(Unlawful):
        welcome()


@pytest.mark.parametrize("header", [UNSUBSCRIBE, ONE_CLICK])
def test_commercial_mail_without_its_headers_never_leaves(header):
    message = welcome()
    del message.headers[header]
    with pytest.raises(Unlawful, match="lacks the header"):
        as_email(message, message_id="<x@example.com>")


def test_an_answer_needs_no_link_but_says_whose_it_is():
    context = {"return_url": "https://r", "address": "b@example.com"}
    message = answer("unsubscribed", store=STORE, to="b@example.com", subject="You are unsubscribed", context=context)
    assert UNSUBSCRIBE not in message.headers
    assert as_email(message, message_id="<x@example.com>").extra_headers["Message-ID"] == "<x@example.com>"
    assert all(line in message.html for line in STREET)


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "b@example.com\r\nBcc: all@example.com"},
        {"subject": "Welcome\nBcc: all@example.com"},
        {"store": replace(STORE, email="a@example.com\r\nX: y")},
    ],
    ids=["reader", "subject", "answers"],
)
def test_a_line_break_in_a_header_never_leaves(changes):
    with pytest.raises(Unlawful, match="whole header"):
        as_email(welcome(**changes), message_id="<x@example.com>")


def test_a_store_name_on_two_lines_is_put_on_one():
    assert welcome(store=replace(STORE, name="Midtown\r\nPets")).sender == "Midtown Pets <stores@example.com>"


def test_a_name_is_text_and_never_markup():
    name = "<mj-include path='/etc/passwd'/> <b>Ann</b> & {{ name }} \"Bob\""
    message = welcome(context={**CONTEXT, "name": name})
    assert "&lt;mj-include" in message.html
    assert "&lt;b&gt;Ann&lt;/b&gt; &amp; {{ name }}" in message.html
    assert f"Greetings, {name}." in message.text


def test_a_letter_is_whole_without_its_styles_and_in_the_dark():
    html = welcome().html
    assert '<meta name="color-scheme" content="light dark"' in html
    assert "prefers-color-scheme: dark" in html
    assert "<script" not in html
    assert "<img" not in html
    assert len(html.encode()) < 40_000


def test_who_looks_at_a_letter_cannot_answer_for_its_reader(huxley, midtown):
    tell_address(midtown)
    with inside(huxley):
        shown = write_welcome(huxley, name="Betty Smith", to="b@example.com", told=None)
        sent = write_welcome(
            huxley, name="Betty Smith", to="b@example.com", told=Told(huxley.pk, 7, Channel.EMAIL, "h")
        )
    for page in ("m/verify", "m/unsubscribe", "app/join"):
        assert f"https://cards.example.com/{page}/preview/" in shown.html
        assert f"{page}/preview/" not in sent.html


def makers_of_mail(source: str) -> set[str]:
    """What a file imports or names that makes an e-mail past the one place."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names |= {alias.name.rpartition(".")[2] for alias in node.names}
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
    return names & MAKERS


def test_nothing_else_makes_an_email():
    files = [file for file in PACKAGE.rglob("*.py") if file != Path(building.__file__)]
    makers = {file.name: made for file in files if (made := makers_of_mail(file.read_text()))}
    assert makers.pop("mail.py") == {"EmailMessage"}  # kit's, to people who work here: it knows no customer
    assert makers == {"smtp.py": {"EmailMultiAlternatives"}, "posting.py": {"EmailMultiAlternatives"}}
    for name in makers:  # there it is the name of a type only
        source = (Path(building.__file__).parent / name).read_text()
        assert "EmailMultiAlternatives(" not in source


@pytest.mark.parametrize(
    "source",
    [
        "from django.core.mail import EmailMessage",
        "from django.core import mail\nmail.send_mail('a', 'b', 'c', [])",
        "import django.core.mail\ndjango.core.mail.EmailMultiAlternatives('a')",
    ],
)
def test_another_maker_is_noticed(source):
    assert makers_of_mail(source)
