"""A browser in a few words, as its owner would name it: “Chrome on Windows”. For a list, no proof."""

from __future__ import annotations

from django.utils.translation import gettext as _

LONGEST = 80

BROWSERS = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
]
"""What stands in the header, in the order in which they pretend to be each other."""

SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
]


def in_words(user_agent: str) -> str:
    """Empty where it says nothing that we know."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    if browser and system:
        return (_("%(browser)s on %(system)s") % {"browser": browser, "system": system})[:LONGEST]
    return browser or system
