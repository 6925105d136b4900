"""Picture sets: three kinds of files give the same pictures; what was left out, changed or assumed is said."""

import io
import pickle
import zipfile

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from core.data.picture_sets import class_folders, read_picture_set
from core.data.picture_sets.classes import first_of_each_class
from core.data.picture_sets.resize import fit_to_size, within_limits
from core.data.picture_sets.task import own_task

DIGITS = load_digits()
NOISE = np.random.default_rng(0).integers(0, 256, (12, 5, 4, 3), dtype=np.uint8)


def encoded(pixels, file_format="png", **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, file_format, **options)
    return buffer.getvalue()


def zip_of(files, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def npz_of(**arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def folders(*names, pixels=NOISE):
    return {name: encoded(pixels[place % len(pixels)]) for place, name in enumerate(names)}


# Round trips


def digits_as(kind):
    eight_bits = np.round(DIGITS.images / 16 * 255).astype(np.uint8)
    if kind == "npz":
        return npz_of(X=DIGITS.images, y=DIGITS.target)
    if kind == "npz of rows":
        return npz_of(X=DIGITS.data / 16, y=DIGITS.target.astype(str))
    if kind == "csv":
        rows = [
            ",".join(map(str, [*row.astype(int), label])) for row, label in zip(DIGITS.data, DIGITS.target, strict=True)
        ]
        return "\n".join(rows).encode()
    names = [f"digits/{label}/{place:04}.png" for place, label in enumerate(DIGITS.target)]
    return zip_of(dict(zip(names, map(encoded, eight_bits), strict=True)))


@pytest.mark.parametrize("kind", ["npz", "npz of rows", "csv", "zip"])
def test_digits_in_every_kind_of_file_are_scikit_learns(kind):
    found = read_picture_set(digits_as(kind), "digits")
    assert found.classes == tuple("0123456789")
    assert found.pixels.dtype == np.float32
    np.testing.assert_array_equal(found.labels, DIGITS.target)
    np.testing.assert_allclose(found.pixels[:, 0], DIGITS.images / 16, atol=1 / 255)


def test_a_set_is_read_only_and_known_by_its_file():
    data = npz_of(X=NOISE, y=np.arange(12) % 2)
    one, same = read_picture_set(data, "a"), read_picture_set(data, "b")
    assert one == same
    assert one != read_picture_set(npz_of(X=NOISE, y=np.arange(12) % 3))
    assert one.counts == (6, 6)
    with pytest.raises(ValueError, match="assignment destination is read-only"):
        one.pixels[0] = 0


# Zips of class folders


@pytest.mark.parametrize(
    ("paths", "classes", "counts"),
    [
        (["cats/1.png", "dogs/2.png", "cats/3.png"], ("cats", "dogs"), (2, 1)),
        (["set/cats/1.png", "set/dogs/2.png"], ("cats", "dogs"), (1, 1)),
        (["a/b/cats/1.png", "a/b/dogs/2.png"], ("cats", "dogs"), (1, 1)),
        (["cats/big/1.png", "cats/small/2.png", "dogs/3.png"], ("cats", "dogs"), (2, 1)),
        (["cats\\1.png", "dogs\\2.png"], ("cats", "dogs"), (1, 1)),
        (["train/cats/1.png", "test/cats/2.png", "train/dogs/3.png"], ("cats", "dogs"), (2, 1)),
        (["10/1.png", "9/2.png"], ("9", "10"), (1, 1)),
        (["cats/1.png", "cats/2.png"], ("cats",), (2,)),
        (["cats/1.png", "cats/small/2.png"], ("cats",), (2,)),
        (["set/cats/1.png", "set/dogs/2.png", "set/about.png", "about.png"], ("cats", "dogs"), (1, 1)),
        (["cats/1.png", "__MACOSX/cats/._1.png", "cats/.DS_Store", "cats/Thumbs.db"], ("cats",), (1,)),
    ],
)
def test_class_is_the_first_folder_below_what_all_share(paths, classes, counts):
    found = read_picture_set(zip_of(folders(*paths)))
    assert (found.classes, found.counts) == (classes, counts)


def test_folders_of_a_split_are_put_together_and_that_is_said():
    found = read_picture_set(zip_of(folders("train/a/1.png", "val/b/1.png")))
    assert found.test is None
    assert found.notes == (
        "Taken for parts of one set, not for classes: the folders train, val.",
        "Their split was not kept: every seed splits all pictures anew.",
    )


def test_split_with_enough_pictures_on_both_sides_is_kept_by_every_seed():
    paths = [f"test_set/{name}/{k}.png" for name in ("a", "b") for k in range(2)]
    paths += [f"training_set/{name}/{k}.png" for name in ("a", "b") for k in range(8)]
    pixels = np.random.default_rng(1).integers(0, 256, (20, 5, 4), dtype=np.uint8)
    found = read_picture_set(zip_of(folders(*paths, pixels=pixels)))
    assert found.test.tolist() == [True] * 4 + [False] * 16
    assert found.notes[1:] == ("Their split was kept for every seed: 16 pictures to learn from, 4 to test on.",)
    one, other = (own_task(pickle.loads(pickle.dumps(found))).draw(seed) for seed in (0, 1))
    np.testing.assert_allclose(one.X_test * 255, pixels[:4].reshape(4, 20), atol=1e-4)
    np.testing.assert_array_equal(one.X_train, other.X_train)
    assert one.y_test.tolist() == [0, 0, 1, 1]


def test_split_with_too_few_pictures_on_its_test_side_is_not_kept_and_that_is_said():
    paths = [f"test/{name}/1.png" for name in "ab"] + [f"train/{name}/{k}.png" for name in "ab" for k in range(9)]
    found = read_picture_set(zip_of(folders(*paths)))
    assert found.test is None
    assert found.notes[1] == (
        "Their split was not kept, since it takes 8 pictures of each class to learn from and 2 to test on: "
        "every seed splits all pictures anew."
    )


HOSTILE = ["<b>x</b>", "**bold**", "=1+1", "größe", "😀", "$x$ [l](javascript:1)", "a\u202eb", "_ _", "{{7*7}}"]


def test_class_names_reach_the_set_untouched():
    found = read_picture_set(zip_of(folders(*(f"{name}/1.png" for name in HOSTILE if "/" not in name))))
    assert set(found.classes) == {name for name in HOSTILE if "/" not in name}
    assert set(read_picture_set(npz_of(X=NOISE[: len(HOSTILE)], y=HOSTILE)).classes) == set(HOSTILE)
    rows = "\n".join(f"{name},0,0,0,{k}" for k, name in enumerate(HOSTILE))
    assert set(read_picture_set(f"label,p,p,p,p\n{rows}".encode()).classes) == set(HOSTILE)


def test_utf8_names_without_the_mark_are_read_as_macos_means_them():
    data = zip_of(folders("gr__sse/1.png", "b/1.png")).replace(b"gr__sse", "größe".encode())
    assert read_picture_set(data).classes == ("b", "größe")


def test_pictures_of_different_sizes_become_one_and_that_is_said():
    files = {"a/1.png": encoded(np.zeros((10, 10), np.uint8)), "a/2.png": encoded(np.zeros((20, 10), np.uint8))}
    files |= {"b/1.png": encoded(np.full((10, 10, 3), [255, 0, 0], np.uint8))}
    found = read_picture_set(zip_of(files))
    assert found.pixels.shape == (3, 3, 10, 10)
    np.testing.assert_allclose(found.pixels[2, :, 5, 5], [1, 0, 0])
    assert found.notes == (
        "Pictures of 2 sizes were scaled to one, 10 × 10 pixels, the median of theirs at most.",
        "Cut on two sides, since the proportions differ: 1 of 3 pictures.",
        "Grey among coloured ones, given three equal channels: 2 of 3 pictures.",
    )


def test_large_pictures_are_shrunk_to_64_pixels_and_that_is_said():
    found = read_picture_set(zip_of({"a/1.png": encoded(np.full((150, 200), 51, np.uint8))}))
    np.testing.assert_allclose(found.pixels, np.full((1, 1, 48, 64), 0.2), atol=1e-6)
    assert found.notes == ("Scaled to 64 × 48 pixels from 200 × 150.",)


def test_three_equal_channels_become_one():
    found = read_picture_set(zip_of({"a/1.png": encoded(np.repeat(NOISE[0, :, :, :1], 3, axis=2))}))
    np.testing.assert_allclose(found.pixels[0, 0] * 255, NOISE[0, :, :, 0], atol=1e-4)
    assert found.notes == ("Grey, with three equal channels: one of them was kept.",)


def test_pictures_of_16_bits_cmyk_alpha_and_exif_are_what_they_show():
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((8, 16), np.uint8)).save(buffer, "jpeg", exif=exif)
    assert read_picture_set(zip_of({"a/1.jpg": buffer.getvalue()})).pixels.shape == (1, 1, 16, 8)
    sixteen = encoded(np.full((4, 4), 32768, np.uint16))
    clear = encoded(np.zeros((4, 4, 4), np.uint8))
    found = read_picture_set(zip_of({"a/1.png": sixteen, "a/2.png": clear}))
    np.testing.assert_allclose(found.pixels[:, 0, 0, 0], [32768 / 65535, 1], atol=1e-6)


@pytest.mark.parametrize(("top", "white"), [(3900, 4095), (5000, 65535)])
def test_pictures_of_12_bits_in_16_have_one_white_and_that_is_said(top, white):
    pixels = np.array([[[0, 1000], [top, 9]], [[0, 10], [20, 30]]], np.uint16)
    found = read_picture_set(zip_of(dict(zip(("a/1.png", "b/1.png"), map(encoded, pixels), strict=True))))
    np.testing.assert_allclose(found.pixels[:, 0] * white, pixels, atol=0.01)
    said = "No number of 16 bits is above 4,095, so that this was taken for white."
    assert found.notes == ((said,) if white == 4095 else ())
    arrays = read_picture_set(npz_of(X=pixels, y=["a", "b"]))
    np.testing.assert_allclose(found.pixels, arrays.pixels, atol=1e-6)


def test_what_is_no_picture_is_left_out_and_counted():
    files = folders("a/1.png", "b/1.png") | {"a/read.txt": b"hello", "b/cut.png": encoded(NOISE[0])[:60]}
    frames = [Image.fromarray(frame) for frame in NOISE[:3]]
    buffer = io.BytesIO()
    frames[0].save(buffer, "gif", save_all=True, append_images=frames[1:])
    files |= {"a/moves.gif": buffer.getvalue(), "b/more.zip": zip_of(folders("x/1.png")), "root.png": b"1"}
    found = read_picture_set(zip_of(files))
    assert found.counts == (1, 1)
    assert set(found.notes) == {
        "Left out, since in no class folder: 1 file.",
        "Left out, since no whole PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF picture: 1 file.",
        "Left out, since a text: 1 file.",
        "Left out, since several frames in one file: 1 file.",
        "Left out, since a zip inside the zip: 1 file.",
    }


def test_a_picture_that_breaks_off_leaves_the_others_in_their_places():
    files = {"a/0.png": encoded(NOISE[0])[:60]} | folders("a/1.png", "b/2.png", "b/3.png")
    found = read_picture_set(zip_of(files))
    np.testing.assert_allclose(found.pixels.transpose(0, 2, 3, 1) * 255, NOISE[:3], atol=1e-4)
    assert found.labels.tolist() == [0, 1, 1]


def test_a_class_without_a_picture_that_can_be_read_is_no_class():
    found = read_picture_set(zip_of(folders("b/1.png", "c/1.png") | {"a/1.png": b"none"}))
    assert (found.classes, found.labels.tolist()) == (("b", "c"), [0, 1])


def test_beyond_a_limit_the_first_of_each_class_are_kept(monkeypatch):
    monkeypatch.setattr(class_folders, "MAX_PIXELS_IN_ALL", 4 * 20)
    paths = [f"a/{k}.png" for k in range(6)] + [f"b/{k}.png" for k in range(2)]
    found = read_picture_set(zip_of(folders(*paths)))
    assert found.counts == (3, 1)
    assert found.notes == ("Left out, since all pictures may have 40 megapixels together: 4 of 8 pictures.",)


def test_more_than_5000_pictures_keep_the_first_of_each_class_in_equal_shares():
    y = np.repeat([0, 1], [6000, 4000])
    found = read_picture_set(npz_of(X=np.arange(10_000 * 4).reshape(-1, 4) % 256, y=y))
    assert found.counts == (3000, 2000)
    assert found.notes[0] == (
        "Left out, since at most 5,000 are read (the first of each class, in equal shares): 5,000 of 10,000 pictures."
    )


# Arrays


@pytest.mark.parametrize(
    ("X", "shape", "notes"),
    [
        (NOISE[..., 0] / 255, (12, 1, 5, 4), ()),
        (NOISE, (12, 3, 5, 4), ("Pixels from 0 to 255 were divided by 255, taken for white.",)),
        (NOISE.transpose(0, 3, 1, 2) / 255, (12, 3, 5, 4), ()),
        (NOISE[:, :4, :, 0].reshape(12, 16) > 127, (12, 1, 4, 4), ()),
        (NOISE * 16, (12, 3, 5, 4), ("Pixels from 0 to 240 were divided by 255, taken for white.",)),
        (
            NOISE.astype(">u2") * 257,
            (12, 3, 5, 4),
            ("Pixels from 0 to 65535 were divided by 65,535, taken for white.",),
        ),
        (np.asfortranarray(NOISE / 255), (12, 3, 5, 4), ()),
    ],
)
def test_arrays_of_every_layout_and_type_are_read(X, shape, notes):
    found = read_picture_set(npz_of(X=X, y=np.arange(12)))
    assert found.pixels.shape == shape
    assert found.notes == notes
    assert 0 <= found.pixels.min() < found.pixels.max() <= 1


def test_a_row_of_colour_is_read_the_way_in_which_neighbours_are_alike():
    picture = np.linspace(0, 1, 64)[:, None, None] * np.ones((8, 3)) * [1.0, 0.5, 0.1]
    picture = picture.reshape(64, 8, 3)[:8]
    triples, planes = picture.reshape(1, -1), picture.transpose(2, 0, 1).reshape(1, -1)
    for rows in (triples, planes):
        found = read_picture_set(npz_of(X=rows.repeat(2, axis=0), y=[0, 1]))
        np.testing.assert_allclose(found.pixels[0], picture.transpose(2, 0, 1), atol=1e-6)
        assert len(found.notes) == 1


def test_keras_and_other_names_are_read_and_the_rest_is_left_out():
    arrays = {"x_train": NOISE, "y_train": np.arange(12) % 2, "x_test": NOISE, "y_test": np.arange(12)}
    found = read_picture_set(npz_of(**arrays))
    assert found.counts == (6, 6)
    assert found.notes[0] == "Left out, since not x_train or y_train: x_test, y_test."


def test_pictures_with_a_missing_pixel_or_label_are_left_out_and_counted():
    X = NOISE[..., 0] / 255
    X[3, 0, 0], X[5, 1, 1] = np.nan, np.inf
    found = read_picture_set(npz_of(X=X, y=np.where(np.arange(12) == 0, np.nan, np.arange(12) % 2)))
    assert found.notes == (
        "Left out, since the label is missing: 1 of 12 pictures.",
        "Left out, since a pixel is missing or infinite: 2 of 11 pictures.",
    )
    np.testing.assert_allclose(found.pixels[:, 0], X[[1, 2, 4, 6, 7, 8, 9, 10, 11]], rtol=1e-6)
    assert found.labels.tolist() == [1, 0, 0, 0, 1, 0, 1, 0, 1]


# Tables

FOUR = np.array([[0, 10, 20, 255], [5, 200, 30, 40], [1, 2, 3, 4]])


@pytest.mark.parametrize(
    "text",
    [
        "label,1x1,1x2,2x1,2x2\na,0,10,20,255\nb,5,200,30,40\na,1,2,3,4",
        "p1,p2,p3,p4,class\n0,10,20,255,a\n5,200,30,40,b\n1,2,3,4,a",
        "p1,p2,target,p3,p4\n0,10,a,20,255\n5,200,b,30,40\n1,2,a,3,4\n",
        ",0,1,2,3,y\n0,0,10,20,255,a\n1,5,200,30,40,b\n2,1,2,3,4,a\n",
        "a;0;10;20;255\r\nb;5;200;30;40\r\na;1;2;3;4\r\n",
        "0\t10\t20\t255\ta\n5\t200\t30\t40\tb\n1\t2\t3\t4\ta\n",
        '"label","a","b","c","d"\n"a","0","10","20","255"\n"b","5","200","30","40"\n"a","1","2","3","4"',
        "sep=;\nlabel;p;p;p;p\na;0,0;10,0;20,0;255,0\nb;5,0;200,0;30,0;40,0\na;1,0;2,0;3,0;4,0",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_common_ways_to_write_pixels_in_a_table_are_read(text, encoding):
    found = read_picture_set(text.encode(encoding))
    np.testing.assert_allclose(found.pixels.reshape(3, 4) * 255, FOUR, rtol=1e-5)
    assert (found.classes, found.labels.tolist()) == (("a", "b"), [0, 1, 0])


def test_latin_labels_are_read():
    assert read_picture_set("label,p,p,p,p\ngröße,0,0,0,1".encode("latin-1")).classes == ("größe",)


def test_a_missing_cell_leaves_out_its_picture():
    found = read_picture_set(b"label,p,p,p,p\n1,0,,0,1\n2,0,0,0,1\n,0,0,0,1\n3,0,0,1,1")
    assert found.classes == ("2", "3")
    assert found.notes == (
        "Left out, since the label is missing: 1 of 4 pictures.",
        "Left out, since a pixel is missing or infinite: 1 of 3 pictures.",
    )


@pytest.mark.parametrize("first", [True, False])
def test_a_label_without_name_is_at_the_end_that_is_unlike_its_neighbours(first):
    eight = np.round(DIGITS.data[:300]).astype(int)
    columns = (DIGITS.target[:300, None], eight) if first else (eight, DIGITS.target[:300, None])
    found = read_picture_set("\n".join(",".join(map(str, row)) for row in np.hstack(columns)).encode())
    np.testing.assert_array_equal(found.labels, DIGITS.target[:300])
    assert found.notes[0] == (
        f"The {'first' if first else 'last'} column was taken for the label, since none is named label."
    )


# Parts


def test_spread_keeps_the_first_of_every_class_however_rare():
    assert first_of_each_class(np.array([0] * 98 + [1, 1]), 10).tolist() == [*range(9), 98]
    assert first_of_each_class(np.array([0, 1]), 10, np.array([8.0, 4.0])).tolist() == [0]


def test_fitting_keeps_means_and_cuts_the_middle():
    board = np.indices((64, 64)).sum(axis=0).astype(np.float32) % 2
    np.testing.assert_allclose(fit_to_size(board, (8, 8)), 0.5, atol=0.05)
    wide = np.concatenate([np.zeros((4, 2)), np.ones((4, 4)), np.zeros((4, 2))], axis=1).astype(np.float32)
    np.testing.assert_array_equal(fit_to_size(wide, (4, 4)), np.ones((4, 4)))
    assert within_limits(1, 1000) == (2, 64)


def test_fitting_is_pillows_hamming_filter():
    picture = np.random.default_rng(1).random((30, 40)).astype(np.float32)
    expected = np.asarray(Image.fromarray(picture).resize((20, 15), Image.Resampling.HAMMING))
    np.testing.assert_allclose(fit_to_size(picture, (15, 20)), expected, atol=1e-5)
