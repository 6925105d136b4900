"""Tables: what a file says is read, what cannot be read is refused in one sentence, built-in data are as known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.delimited_text import DELIMITERS, MAX_NAME
from core.data.tables import BUILT_IN, HUBBLE, NoisyLine, drawn_rows, read_table
from core.errors import InputError

LAYOUTS = tuple((delimiter, decimal) for delimiter in DELIMITERS for decimal in ".,")
ROWS = [[1.5, -10.0], [2.25, 20.0], [3.0, 30.5]]
NUMBERS = "x,y\n1.5,-10\n2.25,20\n3,30.5\n"


def values(data: bytes) -> list[list[float]]:
    return read_table(data).frame.to_numpy().tolist()


def refusal(data: bytes) -> tuple[str, str]:
    with pytest.raises(InputError) as caught:
        read_table(data)
    return str(caught.value), caught.value.hint


def text(layout: tuple[str, str], rows: list[list[float]], header: str = "") -> bytes:
    delimiter, decimal = layout
    quote = '"' if delimiter == decimal else ""
    lines = [delimiter.join(f"{quote}{cell!r}{quote}".replace(".", decimal) for cell in row) for row in rows]
    return "\n".join([header] * bool(header) + lines).encode()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("header", [True, False])
def test_every_layout_is_read_with_and_without_header(layout, header):
    names = layout[0].join(["width", "height"])
    table = read_table(text(layout, ROWS, names if header else ""))
    assert table.frame.to_numpy().tolist() == ROWS
    assert list(table.frame) == (["width", "height"] if header else ["column 1", "column 2"])


NUMBER = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3) + 0.0625)


@given(st.sampled_from(LAYOUTS), st.lists(st.lists(NUMBER, min_size=3, max_size=3), min_size=3, max_size=8))
def test_what_was_written_is_what_is_read(layout, rows):
    assert values(text(layout, rows, layout[0].join("abc"))) == rows


@st.composite
def columns(draw):
    """Numbers, how they are written with one decimal mark and thousands, and a delimiter."""
    decimal = draw(st.sampled_from(".,"))
    group = draw(st.sampled_from(["", {".": ",", ",": "."}[decimal], " ", "'"]))
    made = []
    for _ in range(draw(st.integers(2, 3))):
        digits, fixed = draw(st.integers(0, 3)), draw(st.booleans())
        numbers = draw(st.lists(st.integers(-(10**6), 10**9), min_size=4, max_size=4))
        plain = [f"{number / 10**digits:,.{digits}f}" for number in numbers]
        cells = [cell if fixed or "." not in cell else cell.rstrip("0").rstrip(".") for cell in plain]
        swap = str.maketrans({",": group, ".": decimal})
        made.append(([float(cell.replace(",", "")) for cell in plain], [cell.translate(swap) for cell in cells]))
    return made, draw(st.sampled_from(",;\t|"))


@settings(max_examples=300)
@given(columns())
def test_numbers_written_in_any_way_are_right_or_the_note_names_both_readings(written):
    made, delimiter = written
    rows = zip(*([f'"{cell}"' for cell in cells] for _, cells in made), strict=True)
    names = [f"n{k}" for k in range(len(made))]
    table = read_table("\n".join(map(delimiter.join, [names, *rows])).encode())
    for name, (numbers, _) in zip(names, made, strict=True):
        doubt = any(note.startswith(f"{name}: ") and " is meant, write " in note for note in table.notes)
        assert doubt or table.frame[name].tolist() == numbers


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_every_encoding_is_read(encoding):
    table = read_table("größe;höhe\n1,5;-10\n2,25;20\n3;30,5\n".encode(encoding))
    assert list(table.frame) == ["größe", "höhe"]
    assert table.frame.to_numpy().tolist() == ROWS


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_read(end):
    assert values(NUMBERS.replace("\n", end).encode()) == ROWS


@pytest.mark.parametrize(
    "data",
    [
        NUMBERS + "\n\n",
        "sep=,\n" + NUMBERS,
        NUMBERS.replace(",", " , "),
        NUMBERS.replace("-", "\u2212"),
        '"x","y"\n"1.5","-10"\n"2.25","20"\n"3","30.5"\n',
        "  x      y\n  1.5  -10\n  2.25  20\n 3 \t 30.5",
        '"x" "y"\n1.5 -10\n2.25 20\n3 30.5',
        "x,y\n1.5e0,-1E1\n225e-2,+20.\n3,30.5",
    ],
)
def test_common_ways_to_write_a_table_give_the_same_numbers(data):
    assert values(data.encode()) == ROWS


def test_r_row_names_do_not_shift_the_header():
    table = read_table(b'"x" "y"\n"1" 1.5 -10\n"2" 2.25 20\n"3" 3 30.5\n')
    assert list(table.frame) == ["column 1", "x", "y"]
    assert table.frame[["x", "y"]].to_numpy().tolist() == ROWS


def test_thousands_in_quotes_are_no_thousandths_and_the_note_names_both_readings():
    table = read_table(b'x,y\n1,"1,234"\n2,"2,345"\n3,"3,456"\n')
    assert table.frame["y"].tolist() == [1234, 2345, 3456]
    assert table.notes == ("y: 1,234 was read as 1234; if 1.234 is meant, write 1.234.",)


@pytest.mark.parametrize(("cell", "value"), [("1.234", 1234), ("12.34", None)])
def test_a_point_beside_decimal_commas_is_not_read_as_one(cell, value):
    rows = "\n".join(f"{i},5;{i * i},25" for i in range(20))
    table = read_table(f"x;y\n{rows}\n{cell};2,5".encode())
    assert table.frame["x"].tolist()[20:] == [value] * (value is not None)
    said = "x: 0,5 was read as 0.5; 1.234 was read as 1234."
    assert (said if value else "Counted as missing: 1 cell with text, “12.34”.") in table.notes


def test_duplicate_and_empty_names_become_unique():
    table = read_table(b"x,x,,x (2)\n1,2,3,4\n5,6,7,8\n9,10,11,13")
    assert list(table.frame) == ["x", "x (2)", "column 3", "x (2) (2)"]


def test_names_are_plain_text_of_bounded_length():
    name = "a" * 500
    table = read_table(f"{name}, {name},\tb\u200b\n1,2,3\n4,5,6\n7,8,9".encode())
    assert max(map(len, table.frame)) <= MAX_NAME
    assert list(table.frame)[2] == "b"
    assert all(name.isprintable() for name in table.frame)


def test_markup_in_a_name_stays_as_it_is():
    assert list(read_table(b"<b>x</b>,$y$\n1,2\n3,4\n5,7").frame) == ["<b>x</b>", "$y$"]


def test_text_columns_are_left_out_and_said():
    table = read_table(b"city,x,y,flag\nUlm,1,2,yes\nBonn,3,4,no\nKiel,5,7,no")
    assert list(table.frame) == ["x", "y"]
    assert table.notes == ("Left out, since it holds text: city (“Ulm”), flag.",)


def test_rows_with_missing_values_are_dropped_and_said():
    table = read_table(b"x,y\n1,2\n,3\n4,NA\n5,nan\n6,inf\n7,?\n8,9\n10,12\n11,13\n12,14\n13,15")
    assert table.frame["x"].tolist() == [1, 8, 10, 11, 12, 13]
    assert table.notes == ("Left out, since a value is missing: 5 of 11 rows.",)


def test_a_number_too_large_for_a_float_counts_as_missing():
    table = read_table(b"x,y\n1,1e999\n2,3\n4,5\n6,8")
    assert table.frame["y"].tolist() == [3, 5, 8]


def test_a_few_odd_cells_count_as_missing_and_are_said():
    rows = "\n".join(f"{i},{i * i}" for i in range(30))
    table = read_table(f"x,y\nabout 5,5\n{rows}".encode())
    assert len(table.frame) == 30
    assert table.notes == (
        "Counted as missing: 1 cell with text, “about 5”.",
        "Left out, since a value is missing: 1 of 31 rows.",
    )


def test_a_column_that_is_mostly_empty_does_not_cost_its_rows():
    table = read_table(b"x,y,z\n1,2,\n3,4,\n5,7,1")
    assert table.frame.shape == (3, 2)
    assert table.notes == ("Left out, since more than half of it is missing: z.",)


def test_a_decimal_comma_is_said():
    assert read_table(b"1,5;2\n2,5;3\n3,5;5").notes == ("column 1: 1,5 was read as 1.5.",)


def test_whole_numbers_between_semicolons_need_no_decimal_comma():
    assert read_table(b"1;2\n2;3\n3;5").notes == ()


def test_the_digest_is_that_of_the_bytes():
    assert read_table(NUMBERS.encode(), "one").digest == read_table(NUMBERS.encode(), "two").digest
    assert read_table(NUMBERS.encode()).digest != read_table(NUMBERS.encode() + b"\n").digest
    assert read_table(NUMBERS.encode(), "one.csv").name == "one.csv"


EMPTY = "Choose a text file with one row of numbers a line."
DELIMITER = "`data` must have at least two columns of numbers, found no delimiter that separates numbers"
BETWEEN = "Put one row a line, with commas, semicolons, tabs or blanks between the numbers."
SHEET = "Save the sheet as CSV first."
BINARY, AS_CSV = "`data` must be a table of text, got binary data", "Save the table as CSV first."
NAME = "Left out, since it holds text: name (“a”). Write numbers alone into the cells of two columns."
WIDTH = "`data` must have as many cells in every row"
UNEVEN = "Look for a missing or an extra delimiter, or for a quotation mark that is never closed."


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        (b"", "`data` must not be empty", EMPTY),
        (b" \n\t\r\n", "`data` must not be empty", EMPTY),
        (b"\xef\xbb\xbf", "`data` must not be empty", EMPTY),
        ("\ufeff\n".encode("utf-16"), "`data` must not be empty", EMPTY),
        (b"sep=;\n", "`data` must not be empty", EMPTY),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "`data` must be a table of text, got a PNG picture", EMPTY),
        (b"\xff\xfe1", BINARY, AS_CSV),
        (b"\x81\x02\x03", BINARY, AS_CSV),
        (
            b"PK\x03\x04xl/workbook.xml",
            "`data` must be a table of text, got an Excel file (.xlsx)",
            "Save the sheet as CSV first.",
        ),
        (b"x\n1\n2\n3\n4", DELIMITER, BETWEEN),
        (b"name,city\nAnn,Ulm\nBob,Bonn", DELIMITER, BETWEEN),
        (b"hello", DELIMITER, BETWEEN),
        (b"x,name\n1,a\n2,b\n3,c", "`data` must have at least two columns of numbers, got 1", NAME),
        (b"x,y\n1,2\n3,4", "`data` must have at least three complete rows, got 2", "Add rows."),
        (
            b"x,y\n1,2\n,5\n6,",
            "`data` must have at least three complete rows, got 1",
            "Fill in what is missing in 2 rows.",
        ),
        (b"1,2\n3,4\n5,6,7\n8,9", f"{WIDTH}, got 2 in the first and 3 in line 3, blank lines not counted", UNEVEN),
        (b"x,y\n1,2\n3,4\n5,6,7", f"{WIDTH}, got 2 in the first and 3 in line 4, blank lines not counted", UNEVEN),
        (b'x,y\n1,2\n3,4\n"5,6\n7,8', f"{WIDTH}, got a quotation mark that is never closed", UNEVEN),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(data, message, hint):
    assert refusal(data) == (message, hint)


def test_more_than_ten_megabytes_are_refused():
    assert refusal(b"1,2\n" * 3_000_000)[0] == "`data` must be at most 10 MB, got 11.4 MB"


def test_two_hundred_thousand_rows_are_read_and_one_more_is_refused():
    assert len(read_table(b"x,y\n" + b"1,2\n" * 200_000).frame) == 200_000
    assert refusal(b"x,y\n" + b"1,2\n" * 200_001)[0] == "`data` must have at most 200,000 rows, got 200,001"
    assert refusal(b"1,2\n" * 200_001)[0] == "`data` must have at most 200,000 rows, got 200,001"


def test_more_than_a_thousand_columns_are_refused():
    assert refusal(b",".join([b"1"] * 1001))[0] == "`data` must have at most 1,000 columns, got 1,001"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_an_input_error(data):
    try:
        frame = read_table(data).frame
    except InputError:
        return
    assert np.isfinite(frame.to_numpy()).all()


@given(st.text("0123456789.,;\t|\"' -eE\nNAx\\", max_size=120))
def test_any_text_is_a_table_or_an_input_error(data):
    try:
        frame = read_table(data.encode()).frame
    except InputError:
        return
    assert np.isfinite(frame.to_numpy()).all()
    assert frame.shape >= (3, 2)


def test_the_articles_points_come_out():
    frame = NoisyLine().draw().frame
    assert list(frame) == ["x", "y"]
    assert frame["x"].tolist() == np.linspace(0, 10, 50).tolist()
    generator = np.random.RandomState(42)
    assert frame["y"].tolist() == (3 * frame["x"] + 2 + generator.randn(50) * 2).tolist()


def test_drawing_leaves_the_global_generator_alone():
    before = np.random.get_state()[1].tolist()
    NoisyLine().draw()
    assert np.random.get_state()[1].tolist() == before


def test_equal_settings_give_equal_digests():
    assert NoisyLine().draw().digest == NoisyLine().draw().digest
    assert NoisyLine().draw().digest != NoisyLine(seed=43).draw().digest


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"n": 2}, "`n` must be a whole number from 3 to 10,000, got 2"),
        ({"n": 10_001}, "`n` must be a whole number from 3 to 10,000, got 10,001"),
        ({"n": 5.0}, "`n` must be a whole number from 3 to 10,000, got 5.0"),
        ({"n": True}, "`n` must be a whole number from 3 to 10,000, got True"),
        ({"noise": -1.0}, "`noise` must be a number from 0 to 1,000,000, got −1.0"),
        ({"slope": float("nan")}, "`slope` must be a number from −1,000,000 to 1,000,000, got nan"),
        ({"intercept": float("inf")}, "`intercept` must be a number from −1,000,000 to 1,000,000, got inf"),
        ({"low": 10.0}, "`high` must exceed `low` by at least 0.001, got 10.0 to 10.0"),
        ({"seed": -1}, "`seed` must be a whole number from 0 to 4,294,967,295, got −1"),
        ({"seed": 2**32}, "`seed` must be a whole number from 0 to 4,294,967,295, got 4,294,967,296"),
    ],
)
def test_settings_outside_their_range_are_refused(setting, message):
    with pytest.raises(InputError) as caught:
        NoisyLine(**setting)
    assert str(caught.value) == message


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_the_ends_of_the_range_of_seeds_draw(seed):
    assert np.isfinite(NoisyLine(seed=seed, n=3).draw().frame.to_numpy()).all()


@pytest.mark.parametrize(
    ("slug", "columns", "rows"),
    [
        ("article", ["x", "y"], 50),
        ("diabetes", ["bmi", "progression"], 442),
        ("hubble", ["distance_mpc", "velocity_km_s"], 24),
    ],
)
def test_every_built_in_table_has_two_columns(slug, columns, rows):
    frame = BUILT_IN[slug].read().frame
    assert list(frame) == columns
    assert len(frame) == rows


def test_diabetes_has_its_own_units():
    frame = BUILT_IN["diabetes"].read().frame
    assert frame.iloc[0].tolist() == [32.1, 151.0]
    assert frame["bmi"].between(15, 45).all()


def test_the_names_of_the_nebulae_are_left_out():
    table = BUILT_IN["hubble"].read()
    assert table.notes == ("Left out, since it holds text: nebula (“S.Mag.”).",)
    assert table.frame.iloc[0].tolist() == [0.032, 170.0]
    assert table.digest == read_table(HUBBLE.read_bytes()).digest


def test_a_small_table_is_drawn_whole_and_nothing_is_said():
    rows, note = drawn_rows(2000)
    assert rows.tolist() == list(range(2000))
    assert note == ""


def test_a_large_table_is_drawn_as_a_stated_sample_in_its_order():
    rows, note = drawn_rows(150_000)
    assert note == "2,000 of 150,000 rows are drawn; the fits use every row."
    assert len(rows) == 2000
    assert (np.diff(rows) > 0).all()
    assert rows[-1] < 150_000
    np.testing.assert_array_equal(rows, drawn_rows(150_000)[0])
