"""Files that are damaged or traps end in one sentence, and cost little."""

import io
import re
import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.data.picture_sets import class_folders, read_picture_set
from core.errors import InputError

NOISE = np.random.default_rng(0).integers(0, 256, (12, 5, 4, 3), dtype=np.uint8)


def png(pixels=NOISE[0]):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png")
    return buffer.getvalue()


def zip_of(files, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def npz_of(**arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def npy(header, body=b"", version=b"\x01\x00"):
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text + body


ZIP = zip_of((f"{'ab'[k % 2]}/{k}.png", png(picture)) for k, picture in enumerate(NOISE))
NPZ = npz_of(X=NOISE, y=np.arange(12) % 2)
CSV = b"label,p,p,p,p\n" + b"\n".join(b"%d,%d,20,30,40" % (k % 2, k) for k in range(12))
VALID = {"zip": ZIP, "npz": NPZ, "csv": CSV}
LABELS = npy("{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }", np.arange(3).tobytes())


def refusal(data):
    with pytest.raises(InputError) as caught:
        read_picture_set(data)
    assert caught.value.hint
    return str(caught.value)


def peak(data):
    """The most memory that reading takes, in bytes, whatever comes of it."""
    tracemalloc.start()
    try:
        read_picture_set(data)
    except InputError:
        pass
    finally:
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return most


# Zips


def test_a_bomb_is_refused_before_anything_is_unpacked():
    bomb = zip_of((f"a/{k}.png", bytes(4_000_000)) for k in range(8))
    assert re.fullmatch(
        "`pictures` must not unpack to more than 200 times its size, got 1,0[0-9]+ times", refusal(bomb)
    )
    assert peak(bomb) < 2_000_000


def test_more_than_twenty_thousand_entries_are_refused_by_their_count():
    data = zip_of(((f"a/{k}", b"") for k in range(20_001)), zipfile.ZIP_STORED)
    assert refusal(data) == "`pictures` must be a zip of at most 20,000 files, got 20,001"
    assert peak(data) < 2_000_000


def test_a_long_table_is_refused_before_it_is_read():
    data = zip_of((f"a/{'x' * 60_000}{k}.png", b"") for k in range(80))
    assert refusal(data) == "`pictures` must have a table of at most 4 MB in its zip"
    assert peak(data) < 10_000_000


def test_a_file_that_unpacks_to_more_than_it_declares_is_left_out():
    content = png(np.zeros((400, 400), np.uint8)) + bytes(3_000_000)
    data = bytearray(zip_of([("a/1.png", content), ("a/2.png", png())]))
    place = data.index(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 600)
    found = read_picture_set(bytes(data))
    assert found.counts == (1,)
    assert found.notes == ("Left out, since no whole PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF picture: 1 file.",)
    assert peak(bytes(data)) < 2_000_000


def test_links_ways_out_doubles_large_and_encrypted_files_are_left_out():
    link = zipfile.ZipInfo("a/link.png")
    link.external_attr = 0o120777 << 16
    large = np.random.default_rng(0).bytes(4 * 2**20 + 1)
    files = [("a/1.png", png()), ("a/1.jpg", png()), ("a/../../etc/x.png", png()), ("/a/root.png", png())]
    files += [("C:/a/drive.png", png()), (link, b"/etc/passwd"), ("a/large.png", large), ("a/2.png", png())]
    data = bytearray(zip_of(files, zipfile.ZIP_STORED).replace(b"a/1.jpg", b"a/1.png"))
    second = data.rindex(b"PK\x01\x02")
    data[second + 8] |= 1
    with pytest.raises(InputError) as caught:
        read_picture_set(bytes(data))
    assert str(caught.value) == (
        "`pictures` must be a zip with a folder of pictures for each class, got no picture in a folder"
    )
    assert set(caught.value.hint.split(". ")) == {
        "Left out, since the name is there twice: 2 files",
        "Left out, since the path leads out of the zip: 3 files",
        "Left out, since a link: 1 file",
        "Left out, since larger than 4 MB: 1 file",
        "Left out, since encrypted: 1 file.",
    }


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_cannot_be_stopped_are_left_out(method):
    with pytest.raises(InputError) as caught:
        read_picture_set(zip_of([("a/1.png", png())], method))
    assert caught.value.hint == "Left out, since packed by a method other than deflate: 1 file."


def test_work_beyond_all_patience_ends_in_a_sentence(monkeypatch):
    monkeypatch.setattr(class_folders, "PATIENCE", -1.0)
    assert refusal(ZIP) == "`pictures` must be read within -1 seconds of work, got more"


@pytest.mark.parametrize("side", [8_000, 50_000])
def test_a_huge_picture_is_left_out_by_its_head(side):
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunk = b"\0\0\0\x0dIHDR" + head + zlib.crc32(b"IHDR" + head).to_bytes(4, "big")
    data = zip_of([("a/1.png", b"\x89PNG\r\n\x1a\n" + chunk + png()[33:]), ("a/2.png", png())])
    assert read_picture_set(data).notes == ("Left out, since more than 16 megapixels: 1 file.",)


def test_fifty_one_classes_are_refused():
    data = zip_of((f"{k}/1.png", png()) for k in range(51))
    assert refusal(data) == "`pictures` must be of at most 50 classes, got 51"


# Arrays


def test_pickled_objects_are_refused_and_never_loaded():
    data = npz_of(X=np.array([{"a": 1}, print, []], dtype=object), y=np.arange(3))
    assert refusal(data) == "`pictures` must have plain numbers or texts as x, got Python objects or records"


def test_a_header_that_claims_a_million_million_numbers_is_refused():
    X = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000, 1000), }", bytes(100))
    data = zip_of([("X.npy", X), ("y.npy", LABELS)])
    assert refusal(data) == "`pictures` must have as many bytes in x as its header says, got 100"
    assert peak(data) < 2_000_000


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (b"no array at all", "`pictures` must have a numpy array as x, got something else"),
        (npy("{'descr': '<f4', 'shape': (("), "`pictures` must have a numpy array as x, got something else"),
        (npy("(" * 110), "`pictures` must have a numpy array as x, got something else"),
        (npy("{}", version=b"\x09\x00"), "`pictures` must have a numpy array as x, got something else"),
        (
            npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-3, 4), }"),
            "`pictures` must have as many bytes in x as its header says, got 0",
        ),
    ],
)
def test_headers_of_no_array_are_refused(X, message):
    assert refusal(zip_of([("X.npy", X), ("y.npy", LABELS)])) == message


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"Z": np.zeros(3)}, "`pictures` must be an .npz with X and y, got Z"),
        ({"X": NOISE, "y": np.arange(11)}, "`pictures` must have one label for each picture, 12 in all, got y of the "
         "shape (11,)"),
        ({"X": NOISE, "y": np.arange(12) + 0.5}, "`pictures` must have whole numbers or texts as y, got fractions"),
        ({"X": NOISE, "y": np.arange(12) * 1j}, "`pictures` must have whole numbers or texts as y, got complex128"),
        ({"X": NOISE * 1j, "y": np.arange(12)}, "`pictures` must have real numbers as x, got complex128"),
        ({"X": np.zeros((0, 4)), "y": np.zeros(0)}, "`pictures` must have one picture a row in x, got the "
         "shape (0, 4)"),
        ({"X": np.zeros((2, 5)), "y": [0, 1]}, "`pictures` must be rows of a square number of pixels, three times one, "
         "or (height, width) with or without 1 or 3 channels, got 5 for each picture"),
        ({"X": np.zeros((2, 1, 9)), "y": [0, 1]}, "`pictures` must have 2 to 2,048 pixels a side, got 1 × 9"),
        ({"X": NOISE - 5.0, "y": np.arange(12)}, "`pictures` must have pixels from 0 (black) to 1, 255 or 65,535 "
         "(white), got -5 to 250"),
        ({"X": np.full((2, 4), np.nan), "y": [0, 1]}, "`pictures` must hold numbers, got none that is finite in any "
         "picture"),
        ({"X": np.zeros((2, 4)), "y": ["", ""]}, "`pictures` must have labels, got none but empty ones"),
        ({"X": np.zeros((60, 4)), "y": np.arange(60)}, "`pictures` must be of at most 50 classes, got 60"),
        ({"X": np.zeros((1, 4)), "y": ["x" * 101]}, "`pictures` must have class names of 1 to 100 characters, got one "
         "of 101"),
        ({"X": np.zeros((1, 4)), "y": np.array([0xD800], "<u4").view("<U1")}, "`pictures` must have class names in "
         "Unicode, got half a character"),
    ],
)  # fmt: skip
def test_arrays_that_are_no_labelled_pictures_are_refused(arrays, message):
    assert refusal(npz_of(**arrays)) == message


