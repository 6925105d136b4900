"""Picture sets that people really have: the log of kinds that were tried, and what must come of each.

A kind is read, with so many pictures in each of its classes and these words in a note, or refused, with these words in
the refusal and what to do in its hint.
"""

import io
import zipfile
from typing import NamedTuple

import numpy as np
from PIL import Image

PIXELS = np.random.default_rng(2).integers(0, 256, (64, 4, 4), dtype=np.uint8)
LABELS = np.arange(64) % 2


class SetKind(NamedTuple):
    """A kind of file, a small one of it, and its outcome."""

    name: str
    data: bytes
    counts: dict[str, int]  # of each class; empty where it is refused
    said: str = ""
    tested: int | None = None  # pictures on a test side that was kept


def png(k: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PIXELS[k % 64]).save(buffer, "PNG")
    return buffer.getvalue()


def folders(*names: str, each: int = 8, more: dict[str, bytes] | None = None) -> bytes:
    """A zip of folders with eight pictures each, and other files."""
    files = {f"{name}/{at * each + k}.png": png(at * each + k) for at, name in enumerate(names) for k in range(each)}
    return zip_of(files | (more or {}))


def zip_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def npz(**arrays: object) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def positional(*arrays: object) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, *arrays)
    return buffer.getvalue()


def csv(head: str, row: str = "{label},{pixels}", *, n: int = 20, between: str = ",", end: str = "\n") -> bytes:
    """Rows of a label, 0 or 1, and 16 pixels."""
    rows = [
        row.format(k=k, label=LABELS[k], word="ab"[LABELS[k]], pixels=between.join(map(str, PIXELS[k].ravel())))
        for k in range(n)
    ]
    return (end.join([head] * bool(head) + rows) + end).encode()


def split(*names: str, classes: tuple[str, ...] = ("cats", "dogs")) -> list[str]:
    return [f"{name}/{kind}" for name in names for kind in classes]


def pandas_names() -> str:
    """What pandas makes of a headerless first row: 0, 0.1, 0.2, ..."""
    return ",".join(["5", "0", *(f"0.{k}" for k in range(1, 16))])


EVEN, P = {"0": 10, "1": 10}, ",".join(f"p{k}" for k in range(16))
PETS, FOUR = {"cats": 16, "dogs": 16}, ("cats", "dogs")
KEPT, PARTS = (
    "Their split was kept for every seed: 16 pictures to learn from, 16 to test on.",
    "not for classes: the folders ",
)
MERGED = "Their split was not kept: every seed splits all pictures anew."
NO_FOLDERS = "be a zip with a folder of pictures for each class, got no picture in a folder"

