"""What one row says of a person: cells in, a `Person` out, or sentences about what is to be mended.

Nothing is guessed that could be wrong: a number that a spreadsheet shortened (4.06555E+09) is given back, a phone that
lost digits too; what has one reading only (a ZIP code that lost its zero) is mended.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from astro.customers.actions.bulk import Person, Word
from astro.customers.addresses import Home, read_address
from astro.customers.details import Details, read_email, read_internal_id, read_name, read_note, read_phone
from astro.customers.errors import DetailError
from astro.customers.models import LABEL_LENGTH, Act, Channel, PetKind
from astro.customers.pets import PetDetails, read_pet
from astro.importer.dates import When, read_when
from astro.importer.meanings import CARDS, LABELS, PETS
from astro.kit.folding import fold
from astro.kit.tables import FORMULA_STARTS

MOST_TAGS = 20
MOST_PUNCHES = 99
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,2}")
_FAILED = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_YES = frozenset(
    {
        "yes",
        "y",
        "true",
        "t",
        "1",
        "x",
        "opted in",
        "opt in",
        "opted-in",
        "subscribed",
        "accepted",
        "on",
        "si",
        "oui",
        "ok",
        "active",
    }
)
_NO = frozenset(
    {"no", "n", "false", "f", "0", "opted out", "opt out", "opted-out", "unsubscribed", "stop", "off", "never"}
)
_KINDS = {
    PetKind.DOG: "dog dogs canine puppy k9 perro chien",
    PetKind.CAT: "cat cats feline kitten kitty gato chat",
    PetKind.BIRD: "bird birds avian parrot parakeet budgie cockatiel finch chicken chickens poultry",
    PetKind.FISH: "fish aquatic aquarium goldfish betta",
    PetKind.SMALL: "small rabbit bunny hamster gerbil ferret rat mouse chinchilla guinea rodent",
    PetKind.REPTILE: "reptile snake lizard turtle tortoise gecko frog amphibian",
    PetKind.HORSE: "horse equine pony donkey",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Manner:
    """How this list is to be taken: chosen once for all of it. `proof` says where a yes can be seen."""

    meanings: tuple[str, ...]
    country: str
    today: date
    upload: str
    last_first: bool = False
    day_first: bool = False
    proof: str = ""


@dataclass(frozen=True, slots=True)
class OldCard:
    """Punches of a paper card that a row brings: what was bought, how often on which days."""

    item: str
    days: tuple[tuple[date, int], ...]
    note: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A row, read: the person, their old cards, and what was left out of it without stopping it."""

    person: Person
    cards: tuple[OldCard, ...] = ()
    left_out: tuple[str, ...] = ()


class BadRow(Exception):
    """A row that cannot be taken; every sentence of what is to be mended in it."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = list(sentences)


def read_row(cells: Sequence[str], manner: Manner) -> Reading:
    """Raises `BadRow` with all that is wrong in it, so that one mending is enough."""
    told = {
        meaning: text
        for meaning, cell in zip(manner.meanings, cells, strict=False)
        if meaning and (text := unguarded(cell))
    }
    row = _Row(told, manner)
    row.refuse_failed_formulas()
    first_name, last_name = row.names()
    details = Details(
        first_name=row.read("first_name", lambda _text: read_name(first_name, "first_name"), given=first_name),
        last_name=row.read("last_name", lambda _text: read_name(last_name, "last_name"), given=last_name),
        phone=row.read("phone", row.phone),
        email=row.read("email", read_email),
        internal_id=row.read("internal_id", row.internal_id),
    )
    reading = Reading(
        person=Person(
            details=details,
            note=row.read("note", read_note),
            home=row.home(),
            pets=tuple(pet for n in range(1, PETS + 1) if (pet := row.pet(n)) is not None),
            tags=row.tags(),
            words=row.words(),
        ),
        cards=tuple(card for n in range(1, CARDS + 1) if (card := row.card(n)) is not None),
        left_out=tuple(row.left_out),
    )
    if not any((details.first_name, details.last_name, details.phone, details.email, details.internal_id)):
        row.wrong.append(_("There is no name, phone or e-mail in this row."))
    if row.wrong:
        raise BadRow(list(dict.fromkeys(row.wrong)))
    return reading


def unguarded(cell: str) -> str:
    """Without space around it, and without the apostrophe that tables of ours put before what looks like a formula."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:2] and text[1:].startswith(FORMULA_STARTS) else text


