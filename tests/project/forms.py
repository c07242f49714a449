"""Reads the forms of a page and fills them in, the way somebody does who types something nasty into every box."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser

TYPED = {"text", "search", "textarea", "password", "url", "tel", "email"}
PLAUSIBLE = {
    "email": "pat@example.com",
    "tel": "406-555-0142",
    "url": "https://example.com",
    "number": "1",
    "password": "nine quiet otters swim",
    "time": "10:00",
    "month": "2026-01",
    "color": "#336699",
}


@dataclass
class Box:
    """One input. `value` is what the page put in; `choices` what a list or a group of buttons offers."""

    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)


@dataclass
class Form:
    action: str
    method: str
    boxes: list[Box] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, payload: str, *, into: set[str]) -> dict[str, object]:
        """What is sent: the payload in the boxes of these names, something plausible in the others."""
        sent: dict[str, object] = {}
        for box in self.boxes:
            if box.kind == "file":
                sent[box.name] = _file(payload)
            elif box.kind == "date":
                sent[box.name] = (date.today() - timedelta(days=1)).isoformat()  # noqa: DTZ011 - any day does
            elif box.kind in TYPED:
                sent[box.name] = payload if box.name in into else box.value or PLAUSIBLE.get(box.kind, "Pat")
            elif box.choices:
                sent[box.name] = box.value or next((one for one in box.choices if one), "")
            elif box.kind == "checkbox":
                sent[box.name] = box.value or "on"
            else:
                sent[box.name] = box.value or PLAUSIBLE.get(box.kind, "")
        return sent

    @property
    def typed(self) -> list[str]:
        """The names of the boxes into which people type."""
        return list(dict.fromkeys(box.name for box in self.boxes if box.kind in TYPED))


def _file(payload: str) -> io.BytesIO:
    file = io.BytesIO(f"First Name,Last Name,Note\n{payload},{payload},{payload}\n".encode())
    file.name = "list.csv"
    return file


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.form: Form | None = None
        self.choosing: Box | None = None

    def handle_starttag(self, tag: str, told: list[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in told}
        if tag == "a" and about.get("href"):
            self.links.append(about["href"])
        if tag == "form":
            self.form = Form(about.get("action", ""), about.get("method", "get").lower())
            self.forms.append(self.form)
        if self.form is None:
            return
        name = about.get("name", "")
        if tag == "select" and name:
            self.choosing = Box(name, "select")
            self.form.boxes.append(self.choosing)
        elif tag == "option" and self.choosing:
            self.choosing.choices.append(about.get("value", ""))
            if "selected" in about:
                self.choosing.value = about.get("value", "")
        elif tag == "textarea" and name:
            self.form.boxes.append(Box(name, "textarea"))
        elif tag == "button" and about.get("type", "submit") == "submit":
            self.form.buttons.append((name, about.get("value", "")))
        elif tag == "input" and name and "disabled" not in about:
            self._take_input(name, about.get("type", "text").lower(), about)

    def _take_input(self, name: str, kind: str, about: dict[str, str]) -> None:
        assert self.form is not None
        if kind == "radio":
            known = next((box for box in self.form.boxes if box.name == name), None)
            if known is None:
                known = Box(name, kind)
                self.form.boxes.append(known)
            known.choices.append(about.get("value", ""))
            return
        self.form.boxes.append(Box(name, kind, about.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        if tag == "select":
            self.choosing = None


def read_page(html: str) -> tuple[list[Form], list[str]]:
    """The forms of a page, and where its links lead."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms, reader.links


def ways_to_fill(form: Form, payload: str) -> Iterator[dict[str, object]]:
    """First everything nasty at once; then, for whatever refuses some of it, one box at a time."""
    typed = form.typed
    buttons = form.buttons or [("", "")]
    for name, value in buttons[:4]:
        pressed = {name: value} if name else {}
        yield {**form.filled(payload, into=set(typed)), **pressed}
        if len(typed) > 1:
            for one in typed:
                yield {**form.filled(payload, into={one}), **pressed}
