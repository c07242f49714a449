import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from astro.kit import tables
from astro.kit.tables import TooManyRows, csv_download, csv_lines, write_xlsx, xlsx_download

NOON = datetime(2026, 11, 22, 19, 5, 59, tzinfo=UTC).astimezone(ZoneInfo("America/Denver"))
ROW = ["Sally", 12, Decimal("64.99"), date(2026, 11, 22), NOON, True, None, gettext_lazy("Pet Owner")]
HEADING = ["name", "punches", "price", "day", "moment", "member", "note", "label"]
DANGEROUS = ["=1+1", "+1 406", "-5", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"]


def read_csv(lines):
    return list(csv.reader(io.StringIO(b"".join(lines).decode("utf-8-sig"), newline="")))


def read_xlsx(heading, rows):
    file = io.BytesIO()
    write_xlsx(file, heading, rows)
    return load_workbook(file).active


def test_csv_is_written_as_spreadsheets_expect_it():
    assert b"".join(csv_lines(HEADING, [ROW])) == (
        b'\xef\xbb\xbf"name","punches","price","day","moment","member","note","label"\r\n'
        b'"Sally",12,64.99,"2026-11-22","2026-11-22 12:05","yes","","Pet Owner"\r\n'
    )


def test_csv_keeps_quotes_commas_line_ends_and_letters():
    cells = ['5" bowl, "big"', "two\r\nlines", "José 🐶", "00012345678905"]
    assert read_csv(csv_lines(["a", "b", "c", "d"], [cells])) == [["a", "b", "c", "d"], cells]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_csv_takes_the_edge_off_formulas_in_cells_and_headings(cell):
    assert read_csv(csv_lines([cell], [[cell]])) == [[f"'{cell}"], [f"'{cell}"]]


def test_csv_leaves_numbers_and_harmless_text_alone():
    assert read_csv(csv_lines(["n", "t"], [[-5, "a=b"], [Decimal("-1.50"), "'quoted"]]))[1:] == [
        ["-5", "a=b"],
        ["-1.50", "'quoted"],
    ]


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_no_text_whatsoever_starts_a_formula_in_csv(cells):
    _heading, written = read_csv(csv_lines(["x"] * len(cells), [cells]))
    assert not any(cell.startswith(tables.FORMULA_STARTS) for cell in written)
    assert [cell.removeprefix("'") for cell in written] == [
        cell.encode(errors="replace").decode().removeprefix("'") for cell in cells
    ]


def test_csv_goes_out_row_by_row():
    taken = []

    def rows() -> Iterator[list[int]]:
        for number in range(3):
            taken.append(number)
            yield [number]

    lines = csv_lines(["n"], rows())
    assert [next(lines), next(lines), taken] == [b"\xef\xbb\xbf", b'"n"\r\n', []]
    assert [next(lines), taken] == [b"0\r\n", [0]]


def test_xlsx_keeps_kinds_and_leading_zeros():
    sheet = read_xlsx([*HEADING, "code", "id"], [[*ROW, "00012345678905", 2**62]])
    assert [cell.value for cell in sheet[1]] == [*HEADING, "code", "id"]
    assert [cell.value for cell in sheet[2]] == [
        "Sally",
        12,
        64.99,
        datetime(2026, 11, 22, tzinfo=UTC).replace(tzinfo=None),
        NOON.replace(tzinfo=None),
        "yes",
        None,
        "Pet Owner",
        "00012345678905",
        "4611686018427387904",
    ]
    formats = [cell.number_format for cell in sheet[2]]
    assert formats == ["@", "General", "General", "yyyy-mm-dd", "yyyy-mm-dd h:mm:ss", "@", "@", "@", "@", "@"]
    assert (sheet.freeze_panes, sheet["A1"].font.bold, sheet["A2"].font.bold) == ("A2", True, False)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-5", "@SUM(A1)", "#N/A", '=HYPERLINK("http://x","y")'])
def test_xlsx_holds_text_as_text(cell):
    made = read_xlsx([cell], [[cell]])
    assert [(made["A1"].value, made["A1"].data_type)] * 2 == [(made["A2"].value, made["A2"].data_type), (cell, "s")]


def test_characters_that_no_sheet_can_hold_are_left_out():
    assert read_xlsx(["a"], [["nul\x00 bell\x07 \ud800 🐶"]])["A2"].value == "nul bell ? 🐶"


def test_xlsx_refuses_more_rows_than_a_sheet_has(monkeypatch):
    monkeypatch.setattr(tables, "XLSX_ROWS", 2)
    assert read_xlsx(["n"], [[1], [2]]).max_row == 3
    with pytest.raises(TooManyRows, match="Export it as CSV"):
        write_xlsx(io.BytesIO(), ["n"], [[1], [2], [3]])


def test_a_sheet_given_up_halfway_leaves_nothing_on_disk(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ValueError, match="2 cells"):
        write_xlsx(io.BytesIO(), ["name"], [["Sally"], ["Betty", "Smith"]])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ([1, 2], ValueError),
        ([NOON.replace(tzinfo=None)], ValueError),
        ([1.5], TypeError),
        ([{"a": 1}], TypeError),
    ],
)
def test_rows_that_do_not_fit_are_mistakes_of_ours(row, error):
    with pytest.raises(error):
        list(csv_lines(["one"], [row]))
    with pytest.raises(error):
        write_xlsx(io.BytesIO(), ["one"], [row])


@pytest.mark.parametrize("download", [csv_download, xlsx_download])
def test_a_download_that_fails_closes_its_file(download, monkeypatch):
    opened = []

    class Remembered(tempfile.SpooledTemporaryFile):
        def __init__(self, **options):
            super().__init__(**options)
            opened.append(self)

    monkeypatch.setattr(tables, "SpooledTemporaryFile", Remembered)
    with pytest.raises(ValueError, match="2 cells"):
        download("cards", ["name"], [["Sally"], ["Betty", "Smith"]])
    assert [file.closed for file in opened] == [True]


@pytest.mark.parametrize(
    ("download", "name", "kind"),
    [(csv_download, "cards.csv", "text/csv; charset=utf-8"), (xlsx_download, "cards.xlsx", tables.XLSX_TYPE)],
)
def test_a_download_is_complete_before_the_view_returns(download, name, kind, monkeypatch, request):
    monkeypatch.setattr(tables, "IN_MEMORY", 1000)
    taken = []

    def rows() -> Iterator[list[str | int]]:
        for number in range(500):
            taken.append(number)
            yield [number, "Punch"]

    response = download("cards", ["n", "what"], rows())
    request.addfinalizer(response.file_to_stream.close)
    assert len(taken) == 500
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Content-Type"] == kind
    body = b"".join(response.streaming_content)
    assert len(body) == int(response["Content-Length"])
    if kind == tables.XLSX_TYPE:
        assert load_workbook(io.BytesIO(body)).active["A501"].value == 499
    else:
        assert body.endswith(b'499,"Punch"\r\n')
