"""The walls stay small enough to be read in one sitting."""

import ast
import io
import tokenize
from pathlib import Path

from astro import tenancy

MOST = 460
HERE = Path(tenancy.__file__).parent
WALLS = [HERE / f"{name}.py" for name in ("walls", "current", "policies", "middleware")] + sorted(
    HERE.glob("engines/**/*.py")
)
SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def lines_of_code(source: str) -> int:
    """Lines that do something: no blank ones, no comments, no docstrings."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in SILENT:
            lines |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            lines -= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(lines)


def test_counts_what_does_something():
    assert lines_of_code('"""A file."""\n\n# a comment\ndef f():\n    """Why."""\n    return 1  # so\n') == 2


def test_the_walls_are_read_in_one_sitting():
    assert sum(lines_of_code(file.read_text()) for file in WALLS) <= MOST


def test_the_walls_say_at_their_top_how_they_work():
    assert len((ast.get_docstring(ast.parse((HERE / "walls.py").read_text())) or "").splitlines()) >= 15