# Tables, and what is none of the three


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"label,p,p,p,p\na,1,2,3,4\nb,1,2,3", "`pictures` must have as many cells in every row, got 5 in the first "
         "and 4 in row 3"),
        (b"label,p,p,p,p\na,1,2,x,4", "`pictures` must have numbers as pixels, got a cell of text"),
        (b"label,p,p,p,p\na,1,2,3\r5,4", "`pictures` must have as many cells in every row, got 5 in the first "
         "and 4 in row 2"),
        (b"a,b\n1,2", "`pictures` must have a label and pixels in every row, got 2 cells"),
        (b"label,p,p,p,p", "`pictures` must have one picture a row, got names of columns alone"),
        (b"label,p,p,p,p\n,1,2,3,4", "`pictures` must have labels, got none but empty ones"),
        (b"1\n" * 300_000, "`pictures` must have at most 200,000 rows, got 300,000"),
        (b"1," * 600_000, "`pictures` must have one picture a row, got no row or one of more than 1 MB"),
        (png(), "`pictures` must be a set of labelled pictures, got a single picture"),
        (npy("{}"), "`pictures` must have labels, got a single array"),
        (bytes(50 * 2**20 + 1), "`pictures` must be at most 50 MB, got 50.0 MB"),
        (b"PK\x05\x06" + bytes(18), "`pictures` must be a zip with a folder of pictures for each class, got no picture "
         "in a folder"),
    ],
)  # fmt: skip
def test_tables_and_others_that_are_no_labelled_pictures_are_refused(data, message):
    assert refusal(data) == message


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "something else"),
        (b" \n ", "something else"),
        (b"\x1f\x8b\x08rest", "a gzip file"),
        (bytes(100), "something else"),
        (b"\xff\xfe\x00\xd8", "something else"),
        (b"Rar!\x1a\x07", "a RAR archive"),
    ],
)
def test_what_is_nothing_of_the_kind_is_refused(data, kind):
    rule = "be a zip of class folders, an .npz with X and y, or a CSV of pixels"
    assert refusal(data) == f"`pictures` must {rule}, got {kind}"


