"""Files as real stores have them, and files as nobody should have them."""

import datetime as dt
import io
import random
import tracemalloc
import zipfile

import openpyxl
import pytest

from astro.importer.errors import Unreadable
from astro.importer.meanings import is_known
from astro.importer.reading import xlsx_rows
from astro.importer.reading.tables import COLUMNS_MOST, examine, rows_of

NOISE = random.Random(4).randbytes(40_000)  # noqa: S311 - the same in every run
HEAD = "First Name,Last Name,Email"


def read(data):
    """The layout and the rows of a file; a layout survives being kept as JSON."""
    file = io.BytesIO(data)
    layout = examine(file, is_known=is_known)
    assert type(layout).of_json(layout.as_json()) == layout
    return layout, list(rows_of(file, layout))


def cells(data):
    return [row.cells for row in read(data)[1]]


def refusal(data):
    with pytest.raises(Unreadable) as caught:
        read(data)
    return str(caught.value)


def workbook(rows, *, change=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(data, name, content, *, compress=zipfile.ZIP_DEFLATED):
    """The workbook with one part of it replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", compress) as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry.filename, old.read(entry))
        with new.open(name, "w", force_zip64=True) as part:
            for piece in content:
                part.write(piece)
    return made.getvalue()


@pytest.mark.parametrize("letters", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_letters_separators_and_line_ends(letters, separator, end):
    lines = [["First Name", "Last Name", "Note"], ["Zoë", "Ångström", f"a{separator} b"], ["Ann", "O'Neil", "“x”"]]
    text = end.join(separator.join(f'"{cell}"' if separator in cell else cell for cell in line) for line in lines) + end
    assert cells(text.encode(letters)) == lines[1:]


@pytest.mark.parametrize("before", range(10))
def test_the_heading_stands_anywhere_in_the_first_ten_rows(before):
    top = "".join(f"Customers of 2024 part {number},,\n" for number in range(before))
    layout, rows = read(f"{top}{HEAD}\nAnn,Smith,a@example.com\n".encode())
    assert layout.headings == ("First Name", "Last Name", "Email")
    assert [(row.number, row.cells) for row in rows] == [(before + 2, ["Ann", "Smith", "a@example.com"])]


def test_a_list_without_a_heading_names_its_columns_by_number():
    layout, rows = read(b"Ann,Smith,(406) 555-2142\nBen,Ortiz,\n")
    assert layout.headings == ("Column 1", "Column 2", "Column 3")
    assert len(rows) == 2


def test_a_heading_in_words_nobody_knows_is_still_one():
    layout, rows = read("Étunimi,Sukunimi\nAnn,Smith\n".encode())
    assert (layout.headings, len(rows)) == (("Étunimi", "Sukunimi"), 1)


def test_what_excel_writes_before_a_list_is_no_row():
    assert cells(f"sep=;\n{HEAD.replace(',', ';')}\nAnn;Smith;\n".encode()) == [["Ann", "Smith", ""]]


def test_quotes_lines_within_cells_and_quotes_within_words():
    text = f'{HEAD}\n"Ann ""Annie""","Smith\nJones",a@example.com\nBen 5" tall,Ortiz,\n'
    assert cells(text.encode()) == [['Ann "Annie"', "Smith\nJones", "a@example.com"], ['Ben 5" tall', "Ortiz", ""]]


def test_blank_rows_are_passed_over_and_counted():
    assert [row.number for row in read(f"{HEAD}\n\n,,\nAnn,Smith,\n".encode())[1]] == [4]


def test_a_quote_that_is_never_closed_costs_one_row():
    rows = read(f'{HEAD}\nAnn,Smith,\n"Ben,Ortiz,\n'.encode() + b"Cy,Young,\n" * 500)[1]
    assert [row.number for row in rows if row.trouble] == [3]
    assert len(rows) == 502
    assert "never closed" in next(row.trouble for row in rows if row.trouble)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Ann,Smith,a@example.com,more", "more cells than the heading"),
        (f"{'x' * 10_000},Smith,", "far too long"),
        (f"{'x' * 200_000},Smith,", "far too long"),
        ("An\x00n,Smith,", "invisible control character"),
        ("An\ufffdn,Smith,", "cannot be read"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(row, told):
    rows = read(f"{HEAD}\n{row}\nBen,Ortiz,\n".encode())[1]
    assert told in rows[0].trouble
    assert all(len(cell) <= 2_000 for cell in rows[0].cells)
    assert rows[1].cells == ["Ben", "Ortiz", ""]


def test_a_short_row_is_filled_up():
    assert cells(f"{HEAD}\nAnn,Smith\nBen,Ortiz,\n".encode())[0] == ["Ann", "Smith", ""]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 600, "old Excel file"),
        (b"%PDF-1.7\n", "no list"),
        (b"<html><table><tr><td>Ann</td></tr></table></html>", "web page"),
        (b'<?xml version="1.0"?><Workbook/>', "web page"),
        (NOISE, "no list that we can read"),
        (b"\xff\xfe\x00\x00" + "First".encode("utf-32-le"), "how this text is written"),
        (b"PK\x03\x04" + NOISE[:4_000], "damaged"),
        ((",".join(f"c{n}" for n in range(50_000)) + "\n").encode(), "200 columns"),
        ((",".join(f"c{n}" for n in range(COLUMNS_MOST + 1)) + "\n").encode(), "200 columns"),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence(data, told):
    assert told in refusal(data)


def test_a_workbook_is_read_as_a_person_would_type_it():
    data = workbook(
        [
            ["First name", "Phone", "Pet birthday", "Note"],
            ["Ann", 4065552142, dt.datetime(2021, 5, 3), True],  # noqa: DTZ001 - a cell has no zone
            ["Ben", 4065552143.0, dt.date(2020, 1, 2), 1.5],
            [None, None, None, None],
            ["Cy", "0042", "May 2019", "=1+1"],
        ]
    )
    assert cells(data) == [
        ["Ann", "4065552142", "2021-05-03", "yes"],
        ["Ben", "4065552143", "2020-01-02", "1.5"],
        ["Cy", "0042", "May 2019", ""],
    ]


def test_hidden_sheets_are_passed_over():
    def hide(book):
        book.create_sheet("List").append(["First name"])
        book["List"].append(["Ann"])
        book.worksheets[0].sheet_state = "hidden"

    assert cells(workbook([["something else"]], change=hide)) == [["Ann"]]


def test_a_sheet_that_says_it_is_endless_is_read_as_far_as_it_goes():
    data = workbook([["First name"], ["Ann"]])
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    far = '<row r="99999999999"><c r="A99999999999" t="inlineStr"><is><t>Far</t></is></c></row></sheetData>'
    assert cells(with_part(data, "xl/worksheets/sheet1.xml", [sheet.replace("</sheetData>", far).encode()])) == [
        ["Ann"]
    ]


def zeros(megabytes):
    return (b"0" * 1024 * 1024 for _ in range(megabytes))


BILLION = (
    b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><sst>&b;</sst>"""
)


def test_workbooks_that_are_traps_are_refused(monkeypatch):
    data = workbook([["First name"], ["Ann"]])
    monkeypatch.setattr(xlsx_rows, "UNPACKED_MOST", 20 * 1024 * 1024)
    monkeypatch.setattr(xlsx_rows, "WORDS_MOST", 5 * 1024 * 1024)
    bomb = with_part(data, "xl/worksheets/sheet1.xml", zeros(40))
    assert len(bomb) < 100_000
    assert "far larger inside" in refusal(bomb)
    assert "far larger inside" in refusal(with_part(data, "xl/sharedStrings.xml", zeros(6)))
    assert "no workbook should" in refusal(with_part(data, "xl/sharedStrings.xml", [BILLION]))
    wide = BILLION.decode().replace('version="1.0"', 'version="1.0" encoding="utf-16"').encode("utf-16")
    assert "no workbook should" in refusal(with_part(data, "xl/sharedStrings.xml", [b" " * 262_140, wide]))
    many = io.BytesIO(data)
    with zipfile.ZipFile(many, "a") as archive:
        for number in range(2_100):
            archive.writestr(f"xl/x{number}.xml", "")
    assert "far larger inside" in refusal(many.getvalue())


def test_a_locked_part_and_other_packed_files_are_refused():
    data = bytearray(workbook([["First name"], ["Ann"]]))
    start = data.rfind(b"PK\x01\x02", 0, data.rfind(b"xl/workbook.xml"))
    data[start + 8] |= 1
    assert "password" in refusal(bytes(data))
    for name, told in (("content.xml", "OpenDocument"), ("word/document.xml", "Word"), ("list.csv", "no workbook")):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("mimetype", "x")
            archive.writestr(name, "x")
        assert told in refusal(file.getvalue())


LIST = f'{HEAD}\r\nZoë,"Ortiz, ""Z"" B",zoe@example.com\r\nAnn,"Smith\nJones",\r\nBen,Young,ben@example.com\r\n'


@pytest.mark.parametrize("letters", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_text_cut_at_any_byte_gives_no_half_row(letters):
    data = LIST.encode(letters)
    whole = cells(data)
    for cut in range(len(data)):
        try:
            rows = read(data[:cut])[1]
        except Unreadable:
            continue
        if read(data[:cut])[0].headings != ("First Name", "Last Name", "Email"):
            continue  # cut within the heading: no row is there yet
        for place, row in enumerate(rows):
            if row.trouble or row.cells == whole[place]:
                continue
            # Nobody can tell a list cut in its last cell from one that never had a last line end: so it is said.
            assert row.is_open
            assert row.cells[:-1] == whole[place][:-1]
            assert whole[place][-1].startswith(row.cells[-1])


def test_a_workbook_cut_at_any_byte_is_refused_or_whole():
    data = workbook([["First name", "Last name"], ["Ann", "Smith"]])
    for cut in range(0, len(data), 7):
        try:
            assert cells(data[:cut]) == [["Ann", "Smith"]]
        except Unreadable:
            continue


def test_noise_in_any_place_ends_in_rows_or_a_sentence():
    rng = random.Random(20261122)  # noqa: S311 - the same in every run
    texts = [LIST.encode(), LIST.encode("utf-16"), workbook([["First name", "Phone"], ["Ann", 4065552142]] * 3)]
    for _ in range(400):
        data = bytearray(rng.choice(texts))
        for _ in range(rng.randint(1, 30)):
            data[rng.randrange(len(data))] = rng.choice(b'\x00\xff",;\n\r\t<>&PK' + bytes([rng.randrange(256)]))
        try:
            _layout, rows = read(bytes(data))
        except Unreadable:
            continue
        assert all(isinstance(cell, str) for row in rows for cell in row.cells)


class Endless(io.RawIOBase):
    """A list of so many bytes that is made while it is read."""

    def __init__(self, size):
        super().__init__()
        self.size, self.place = size, 0
        self.line = b"Ann,Smith,ann@example.com,1 Main Street,Kalispell\r\n"
        self.head = b"First,Last,Email,Street,City".ljust(len(self.line) - 2) + b"\r\n"

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=0):
        self.place = {0: 0, 1: self.place, 2: self.size}[whence] + offset
        return self.place

    def tell(self):
        return self.place

    def readinto(self, buffer):
        if self.place >= self.size:
            return 0
        number, within = divmod(self.place, len(self.line))
        data = ((self.line if number else self.head)[within:] + self.line * 1200)[: len(buffer)]
        data = data[: self.size - self.place]
        buffer[: len(data)] = data
        self.place += len(data)
        return len(data)


def test_memory_stays_flat_whatever_the_length():
    def peak(size):
        file = io.BufferedReader(Endless(size), buffer_size=65_536)
        tracemalloc.start()
        layout = examine(file, is_known=is_known)
        count = sum(1 for _row in rows_of(file, layout))
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return count, most

    small, peak_of_small = peak(51 * 2_000)
    large, peak_of_large = peak(51 * 100_000)
    assert (small, large) == (1_999, 99_999)
    assert peak_of_large < peak_of_small * 1.5
    assert peak_of_large < 3_000_000
