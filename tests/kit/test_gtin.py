import pytest
from hypothesis import given
from hypothesis import strategies as st

from astro.kit.gtin import GtinError, check_digit, display_gtin, to_gtin14

digits = st.text("0123456789")


def digits_of(length):
    return st.text("0123456789", min_size=length, max_size=length)


gtin14s = (
    st.sampled_from([7, 11, 12, 13])
    .flatmap(digits_of)
    .filter(lambda text: text.strip("0"))
    .map(lambda text: (text + check_digit(text)).zfill(14))
)


@pytest.mark.parametrize(
    ("text", "gtin14"),
    [
        # UPC-A, as scanned, as typed, with the zero that some scanners put in front
        ("012345678905", "00012345678905"),
        (" 0 12345 67890 5 ", "00012345678905"),
        ("0-12345-67890-5", "00012345678905"),
        ("0\u00a012345\u00a067890\u20115", "00012345678905"),
        ("0012345678905", "00012345678905"),
        ("00012345678905", "00012345678905"),
        ("]E00012345678905", "00012345678905"),
        # EAN-13, EAN-8, GTIN-14
        ("4006381333931", "04006381333931"),
        ("40170725", "00000040170725"),
        ("00000040170725", "00000040170725"),
        ("10012345678902", "10012345678902"),
        # UPC-E: each of the ways zeros are squeezed out, number systems 0 and 1
        ("04252614", "00042100005264"),
        ("01234505", "00012000003455"),
        ("01234523", "00012200003453"),
        ("01234531", "00012300000451"),
        ("01234543", "00012340000053"),
        ("01234565", "00012345000065"),
        ("12345670", "00123456000070"),
        # an EAN-8 that begins with 1 and is no UPC-E; one that the scanner says is an EAN-8
        ("11234531", "00000011234531"),
        ("]E412345670", "00000012345670"),
        # GS1 element strings
        ("0109506000134352", "09506000134352"),
        ("]C10109506000134352", "09506000134352"),
        ("]d2010950600013435217271231" + "10LOT7\x1d21SERIAL", "09506000134352"),
        ("]Q317271231" + "0109506000134352", "09506000134352"),
        ("]e02001" + "0109506000134352", "09506000134352"),
        ("]C110LOT7\x1d" + "0109506000134352", "09506000134352"),
        ("(01)09506000134352(10)LOT7", "09506000134352"),
        ("(10)LOT7(01) 0950 6000 1343 52", "09506000134352"),
        # GS1 Digital Link
        ("https://id.gs1.org/01/09506000134352", "09506000134352"),
        ("HTTPS://example.com/shop/01/09506000134352/10/LOT7?17=271231", "09506000134352"),
        ("http://example.com/01/012345678905", "00012345678905"),
        ("]Q1https://example.com/01/40170725#more", "00000040170725"),
    ],
)
def test_forms_that_are_read(text, gtin14):
    assert to_gtin14(text) == gtin14


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        ("", "length", "There is no number here. Type the number under the bars."),
        (" - ", "length", "There is no number here. Type the number under the bars."),
        (
            "northpaw",
            "letters",
            "“northpaw” is not a barcode number: there are letters or signs in it. Type the number under the bars.",
        ),
        (
            "1.2E+11",
            "letters",
            "“1.2E+11” is not a barcode number: there are letters or signs in it. Type the number under the bars.",
        ),
        (
            "012345678906",
            "check digit",
            "The last digit of 012345678906 does not fit the others, so one digit is wrong. "
            "Check the number under the bars.",
        ),
        (
            "123456789",
            "length",
            "A barcode number has 8, 12, 13 or 14 digits; 123456789 has 9. Check the number under the bars.",
        ),
        (
            "01234567890",
            "length",
            "01234567890 has 11 digits. It looks like a UPC whose last digit is missing. Try 0 12345 67890 5.",
        ),
        (
            "12345678905",
            "length",
            "12345678905 has 11 digits. It looks like a UPC whose first 0 is missing. Try 0 12345 67890 5.",
        ),
        ("000000000000", "length", "000000000000 is only zeros. Check the number under the bars."),
    ],
)
def test_refusal_says_why_and_what_to_do(text, kind, sentence):
    with pytest.raises(GtinError) as refusal:
        to_gtin14(text)
    assert (refusal.value.kind, str(refusal.value)) == (kind, sentence)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("04252615", "check digit"),
        ("00000017", "check digit"),
        ("40170726", "check digit"),
        ("0109506000134353", "check digit"),
        ("https://id.gs1.org/01/09506000134353", "check digit"),
        ("https://example.com/puppy", "letters"),
        ("https://example.com/?next=/01/09506000134352", "letters"),
        ("https://example.com/01/095060001343521", "letters"),
        ("]C110LOT7", "letters"),
        ("٠١٢٣٤٥٦٧٨٩٠٥", "letters"),
        ("0123456789o5", "letters"),
        ("7" * 10_000, "length"),
        ("x" * 10_000, "letters"),
    ],
)
def test_what_is_refused(text, kind):
    with pytest.raises(GtinError) as refusal:
        to_gtin14(text)
    assert refusal.value.kind == kind
    assert len(str(refusal.value)) < 200


def test_suggestion_is_what_was_meant():
    with pytest.raises(GtinError) as refusal:
        to_gtin14("12345678905")
    assert to_gtin14(refusal.value.suggestion) == "00012345678905"


@pytest.mark.parametrize(
    ("gtin14", "shown"),
    [
        ("00012345678905", "0 12345 67890 5"),
        ("04006381333931", "4 006381 333931"),
        ("00000040170725", "4017 0725"),
        ("00000012345670", "0 00012 34567 0"),
        ("10012345678902", "1 00 12345 67890 2"),
    ],
)
def test_number_is_shown_as_printed(gtin14, shown):
    assert display_gtin(gtin14) == shown


@given(gtin14s)
def test_number_is_itself_and_reads_back_as_shown(gtin14):
    assert to_gtin14(gtin14) == gtin14
    assert to_gtin14(display_gtin(gtin14)) == gtin14


@given(gtin14s, st.integers(0, 13), st.integers(1, 9))
def test_any_one_wrong_digit_is_noticed(gtin14, place, shift):
    wrong = str((int(gtin14[place]) + shift) % 10)
    with pytest.raises(GtinError):
        to_gtin14(gtin14[:place] + wrong + gtin14[place + 1 :])


def outcome(text):
    try:
        return to_gtin14(text)
    except GtinError as refusal:
        return refusal


@given(st.text() | digits)
def test_any_text_is_read_or_refused_in_words(text):
    match outcome(text):
        case GtinError() as refusal:
            assert refusal.kind in ("letters", "length", "check digit")
            assert str(refusal).endswith(".")
        case gtin14:
            assert len(gtin14) == 14
            assert to_gtin14(gtin14) == gtin14


@pytest.mark.parametrize(
    ("text", "digit"), [("01234567890", "5"), ("400638133393", "1"), ("4017072", "5"), ("0950600013435", "2")]
)
def test_check_digit(text, digit):
    assert check_digit(text) == digit