@pytest.mark.parametrize("kind", ["zip", "npz"])
@pytest.mark.parametrize("tenth", range(10))
def test_a_zip_cut_short_anywhere_is_refused(kind, tenth):
    assert refusal(VALID[kind][: len(VALID[kind]) * tenth // 10]).startswith("`pictures` must be ")


@settings(max_examples=150)
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"label,p,p,p,p\n"]))
def test_any_bytes_end_in_a_set_or_a_sentence(data, start):
    ends_well(start + data)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(VALID)), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), max_size=4))
def test_a_valid_file_with_bytes_changed_ends_in_a_set_or_a_sentence(kind, changes):
    data = bytearray(VALID[kind])
    for where, new in changes:
        place = int(where * len(data))
        data[place : place + len(new)] = new
    ends_well(bytes(data))


def outcome(data):
    try:
        return read_picture_set(data)
    except InputError as error:
        return error


def ends_well(data):
    found = outcome(data)
    if isinstance(found, InputError):
        assert found.hint
        assert str(found).startswith("`pictures` must ")
    else:
        assert found.pixels.shape[0] == len(found.labels) == sum(found.counts)
        assert bool(((found.pixels >= 0) & (found.pixels <= 1)).all())


def test_the_largest_set_of_arrays_takes_less_than_300_mb():
    X = np.zeros((5000, 64, 64, 3), np.uint8)
    X[::7, ::5] = 255
    y = np.arange(5000) % 10
    buffer = io.BytesIO()
    np.savez(buffer, X=X[:4000], y=y[:4000])
    assert peak(buffer.getvalue()) < 300 * 2**20
