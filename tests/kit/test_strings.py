"""Every word that a template shows goes through gettext, so that a store can read Astro in its own language."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(path for path in ROOT.glob("astro/**/templates/**/*") if path.suffix in {".html", ".txt"})

SHOWN_ATTRIBUTES = {"alt", "aria-description", "aria-label", "aria-roledescription", "content", "data-label"}
SHOWN_ATTRIBUTES |= {"label", "placeholder", "summary", "title"}
SHOWN_INPUTS = {"button", "submit", "reset"}
NEVER_SHOWN = {"script", "style", "code", "kbd"}
SAME_EVERYWHERE = {"Astro"}

TRANSLATED = re.compile(
    r"\{#.*?#\}"
    r"|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}"
    r"|\{%\s*block\s+\w*_class\s*%\}.*?\{%\s*endblock[^%]*%\}"
    r"|\{%\s*(?:blocktranslate|blocktrans)\b.*?%\}.*?\{%\s*(?:endblocktranslate|endblocktrans)\s*%\}",
    re.DOTALL,
)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
SENTENCE = re.compile(r"""[\w]+=(["'])(?P<value>[^"']*)\1""")
WORDS_FOR_INCLUDES = {"text", "title", "words", "action", "label", "detail", "name", "note", "heading", "brand"}
LETTER = re.compile(r"[^\W\d_]")


def blank(match: re.Match[str]) -> str:
    """As much white space as was there, so that line numbers stay."""
    return re.sub(r"[^\n]", " ", match[0])


class Shown(HTMLParser):
    """Collects what a reader would see or hear: (line, words)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[int, str]] = []
        self.hidden = 0

    def note(self, words: str, line: int) -> None:
        for at, part in enumerate(words.split("\n")):
            spoken = " ".join(part.split())
            if LETTER.search(spoken) and spoken.strip(" ·:.,") not in SAME_EVERYWHERE:
                self.found.append((line + at, spoken))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attributes}
        shown = SHOWN_ATTRIBUTES & set(named)
        if tag == "meta" and named.get("name") not in {"description", "apple-mobile-web-app-title"}:
            shown -= {"content"}
        if tag == "input" and named.get("type") in SHOWN_INPUTS:
            shown |= {"value"} & set(named)
        for name in sorted(shown):
            self.note(named[name], self.getpos()[0])
        if tag in NEVER_SHOWN:
            self.hidden += 1

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag in NEVER_SHOWN:
            self.hidden -= 1

    def handle_endtag(self, tag: str) -> None:
        if tag in NEVER_SHOWN:
            self.hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.note(data, self.getpos()[0])


def untranslated(source: str) -> list[tuple[int, str]]:
    """The words of a template that gettext never sees, with their lines: in text, in attributes, handed to includes."""
    plain = TRANSLATED.sub(blank, source)
    found = []
    for tag in TAG.finditer(plain):
        if re.match(r"\{%\s*(?:include|with)\b", tag[0]):
            line = plain.count("\n", 0, tag.start()) + 1
            for argument in SENTENCE.finditer(tag[0]):
                name = argument[0].partition("=")[0]
                if name in WORDS_FOR_INCLUDES and LETTER.search(argument["value"]):
                    found.append((line, argument["value"]))
        elif default := re.search(r"\|default(?:_if_none)?:([\"'])(?P<value>[^\"']*[^\W\d_][^\"']* [^\"']*)\1", tag[0]):
            found.append((plain.count("\n", 0, tag.start()) + 1, default["value"]))
    reader = Shown()
    reader.feed(TAG.sub(blank, plain))
    reader.close()
    return sorted(found + reader.found)


def test_every_word_in_templates_goes_through_gettext():
    assert len(TEMPLATES) > 20
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {words}"
        for path in TEMPLATES
        for line, words in untranslated(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Sign in</p>", [(1, "Sign in")]),
        ("<p>\n  {{ name }} has\n  a bag</p>", [(2, "has"), (3, "a bag")]),
        ('<button aria-label="Close"></button>', [(1, "Close")]),
        ('<td data-label="Phone">{{ phone }}</td>', [(1, "Phone")]),
        ('<input type="submit" value="Save">', [(1, "Save")]),
        ('{% include "a.html" with text="No cards yet." %}', [(1, "No cards yet.")]),
        ("{% if a > b %}More{% endif %}", [(1, "More")]),
        ('{{ name|default:"No name" }}', [(1, "No name")]),
        ('{% translate "Hi" %} there', [(1, "there")]),
        ("{% comment %}quiet{% endcomment %}<b>loud</b>", [(1, "loud")]),
        ("Plain text, as in an e-mail", [(1, "Plain text, as in an e-mail")]),
    ],
)
def test_the_check_finds_words(source, found):
    assert untranslated(source) == found


@pytest.mark.parametrize(
    "source",
    [
        '<p>{% translate "Sign in" %}</p>',
        '{% translate "Sign in" as words %}{% include "a.html" with text=words kind="bad" icon_name="paw" %}',
        "{% blocktranslate %}{{ n }} of {{ m }}{% endblocktranslate %}",
        "{% blocktranslate count n=n %}one{% plural %}{{ n }} many{% endblocktranslate %}",
        '<input type="text" value="{{ value }}" class="input">',
        '<meta name="viewport" content="width=device-width"><title>{{ title }} · Astro</title>',
        '<a class="button" href="/x/" hx-target="#dialogs">{{ words }}</a>',
        "<kbd>Ctrl+K</kbd> 12 / 4 &amp; &nbsp; {# a note #}",
        '<script src="x.js" type="module"></script>',
        "{% block body_class %}at-till{% endblock %}",
        '<option value="dog"{% if kind == "dog" %} selected{% endif %}>{{ label }}</option>',
    ],
)
def test_the_check_lets_the_rest_pass(source):
    assert untranslated(source) == []
