"""A form as a browser would send it: what the page shows, with what somebody changes in it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _Form(HTMLParser):
    """The named fields of the first form of a class, as they stand."""

    def __init__(self, css_class: str) -> None:
        super().__init__()
        self.css_class = css_class
        self.inside = self.in_template = False
        self.fields: dict[str, list[str]] = {}
        self.select = self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.inside = self.css_class in told.get("class", "").split()
        elif tag == "template":
            self.in_template = True
        elif not self.inside or self.in_template:
            return
        elif tag == "input" and (told.get("type") not in ("checkbox", "radio") or "checked" in told):
            bare = "on" if told.get("type") in ("checkbox", "radio") else ""
            self.fields.setdefault(told.get("name", ""), []).append(told.get("value", bare))
        elif tag == "select":
            self.select = told["name"]
        elif tag == "option" and "selected" in told:
            self.fields.setdefault(self.select, []).append(told.get("value", ""))
        elif tag == "textarea":
            self.text = told["name"]
            self.fields[self.text] = [""]

    def handle_data(self, data: str) -> None:
        if self.text:
            self.fields[self.text][0] += data.removeprefix("\r\n").removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "template":
            self.in_template = False
        elif tag == "textarea":
            self.text = ""


def as_it_stands(page: str, css_class: str, **changed: Any) -> dict[str, list[str]]:
    """What the form of that class would send, with these fields changed; a list for several values, None for none."""
    reader = _Form(css_class)
    reader.feed(page)
    fields = reader.fields
    for name, value in changed.items():
        key = name.replace("__", "-")
        if value is None:
            fields.pop(key, None)
        else:
            fields[key] = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    return fields
