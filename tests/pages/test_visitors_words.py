"""What a visitor brings is text, never markup, and theirs alone: no other session sees it."""

import json
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.hostile.picture_sets import PICTURES
from tests.pages.test_hostile_links import parts
from tests.pages.test_pages import charts, opened
from tests.pages.test_uploaded_pictures import archive, uploaded

TAG = "<img src=x onerror=alert>"
MARKS = (TAG, "**bold**", "$math$", ":red[text]", "[x](javascript:alert)", "![x](https://example.com/x.png)")
UNBRACKETED = MARKS[:4]
PLAIN = {"text", "code", "vega_lite_chart", "dataframe", "text_area", "file_uploader", "bidi_component"}
"""Elements that show what they are given as it is."""
CHOSEN = {"selectbox", "multiselect"}
"""And those whose options are plain, though their label is markdown."""


def strings(message: Any) -> Iterator[str]:
    """All text in a message of Streamlit's, however deep."""
    for field, value in message.ListFields():
        for one in value if field.is_repeated else [value]:
            if hasattr(one, "ListFields"):
                yield from strings(one)
            elif isinstance(one, str):
                yield one
            elif isinstance(one, bytes):
                yield one.decode("latin-1")


def blocks(node: Any) -> Iterator[Any]:
    """What holds elements: expanders have labels in markdown too."""
    for child in getattr(node, "children", {}).values():
        if hasattr(child, "children"):
            yield child
            yield from blocks(child)


def became_markup(test: AppTest) -> list[str]:
    """Where a visitor's marks stand unescaped in what Streamlit takes for markdown or HTML."""
    found = []
    for part in [*parts(test._tree), *blocks(test._tree)]:
        proto, kind = getattr(part, "proto", None), getattr(part, "type", "")
        if proto is None or kind in PLAIN or not hasattr(proto, "ListFields"):
            continue
        texts = [proto.label, proto.help] if kind in CHOSEN else strings(proto)
        marks = (TAG,) if kind == "html" else MARKS
        found += [f"{kind}: {text[:200]}" for text in texts if any(mark in text for mark in marks)]
    return found


def shown(test: AppTest, words: str) -> bool:
    """Whether these words reached the page at all."""
    protos = (getattr(part, "proto", None) for part in parts(test._tree))
    plain = words.replace("\\", "")
    return any(
        plain in text.replace("\\", "") for proto in protos if hasattr(proto, "ListFields") for text in strings(proto)
    )


def table(*names: str) -> bytes:
    head = ",".join(f'"{name}"' for name in names)
    rows = "".join(",".join(str(k * (j + 1) + (k * j) % 3) for j in range(len(names))) + "\n" for k in range(30))
    return f"{head}\n{rows}".encode()


def with_table(page: str, box: str, data: bytes, name: str) -> AppTest:
    test = opened(page)
    test.selectbox(key=box).set_value("own").run()
    test.session_state["kept table_file"] = (data, name)
    return test.run()


def with_printout(text: str) -> AppTest:
    test = opened("audit")
    test.selectbox(key="network").set_value("own").run()
    test.text_area(key="printout").set_value(text).run()
    return test


def with_weights(folder: Path, *names: str) -> AppTest:
    header, at = {}, 0
    for name in names:
        for suffix, shape in {"weight": [2, 2, 1, 1], "bias": [2]}.items():
            size = 4 * int(np.prod(shape))
            header[f"{name}.{suffix}"] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + size]}
            at += size
    text = json.dumps(header).encode()
    path = folder / "weights.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(at))
    test = opened("audit")
    test.selectbox(key="source").set_value("weights").run()
    test.session_state["kept weights"] = ("a", SimpleNamespace(name=str(folder)), path, MARKS[0])
    return test.run()


def test_the_search_finds_markup_in_markdown_captions_labels_options_tables_and_html() -> None:
    def page() -> None:
        import pandas as pd
        import streamlit as st

        bad = "**bold**"
        for draw in (st.markdown, st.caption, st.warning, st.expander, st.button, st.title, st.toggle):
            draw(bad)
        for draw in (st.radio, st.pills):
            draw(draw.__name__, [bad])
        st.table(pd.DataFrame({"a": [bad]}))
        st.html("<img src=x onerror=alert>")
        st.selectbox(bad, ["a"])
        plain = (st.text(bad), st.code(bad), st.selectbox("b", [bad]), st.dataframe(pd.DataFrame({"a": [bad]})))
        assert plain

    assert len(became_markup(AppTest.from_function(page).run())) == 12


@pytest.mark.parametrize(("page", "box"), [("regression", "data"), ("curves", "curve")])
@pytest.mark.parametrize("mark", MARKS)
def test_names_of_columns_and_of_a_file_are_text(page: str, box: str, mark: str) -> None:
    test = with_table(page, box, table(mark, f"{mark} 2", "y"), mark)
    assert not test.exception
    assert shown(test, mark)
    assert became_markup(test) == []
    if page == "regression":
        test.multiselect[0].set_value([mark, f"{mark} 2"]).run()
        assert not test.exception
        assert became_markup(test) == []


