"""The floor: the statements of real checkouts, sent by pgbench under the same role, for another customer each time.

Several checkouts of different customers are taken down. Where their statements differ stands something that belongs to
the visit: a customer's id, a key, how many punches a card had. Each such place is given the sum (`population`) that
says what it is for any visit; ids and keys that were made for the visit are counted up; everything else stays as sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from astro.desk.bench.errors import NotRepeatable
from astro.desk.bench.population import Let, Term
from astro.desk.bench.wire import Conversation

KEYS_EACH = 8
KEY_FROM = 100_000_000_000
IDS_EACH = 64
IDS_OF_A_CLIENT = 100_000_000
ID_DIGITS = 17
"""An id has so many digits or more; nothing else in a statement has."""

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_TOKEN = re.compile(rf"({_UUID}|\b[0-9a-f]{{64}}\b|\b[0-9a-f]{{32}}\b|\d+)")
_STRING = re.compile(r"('(?:[^']|'')*')")
_WORD = re.compile(r"\w")
_SAVEPOINT = re.compile(r'(RELEASE |ROLLBACK TO )?SAVEPOINT "\w+"')


@dataclass(frozen=True, slots=True)
class Example:
    """One checkout as it was taken down, and the numbers that are known of it by name."""

    said: Conversation
    known: Mapping[str, int]


Sums = Callable[[Term, Let[Term]], Mapping[str, Term]]
"""The same numbers for any turn, as sums: `known` is what this gives for the example's turn."""


def script(examples: Sequence[Example], *, number: int, sums: Sums) -> str:
    """A script for pgbench. `number` (a digit) keeps what two scripts make apart.

    It takes `-D first<number>`, `share<number>` (turns of each client), `ids<number>` and `t<number>=-1`.
    Raises NotRepeatable when the examples do not have the same statements, or one of their numbers is not understood.
    """
    lines: list[str] = []

    def let(name: str, value: Term) -> Term:
        lines.append(f"\\set b_{name} {value}")
        return Term(f":b_{name}")

    count = f"t{number}"
    lines.append(f"\\set {count} :{count} + 1")
    turn = let("turn", Term(f":first{number} + :client_id * :share{number} + :{count}"))
    for name, value in sums(turn, let).items():
        let(name, value)
    made = _Made(number)
    statements = [_merged(texts, examples, made) for texts in _aligned(examples)]
    lines += made.lines()
    return "\n".join([*lines, *(f"{statement};" for statement in statements)]) + "\n"


@dataclass(slots=True)
class _Made:
    """Ids and keys that were made for the visit, by what they were in the first example."""

    number: int
    ids: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def id(self, token: str) -> str:
        return self.ids.setdefault(token, f":b_id{len(self.ids)}")

    def key(self, token: str) -> str:
        digits = self.keys.setdefault(token.replace("-", ""), f":b_key{len(self.keys)}")
        return f"018f000{self.number}-0000-7000-8000-{digits}"

    def lines(self) -> Iterator[str]:
        """In the order in which the application made them: what it counted up is counted up here."""
        if len(self.ids) > IDS_EACH or len(self.keys) > KEYS_EACH:
            raise NotRepeatable("A visit makes more ids or keys than the floor has room for.")
        start = f":ids{self.number} + :client_id * {IDS_OF_A_CLIENT} + :t{self.number} * {IDS_EACH}"
        for place, token in enumerate(sorted(self.ids, key=int)):
            yield f"\\set {self.ids[token][1:]} {start} + {place}"
        for place, name in enumerate(self.keys.values()):
            yield f"\\set {name[1:]} {KEY_FROM} + :b_turn * {KEYS_EACH} + {place}"


def _aligned(examples: Sequence[Example]) -> Iterator[tuple[str, ...]]:
    """The first statements of all, the second ones, and so on."""
    lengths = {len(example.said.statements) for example in examples}
    if len(lengths) != 1:
        raise NotRepeatable(f"Checkouts of the same kind sent different numbers of statements: {sorted(lengths)}.")
    yield from zip(*(example.said.statements for example in examples), strict=True)


def _merged(texts: Sequence[str], examples: Sequence[Example], made: _Made) -> str:
    """One statement, with variables where the examples differ."""
    if all(map(_SAVEPOINT.fullmatch, texts)):
        return texts[0]
    split = [_STRING.split(text) for text in texts]
    if len({len(pieces) for pieces in split}) != 1:
        raise NotRepeatable(f"The same statement was sent in different shapes:\n{texts[0]}\n{texts[1]}")
    merged = []
    for place, pieces in enumerate(zip(*split, strict=True)):
        is_string = place % 2 == 1
        told = _piece(pieces, examples, made, is_string=is_string)
        if told is None:
            raise NotRepeatable(f"Nobody knows what differs between {' | '.join(pieces)} in:\n{texts[0]}")
        merged.append(told)
    return "".join(merged)


def _piece(pieces: Sequence[str], examples: Sequence[Example], made: _Made, *, is_string: bool) -> str | None:
    """A string, or what stands between two. In a string (a moment, a hash, a name) what has no meaning stays as it
    was; None where it would matter."""
    split = [_TOKEN.split(piece) for piece in pieces]
    if any(one[::2] != split[0][::2] for one in split):
        return pieces[0] if is_string else None
    merged: list[str] = []
    for place, tokens in enumerate(zip(*split, strict=True)):
        if place % 2 == 0 or len(set(tokens)) == 1:
            merged.append(tokens[0])
            continue
        meant = _meaning(tokens, examples, made)
        if meant is not None and _WORD.match(split[0][place + 1]):
            meant = None  # a part of a word, all of which pgbench would take for the variable's name
        if meant is None and not is_string:
            return None
        merged.append(meant or tokens[0])
    return "".join(merged)


def _meaning(tokens: Sequence[str], examples: Sequence[Example], made: _Made) -> str | None:
    names = [
        name
        for name in examples[0].known
        if all(str(example.known[name]) == token for example, token in zip(examples, tokens, strict=True))
    ]
    if names:
        return f":b_{names[0]}"
    if len(tokens[0]) in (32, 36):  # a key, with dashes or without
        return made.key(tokens[0])
    if not tokens[0].isdecimal() or len(tokens[0]) < ID_DIGITS:
        return None
    # Ids in a list may stand in any order: then what is right for the first example is right.
    first = next((name for name, value in examples[0].known.items() if str(value) == tokens[0]), None)
    return f":b_{first}" if first else made.id(tokens[0])
