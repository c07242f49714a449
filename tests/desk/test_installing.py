"""What browsers fetch ahead, and what they are told of the app: whole, current, and with nothing about anybody."""

from __future__ import annotations

import json
import re
from pathlib import Path
from posixpath import dirname, normpath

import pytest
from django.contrib.staticfiles.finders import find
from django.core.management import call_command
from django.test import Client
from PIL import Image

from astro.desk import shell_files
from astro.desk.installing import ICONS

ROOT = Path(__file__).parents[2]
ASKED = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")


def told(client: Client) -> dict:
    answer = client.get("/sw.js")
    assert answer.status_code == 200
    return json.loads(re.search(r"const SHELL = (\{.*?\n\});", answer.content.decode(), re.DOTALL)[1])


def test_worker_is_a_script_that_browsers_ask_for_each_time(client, db):
    answer = client.get("/sw.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"
    assert answer.cookies == {}


def file_of(address: str) -> Path | None:
    found = find(address.removeprefix("/static/"))
    return Path(found) if found else None


def test_worker_asks_for_files_that_there_are(client, db):
    files = told(client)["files"]
    assert len(files) > 50
    assert [address for address in files if file_of(address) is None] == []


def test_every_module_finds_what_it_imports_among_the_files(client, db):
    """Whatever a page of the shell may import, at once or later, was fetched ahead."""
    files = {address: file_of(address) for address in told(client)["files"]}
    missing = [
        f"{address} asks for {asked}"
        for address, file in files.items()
        if file and file.suffix == ".js" and file.parent.name != "vendor"
        for asked in ASKED.findall(file.read_text())
        if normpath(f"{dirname(address)}/{asked}") not in files
    ]
    assert missing == []
    assert {"/static/checkout/sending.js", "/static/checkout/store.js", "/static/kit/app.css"} <= files.keys()


def test_pages_of_the_shell_open_for_nobody_in_particular(client, db):
    """Without a session they answer as they are, and hand out no cookie: they are kept for whoever comes next."""
    pages = told(client)["pages"]
    for page in pages.values():
        answer = Client().get(page)
        assert (answer.status_code, dict(answer.cookies)) == (200, {}), page


@pytest.mark.once
def test_production_names_files_by_what_is_in_them(client, db, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "astro.kit.static_files.HashedFiles"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    files = told(client)["files"]
    assert [file for file in files if not re.search(r"\.[0-9a-f]{12}\.\w+$", file)] == []
    assert [file for file in files if not (tmp_path / file.removeprefix("/static/")).is_file()] == []


def test_version_changes_with_what_a_file_or_a_template_holds_and_with_nothing_else(monkeypatch, tmp_path):
    script, page = tmp_path / "till.js", tmp_path / "offline.html"
    script.write_text("one")
    page.write_text("one")
    monkeypatch.setattr(shell_files, "_static_files", lambda: [("till.js", script)])
    monkeypatch.setattr(shell_files, "_templates", lambda: iter([("offline.html", page)]))
    versions = [shell_files._version(), shell_files._version()]
    for file in (script, page):
        file.write_text("two")
        versions.append(shell_files._version())
    assert versions[0] == versions[1]
    assert len(set(versions)) == 3


def test_manifest_says_what_the_app_is(client, db):
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/checkout/", "/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    assert [icon["src"] for icon in manifest["icons"] if file_of(icon["src"]) is None] == []


@pytest.mark.parametrize(("name", "sizes", "purpose"), ICONS)
def test_icons_are_as_big_as_they_say(name, sizes, purpose):
    with Image.open(ROOT / "astro/desk/static/desk/icons" / name) as icon:
        assert f"{icon.width}x{icon.height}" == sizes
        corner = icon.convert("RGBA").getpixel((0, 0))
    assert corner[3] == (255 if purpose == "maskable" else 0)