class _Row:
    """One row being read; `wrong` gathers sentences, `left_out` the names of what is not whole."""

    def __init__(self, told: Mapping[str, str], manner: Manner) -> None:
        self.told, self.manner = told, manner
        self.wrong: list[str] = []
        self.left_out: list[str] = []

    def refuse_failed_formulas(self) -> None:
        for meaning, text in self.told.items():
            if text in _FAILED:
                self.wrong.append(_said(meaning, _("A formula failed here (%(text)s).") % {"text": text}))

    def names(self) -> tuple[str, str]:
        """First and last name; a full name is cut at its comma, else before its last word."""
        first, last = self.told.get("first_name", ""), self.told.get("last_name", "")
        full = self.told.get("full_name", "")
        if not full or (first and last):
            return first, last
        if "," in full:
            family, _comma, given = full.partition(",")
            return first or given.strip(), last or family.strip()
        words = full.split()
        if len(words) == 1:
            self.wrong.append(
                _said("full_name", _("We need a first and a last name: “Smith, Betty” or “Betty Smith”."))
            )
            return first or full, last or full
        if self.manner.last_first:
            return first or " ".join(words[1:]), last or words[0]
        return first or " ".join(words[:-1]), last or words[-1]

    def read(self, meaning: str, read: Callable[[str], str], *, given: str | None = None) -> str:
        text = self.told.get(meaning, "") if given is None else given
        if not text or text in _FAILED:
            return ""
        try:
            return read(text)
        except DetailError as error:
            self.wrong.append(_said(meaning, str(error)))
            return ""

    def phone(self, text: str) -> str:
        _refuse_shortened(text, "phone")
        return read_phone(_without_extension(text), self.manner.country)

    def internal_id(self, text: str) -> str:
        _refuse_shortened(text, "internal_id")
        return read_internal_id(text)

    def home(self) -> Home | None:
        """A whole address, or none: half of one is left out, and told."""
        typed = {name: self.told.get(name, "") for name in ("street", "street2", "city", "region", "postcode")}
        if not any(typed.values()):
            return None
        if not (typed["street"] and typed["city"] and typed["postcode"]):
            self.left_out.append("address")
            return None
        if self.manner.country == "US" and re.fullmatch(r"\d{3,4}", typed["postcode"]):
            typed["postcode"] = typed["postcode"].zfill(5)  # a spreadsheet took the zero; there is one reading only
        try:
            return read_address(typed, country=self.manner.country)
        except DetailError as error:
            self.wrong.append(_said(error.field or "street", str(error)))
            return None

    def pet(self, n: int) -> PetDetails | None:
        told = {part: self.told.get(f"pet{n}_{part}", "") for part in ("name", "kind", "breed", "birthday", "age")}
        if not any(told.values()):
            return None
        kind, breed = _kind_of(told["kind"]), told["breed"]
        when: When | None = When(None)
        if told["birthday"]:
            when = read_when(told["birthday"], day_first=self.manner.day_first, today=self.manner.today)
            if when is None:
                self.wrong.append(
                    _said(f"pet{n}_birthday", _("“%(text)s” is no day that we can read. Write it like 2021-05-03."))
                    % {"text": told["birthday"][:40]}
                )
                return None
        age = re.match(r"\d{1,3}(?=\D|$)", told["age"]) if told["age"] else None
        assert when is not None
        try:
            return read_pet(
                name=told["name"],
                kind=kind,
                breed=breed or (told["kind"] if kind == PetKind.OTHER and not _is_word_for_other(told["kind"]) else ""),
                age=int(age[0]) if age else None,
                birth_year=when.year,
                birth_month=when.month,
                birth_day=when.day,
                today=self.manner.today,
            )
        except DetailError as error:
            part = {"birth_year": "birthday", "birth_month": "birthday", "birth_day": "birthday"}
            self.wrong.append(_said(f"pet{n}_{part.get(error.field or '', error.field or 'name')}", str(error)))
            return None

    def tags(self) -> tuple[str, ...]:
        labels: dict[str, str] = {}
        for label in re.split(r"[,;|]", self.told.get("tags", "")):
            line = " ".join(label.split())
            if fold(line):
                labels.setdefault(fold(line), line)
        if any(len(label) > LABEL_LENGTH or len(folded) > LABEL_LENGTH for folded, label in labels.items()):
            self.wrong.append(_said("tags", _("A tag can have 40 characters. Put commas between them.")))
        if len(labels) > MOST_TAGS:
            self.wrong.append(_said("tags", _("A customer can get 20 tags from a row.")))
        return tuple(labels.values())

    def words(self) -> dict[str, Word]:
        found: dict[str, Word] = {}
        for channel, meaning in ((Channel.TEXT, "text_yes"), (Channel.EMAIL, "email_yes")):
            text = self.told.get(meaning, "")
            if not text:
                continue
            said = self.yes_or_no(text)
            if said is None:
                self.wrong.append(_said(meaning, _("Write yes, no, or the day of the yes, like 2021-05-03.")))
                continue
            evidence = {"upload": self.manner.upload, "column": str(LABELS[meaning]), "value": text[:100]}
            if said and not self.manner.proof:
                self.left_out.append("yes")  # nobody vouches for it: they are not messaged
                continue
            if said:
                evidence["proof"] = self.manner.proof
            found[str(channel)] = Word(Act.YES if said else Act.STOP, evidence)
        return found

    def yes_or_no(self, text: str) -> bool | None:
        """A day is a yes of that day, unless it is still to come."""
        plain = fold(text)
        if plain in _YES or plain in _NO:
            return plain in _YES
        when = read_when(text, day_first=self.manner.day_first, today=self.manner.today)
        day = when.as_date() if when else None
        return True if day is not None and day <= self.manner.today else None

    def card(self, n: int) -> OldCard | None:
        told = {part: self.told.get(f"card{n}_{part}", "") for part in ("item", "count", "dates", "note")}
        if not told["item"] and not told["count"]:
            return None
        if told["count"] in ("0", "0.0"):
            return None
        if not told["item"]:
            self.wrong.append(_said(f"card{n}_item", _("Write what was bought: its UPC, or the name of the card.")))
            return None
        if _SHORTENED.fullmatch(told["item"]):
            self.wrong.append(_said(f"card{n}_item", _shortened(told["item"])))
            return None
        count = told["count"].removesuffix(".0") or "1"
        if not count.isascii() or not count.isdigit() or not 1 <= int(count) <= MOST_PUNCHES:
            self.wrong.append(_said(f"card{n}_count", _("Write how many punches, from 1 to 99.")))
            return None
        days = self.days(n, told["dates"], int(count))
        if days is None:
            return None
        return OldCard(told["item"], days, " ".join(told["note"].split())[:200])

    def days(self, n: int, text: str, count: int) -> tuple[tuple[date, int], ...] | None:
        """So many punches on these days: one day for all, or a day for each."""
        sentence = _("Write the day bought like 2021-05-03: one for all punches, or one for each with ; between.")
        parts = [part.strip() for part in re.split(r"[;|\n]", text) if part.strip()]
        read = [read_when(part, day_first=self.manner.day_first, today=self.manner.today) for part in parts]
        days = [day for when in read if when is not None and (day := when.as_date()) is not None]
        if len(days) != len(parts) or len(days) not in (1, count):
            self.wrong.append(_said(f"card{n}_dates", sentence))
            return None
        if any(day > self.manner.today for day in days):
            self.wrong.append(_said(f"card{n}_dates", _("This day is still to come.")))
            return None
        if len(days) == 1:
            return ((days[0], count),)
        return tuple(sorted((day, days.count(day)) for day in set(days)))


def _said(meaning: str, sentence: str) -> str:
    """A sentence with the name of the column before it: a row has many."""
    return f"{LABELS.get(meaning, meaning)}: {sentence}"


def _refuse_shortened(text: str, field: str) -> None:
    if _SHORTENED.fullmatch(text):
        raise DetailError(_shortened(text), field=field)


def _shortened(text: str) -> str:
    return _("A spreadsheet shortened this number to %(text)s. Format the column as text and type it again.") % {
        "text": text[:40]
    }


def _without_extension(text: str) -> str:
    """“406-555-0142 (cell)”: a word behind the number that says what it is."""
    return re.sub(r"\s*[\(\[]?\s*(?:cell|mobile|home|work|c|m|h|w)\s*\.?\s*[\)\]]?$", "", text, flags=re.IGNORECASE)


def _kind_of(text: str) -> str:
    if not text:
        return ""
    words = fold(text).split()
    return next((str(_KIND_OF[word]) for word in words if word in _KIND_OF), str(PetKind.OTHER))


def _is_word_for_other(text: str) -> bool:
    return fold(text) in {"other", "others", "unknown", "n/a", "none", "exotic"}
