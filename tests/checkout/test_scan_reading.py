"""What the browser makes of a scan is what Python makes of it: barcode numbers and codes of our own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from astro.kit.codes import ALPHABET, NUMBERS, is_own_code, make_code
from astro.kit.gtin import GtinError, check_digit, to_gtin14

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def reader(module_site):
    return module_site.open("")


FORMS = [
    *("012345678905", " 0 12345 67890 5 ", "0-12345-67890-5", "0012345678905", "00012345678905", "]E00012345678905"),
    *("4006381333931", "40170725", "10012345678902", "04252614", "01234505", "01234523", "01234531", "01234543"),
    *("01234565", "12345670", "11234531", "]E412345670", "0109506000134352", "]C10109506000134352", "]Q3", "]", "]C1"),
    *("]d201095060001343521727123110LOT7\x1d21S", "]Q3172712310109506000134352", "]C110LOT7\x1d0109506000134352"),
    *("(01)09506000134352(10)LOT7", "(10)LOT7(01) 0950 6000 1343 52", "(01)09506000134353", "01095060001343"),
    *("https://id.gs1.org/01/09506000134352", "HTTPS://example.com/a/01/09506000134352/10/LOT7?17=271231"),
    *("http://example.com/01/012345678905#more", "https://example.com/01/40170725", "https://example.com/puppy"),
    *("https://example.com/?next=/01/09506000134352", "https://example.com/01/095060001343521", "https://"),
    *(
        "",
        " - ",
        "northpaw",
        "1.2E+11",
        "012345678906",
        "04252615",
        "00000017",
        "40170726",
        "000000000000",
        "01234567890",
    ),
    *("12345678905", "٠١٢٣٤٥٦٧٨٩٠٥", "0123456789o5", "\x1d0109506000134352", "012345678905\x1d", "\n012345678905\n"),
]


def in_python(text):
    try:
        return to_gtin14(text)
    except GtinError as refusal:
        return refusal.kind


def in_browser(page, texts):
    read = page.evaluate(
        """async texts => {
          const { readScan, gtin14 } = await import("/checkout/scan.js");
          return texts.map((text) => [readScan(text).gtin ?? readScan(text).problem, gtin14(text)]);
        }""",
        texts,
    )
    assert [gtin for _, gtin in read] == [one if one[0].isdigit() else None for one, _ in read]
    return [one for one, _ in read]


def test_browser_reads_the_table_as_python_does(reader):
    assert dict(zip(FORMS, in_browser(reader, FORMS), strict=True)) == {text: in_python(text) for text in FORMS}


with_check_digit = st.text("0123456789", min_size=7, max_size=13).map(lambda text: text + check_digit(text))
numbers = st.one_of(
    with_check_digit,
    with_check_digit.map(lambda text: text.zfill(14)),
    st.text("01", max_size=1).flatmap(lambda zero: st.text("0123456789", min_size=7, max_size=7).map(zero.__add__)),
    st.text("0123456789", max_size=20),
)
forms = st.one_of(
    numbers,
    st.builds(
        str.__add__, st.sampled_from(["01", "]C101", "(01)", "1727123101", "\x1d01", "]E0", "]E4", "]Q1"]), numbers
    ),
    st.builds(
        "https://example.com/01/{}{}".format, numbers, st.sampled_from(["", "/", "/10/A", "?a=/01/1", "#x", "x"])
    ),
    st.text("0123456789 -()]CEd\x1d\u00a0/", max_size=24),
    st.text(max_size=24),
)


@settings(max_examples=10, deadline=None)
@given(texts=st.lists(forms, min_size=40, max_size=60))
def test_browser_reads_anything_as_python_does(reader, texts):
    assert list(zip(texts, in_browser(reader, texts), strict=True)) == [(text, in_python(text)) for text in texts]


def own_codes_in_browser(page, texts):
    return page.evaluate(
        """async texts => {
          const { ownCode } = await import("/checkout/scan.js");
          return texts.map((text) => ownCode(text));
        }""",
        texts,
    )


letters = st.sampled_from([character for character in ALPHABET if character.isalpha()])
codes = st.builds(lambda letter, number: make_code(letter, number=number), letters, st.integers(0, NUMBERS - 1))
near_codes = st.builds(
    lambda code, place, character: code[:place] + character + code[place + 1 :],
    codes,
    st.integers(0, 11),
    st.sampled_from(ALPHABET + "ILOU -*"),
)


@settings(max_examples=10, deadline=None)
@given(texts=st.lists(codes | near_codes | st.text(ALPHABET, min_size=12, max_size=12), min_size=40, max_size=60))
def test_browser_knows_our_codes_as_python_does(reader, texts):
    assert own_codes_in_browser(reader, texts) == [text if is_own_code(text) else None for text in texts]
