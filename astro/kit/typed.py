"""What people type into a search box or a note."""

from typing import Any

LONGEST = 100


def one_line(text: Any, *, longest: int = LONGEST) -> str:
    """On one line, with single spaces, without what no database takes (NUL), and cut at `longest` characters."""
    return " ".join(str(text or "").replace("\x00", " ").split())[:longest]