FOLDERS = (
    SetKind("a folder for each class", folders("cats", "dogs"), {"cats": 8, "dogs": 8}),
    SetKind("folders in a folder", folders("pets/cats", "pets/dogs"), {"cats": 8, "dogs": 8}),
    SetKind("a doubled folder", folders("pets/pets/cats", "pets/pets/dogs"), {"cats": 8, "dogs": 8}),
    SetKind("train and test", folders(*split("train", "test")), PETS, KEPT, 16),
    SetKind("training_set and test_set", folders(*split("test_set", "training_set")), PETS, KEPT, 16),
    SetKind("Training and Testing", folders(*split("Testing", "Training")), PETS, KEPT, 16),
    SetKind(
        "seg_train and seg_test, each in itself",
        folders(*split("t/seg_test/seg_test", "t/seg_train/seg_train")),
        PETS,
        KEPT,
        16,
    ),
    SetKind("a folder of images in each part", folders(*split("train/images", "test/images")), PETS, KEPT, 16),
    SetKind(
        "one class in each part",
        folders("train/cats", "test/cats"),
        {"cats": 16},
        "8 pictures to learn from, 8 to test",
        8,
    ),
    SetKind(
        "a third part without classes",
        folders(*split("seg_train", "seg_test"), "seg_pred"),
        PETS,
        "in no class folder: 8 files",
        16,
    ),
    SetKind("lists beside the parts", folders(*split("x/train", "x/test"), more={"lists/1.txt": b"x"}), PETS, KEPT, 16),
    SetKind("a class named train", folders("train", "car", "bus"), {"bus": 8, "car": 8, "train": 8}),
    SetKind("a split without classes", folders("train", "test"), {}, NO_FOLDERS),
    SetKind("a split in a folder", folders(*split("data/train", "data/test")), PETS, KEPT, 16),
    SetKind("a split in doubled folders", folders(*split("x/x/train", "x/x/test")), PETS, KEPT, 16),
    SetKind(
        "a split that is there twice, in a folder in itself",
        zip_of(
            {
                f"{outer}/{part}/{kind}/{k}.png": png(k + 8 * at)
                for outer in ("x", "x/x")
                for at, (part, kind) in enumerate((part, kind) for part in ("train", "test") for kind in FOUR)
                for k in range(8)
            }
        ),
        PETS,
        "Left out, since the same file is there twice: 32 files.",
        16,
    ),
    SetKind(
        "train, val and test",
        folders(*split("train", "val", "test")),
        {"cats": 24, "dogs": 24},
        "32 pictures to learn from, 16 to test on",
        16,
    ),
    SetKind("train and val", folders(*split("train", "val")), PETS, MERGED),
    SetKind(
        "train and validation of other classes",
        folders("train/cats", "train/dogs", "valid/cats"),
        {"cats": 16, "dogs": 8},
        MERGED,
    ),
    SetKind("parts under other names", folders(*split("part_a", "part_b")), PETS, PARTS + "part_a, part_b"),
    SetKind(
        "folds", folders(*split("fold1", "fold2", "fold3")), {"cats": 24, "dogs": 24}, PARTS + "fold1, fold2, fold3"
    ),
    SetKind(
        "train and test in each class", folders("cats/train", "cats/test", "dogs/train", "dogs/test"), PETS, KEPT, 16
    ),
    SetKind(
        "a test side without folders",
        folders("train/cats", "train/dogs", "test"),
        {"cats": 8, "dogs": 8},
        "Left out, since in no class folder: 8 files.",
    ),
    SetKind(
        "a test side of two pictures",
        folders(*split("train"), more={"test/cats/1.png": png(60), "test/dogs/2.png": png(61)}),
        {"cats": 9, "dogs": 9},
        "not kept, since it takes 8 pictures of each class",
    ),
    SetKind("other folders in classes", folders("cats/big", "cats/small", "dogs"), {"cats": 16, "dogs": 8}),
    SetKind("sizes for classes", folders("s", "m", "xl"), {"m": 8, "s": 8, "xl": 8}),
    SetKind(
        "what macOS adds",
        folders("cats", "dogs", more={"__MACOSX/cats/._1.png": b"x", "cats/.DS_Store": b"x"}),
        {"cats": 8, "dogs": 8},
    ),
    SetKind(
        "a list of labels beside",
        folders("cats", "dogs", more={"labels.csv": b"1,cats"}),
        {"cats": 8, "dogs": 8},
        "Left out, since a text: 1 file.",
    ),
    SetKind("numbers for classes", folders("10", "9"), {"9": 8, "10": 8}),
    SetKind("pictures without folders", zip_of({f"cat.{k}.png": png(k) for k in range(9)}), {}, NO_FOLDERS),
    SetKind("folders of texts", zip_of({f"a/{k}.txt": b"x" for k in range(9)}), {}, NO_FOLDERS),
    SetKind("Excel", zip_of({"xl/workbook.xml": b"x"}), {}, "got an Excel file (.xlsx)"),
)
ARRAYS = (
    SetKind("X and y", npz(X=PIXELS, y=LABELS), {"0": 32, "1": 32}),
    SetKind(
        "Keras' names",
        npz(x_train=PIXELS, y_train=LABELS, x_test=PIXELS, y_test=LABELS),
        {"0": 32, "1": 32},
        "x_test, y_test",
    ),
    SetKind(
        "MedMNIST's names",
        npz(train_images=PIXELS, train_labels=LABELS[:, None], val_images=PIXELS),
        {"0": 32, "1": 32},
        "val_images",
    ),
    SetKind("images and labels", npz(images=PIXELS, labels=LABELS), {"0": 32, "1": 32}),
    SetKind("image and label", npz(image=PIXELS, label=LABELS), {"0": 32, "1": 32}),
    SetKind("data and labels", npz(data=PIXELS, labels=LABELS), {"0": 32, "1": 32}),
    SetKind("data and target", npz(data=PIXELS.reshape(64, 16), target=LABELS), {"0": 32, "1": 32}),
    SetKind("saved by place", positional(PIXELS, LABELS), {"0": 32, "1": 32}),
    SetKind("a column for each class", npz(X=PIXELS, y=np.eye(2)[LABELS]), {"0": 32, "1": 32}),
    SetKind("words for labels", npz(X=PIXELS, y=np.array(["a", "b"])[LABELS]), {"a": 32, "b": 32}),
    SetKind("other names", npz(pics=PIXELS, kinds=LABELS), {}, "be an .npz with X and y, got pics, kinds"),
    SetKind(
        "probabilities for labels",
        npz(X=PIXELS, y=np.full((64, 2), 0.5)),
        {},
        "one label for each picture, got y of the shape (64, 2)",
    ),
    SetKind("pixels around 0", npz(X=PIXELS / 127.5 - 1, y=LABELS), {}, "have pixels from 0 (black) to 1"),
    SetKind("a single array", b"\x93NUMPY\x01\0", {}, "have labels, got a single array"),
)
ROWS = (
    SetKind("MNIST's names", csv("label," + P), EVEN),
    SetKind("the label last", csv(P + ",class", "{pixels},{label}"), EVEN),
    SetKind("no names", csv(""), EVEN, "The first column was taken for the label"),
    SetKind(
        "names that are numbers from 0",
        csv(",".join(map(str, range(17)))),
        EVEN,
        "Taken for names: the first row, 0, 1, 2, 3",
    ),
    SetKind(
        "names that are numbers from 1",
        csv(",".join(map(str, range(1, 18)))),
        EVEN,
        "Taken for names: the first row, 1, 2",
    ),
    SetKind(
        "numbers of rows and of columns",
        csv("," + ",".join(map(str, range(17))), "{k},{label},{pixels}"),
        EVEN,
        "Taken for names",
    ),
    SetKind(
        "names that pandas made of numbers", csv(pandas_names()), EVEN, "Taken for names: the first row, 5, 0, 0.1, 0.2"
    ),
    SetKind(
        "id, label, pixels",
        csv("id,label," + P, "{k},{label},{pixels}"),
        EVEN,
        "Left out, since it is no pixel: id (“0”).",
    ),
    SetKind(
        "label, id, pixels",
        csv("label,id," + P, "{label},{k},{pixels}"),
        EVEN,
        "Left out, since it is no pixel: id (“0”).",
    ),
    SetKind(
        "file, pixels, label",
        csv("file," + P + ",label", "{k}.png,{pixels},{label}"),
        EVEN,
        "no pixel: file (“0.png”).",
    ),
    SetKind(
        "a column of text that nobody knows",
        csv("source,label," + P, "web,{label},{pixels}"),
        EVEN,
        "no pixel: source (“web”).",
    ),
    SetKind("pandas' numbers of rows", csv("Unnamed: 0,label," + P, "{k},{label},{pixels}"), EVEN),
    SetKind(
        "FER2013",
        csv("emotion,pixels,Usage", "{label},{pixels},Training", between=" "),
        EVEN,
        "no pixel: usage (“Training”).",
    ),
    SetKind("FER2013, quoted, two columns", csv("emotion, pixels", '{label},"{pixels}"', between=" "), EVEN),
    SetKind("FER2013, the label last", csv("pixels,label", "{pixels},{label}", between=" "), EVEN),
    SetKind("a delimiter at the end of each line", csv("label," + P + ",", "{label},{pixels},"), EVEN),
    SetKind("semicolons", csv("label;" + P.replace(",", ";"), "{label};{pixels}", between=";"), EVEN),
    SetKind(
        "tabs and Windows' line ends",
        csv("label\t" + P.replace(",", "\t"), "{label}\t{pixels}", between="\t", end="\r\n"),
        EVEN,
    ),
    SetKind("words for labels in a csv", csv("species," + P, "{word},{pixels}"), {"a": 10, "b": 10}),
    SetKind(
        "labels in Shift-JIS",
        csv("label," + P, "{word}猫科,{pixels}").decode().encode("shift_jis"),
        {"a猫科": 10, "b猫科": 10},
    ),
    SetKind("one cell in every row", b"label\n1\n2\n3\n", {}, "have a label and pixels in every row, got one cell"),
    SetKind(
        "rows of 15 pixels",
        csv("label," + P[:-4], "{label},{pixels}").replace(b"\n", b"\n"),
        {},
        "as many cells in every row",
    ),
    SetKind("no square of pixels", b"label,a,b,c,d,e\n1,1,2,3,4,5\n2,2,3,4,5,6\n", {}, "got 5 for each picture"),
    SetKind("gzip", b"\x1f\x8b\x08\0rest", {}, "got a gzip file"),
    SetKind("JSON", b'[{"label": 1, "pixels": [1, 2]}]', {}, "got JSON"),
    SetKind("MATLAB", b"MATLAB 5.0 MAT-file", {}, "got a MATLAB file"),
    SetKind("HDF5", b"\x89HDF\r\n\x1a\n", {}, "got an HDF5 file"),
    SetKind("RAR", b"Rar!\x1a\x07\x01\0", {}, "got a RAR archive"),
    SetKind("tar", bytes(257) + b"ustar\x0000", {}, "got a tar archive"),
    SetKind("MNIST's own file", b"\0\0\x08\x03" + bytes(12), {}, "got an IDX file, as MNIST comes"),
    SetKind("MNIST's own labels", b"\0\0\x08\x01" + bytes(12), {}, "got an IDX file, as MNIST comes"),
    SetKind("7z", b"7z\xbc\xaf\x27\x1c", {}, "got a 7z archive"),
    SetKind("pickle", b"\x80\x04\x95rest", {}, "got a pickle"),
    SetKind("HEIC", b"\0\0\0\x1cftypheic\0\0\0\0", {}, "got a HEIC photograph"),
    SetKind("a picture", png(0), {}, "got a single picture"),
)

KINDS = (*FOLDERS, *ARRAYS, *ROWS)