@pytest.mark.parametrize("mark", MARKS)
def test_words_of_a_refused_table_are_text(mark: str) -> None:
    test = with_table("regression", "data", f'"{mark}",b\nx,y\nz,"{mark}"\n'.encode(), mark)
    assert test.warning
    assert became_markup(test) == []


@pytest.mark.parametrize("mark", MARKS)
def test_name_of_a_picture_is_text(mark: str) -> None:
    test = opened("feature_maps")
    test.selectbox(key="picture").set_value("own").run()
    test.session_state["kept picture_file"] = (PICTURES[0], mark)
    assert charts(test.run()) == 3
    assert became_markup(test) == []


@pytest.mark.parametrize("mark", MARKS)
def test_names_of_classes_are_text(mark: str) -> None:
    test = uploaded("twins", archive(120, (mark, f"{mark} 2")))
    assert not test.exception
    assert not test.warning
    assert became_markup(test) == []


def test_names_of_classes_are_text_in_a_trained_network() -> None:
    test = uploaded("inside", archive(120, ("".join(MARKS)[:90], f"b {TAG} {MARKS[1]}")), "opened")
    next(button for button in test.button if button.label == "Train both twins").click().run()
    for _ in range(120):
        time.sleep(0.5)
        if charts(test.run()) > 5:
            break
    assert not test.exception
    assert charts(test) == 8
    assert became_markup(test) == []


@pytest.mark.parametrize("mark", UNBRACKETED)
def test_names_of_a_printouts_layers_are_text(mark: str) -> None:
    conv, norm = "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))", "BatchNorm2d(8)"
    test = with_printout(f"Net(\n  ({mark}): {conv}\n  ({mark} 2): {norm}\n  (c): Linear({mark}, 4)\n)")
    assert not test.exception
    assert not test.warning
    assert became_markup(test) == []
    for at in range(len(test.selectbox[-1].options)):
        assert became_markup(test.selectbox[-1].select_index(at).run()) == []


@pytest.mark.parametrize("mark", MARKS)
def test_words_of_a_refused_printout_are_text(mark: str) -> None:
    for text in (f"Net(\n  (a): {mark}\n)", f"Net(\n  (a): ReLU()\n) {mark} Net(\n{mark}", f"Net({mark}"):
        test = with_printout(text)
        assert not test.exception
        assert became_markup(test) == []


@pytest.mark.parametrize("mark", MARKS)
def test_names_of_layers_in_a_file_of_weights_are_text(mark: str, tmp_path: Path) -> None:
    test = with_weights(tmp_path, mark.replace(".", "_"), "b")
    assert not test.exception
    assert became_markup(test) == []
    for button in ("without_redundant", "folded"):
        test.button(key=button).click().run()
        assert not test.exception
        assert became_markup(test) == []


# Two sessions


def kept(test: AppTest) -> dict[str, Any]:
    names = ("kept picture_file", "kept table_file", "kept pictures_file", "kept weights", "printout")
    return {name: test.session_state[name] for name in names if name in test.session_state}


def test_two_sessions_share_no_picture() -> None:
    first, second = (
        opened("feature_maps", picture="Your own picture"),
        opened("feature_maps", picture="Your own picture"),
    )
    first.session_state["kept picture_file"] = (PICTURES[0], "first.png")
    assert charts(first.run()) == 3
    assert charts(second.run()) == 0
    assert not kept(second)
    second.session_state["kept picture_file"] = (PICTURES[1], "second.png")
    assert charts(second.run()) == 3
    assert drawn(first.run()) != drawn(second)
    assert not shown(second, "first.png")


def test_two_sessions_share_no_table() -> None:
    first = with_table("regression", "data", table("mine", "my y"), "first.csv")
    second = opened("regression")
    second.selectbox(key="data").set_value("own").run()
    assert shown(first, "my y")
    assert not shown(second, "my y")
    assert not kept(second)
    second.session_state["kept table_file"] = (table("other", "other y"), "second.csv")
    assert shown(second.run(), "other y")
    assert not shown(first.run(), "other y")
    assert not any(shown(second, words) for words in ("my y", "first.csv"))


def test_two_sessions_share_no_printout() -> None:
    first = with_printout("Net(\n  (my_secret): Linear(3, 4)\n)")
    second = opened("audit", network="Your own printout")
    assert shown(first, "my_secret")
    assert second.text_area(key="printout").value == ""
    assert not shown(second, "my_secret")
    other = with_printout("Net(\n  (another): Linear(3, 4)\n)")
    assert not shown(other, "my_secret")
    assert not shown(first.run(), "another")


def test_two_sessions_share_no_file_of_weights(tmp_path: Path) -> None:
    first, second = with_weights(tmp_path, "my_secret"), opened("audit", source="A file of weights")
    assert shown(first, "my_secret")
    assert not kept(second)
    assert not shown(second, "my_secret")


def test_link_of_a_page_with_an_upload_holds_nothing_of_it() -> None:
    first = with_table("regression", "data", table("mine", "my y"), "first.csv")
    assert set(first.query_params) <= {"data"}
    assert "printout" not in with_printout("Net(\n  (my_secret): Linear(3, 4)\n)").query_params


def drawn(test: AppTest) -> list[str]:
    """The charts' data."""
    return [str(chart.proto.datasets) for chart in test.get("vega_lite_chart")]
