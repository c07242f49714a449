"""What a browser needs to open the till with no network: the files that its service worker fetches ahead.

The worker's version is a hash of what those files hold, and of the templates that the two pages among them are made
of: whatever changes there is a new version, and nothing else is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.engine import Engine
from django.template.utils import get_app_template_dirs
from django.urls import NoReverseMatch, reverse

FOLDERS = ("accounts/", "checkout/", "desk/", "kit/", "support/")
"""Every script, style, font and picture of these is fetched ahead: a page that opens with no network finds what it
imports, and what that imports in turn."""
JOINED = "kit/css/"
"""The parts of the stylesheet: pages load them joined, as kit/app.css."""
PAGES = {"till": "checkout:offline", "help": "support:access_help"}
"""Pages without anything personal, by what stands in for them."""


def shell_files() -> list[str]:
    """The addresses of the static files, as pages name them."""
    return [staticfiles_storage.url(name) for name, _file in _static_files()]


def shell_pages() -> dict[str, str]:
    """The addresses of the pages, of those that there are."""
    found = {}
    for name, route in PAGES.items():
        try:
            found[name] = reverse(route)
        except NoReverseMatch:
            continue
    return found


def shell_version() -> str:
    """Changes when anything that is fetched ahead does. Files do not change under a running production server."""
    return _version() if settings.DEBUG else _version_once()


@lru_cache(maxsize=1)
def _version_once() -> str:
    return _version()


def _version() -> str:
    told = hashlib.sha256()
    for name, file in [*_static_files(), *_templates()]:
        told.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return told.hexdigest()[:16]


def _static_files() -> list[tuple[str, Path]]:
    found = {
        name: Path(storage.path(name))
        for finder in get_finders()
        for name, storage in finder.list([])
        if name.startswith(FOLDERS) and not name.startswith(JOINED)
    }
    return sorted(found.items())


def _templates() -> Iterator[tuple[str, Path]]:
    folders = [Path(str(folder)) for folder in (*Engine.get_default().dirs, *get_app_template_dirs("templates"))]
    for folder in folders:
        if settings.BASE_DIR in folder.parents:
            yield from ((str(file.relative_to(folder)), file) for file in sorted(folder.rglob("*")) if file.is_file())
