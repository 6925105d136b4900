"""What a visitor brings is text, never markup, and theirs alone: no other session sees it."""

import json
import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.hostile.picture_sets import PICTURES
from tests.pages.test_pages import charts, opened
from tests.pages.test_uploaded_pictures import archive, uploaded
from tests.pages.visitors_words import MARKS, UNBRACKETED, became_markup, shown


def table(*names: str) -> bytes:
    head = ",".join(f'"{name}"' for name in names)
    rows = "".join(",".join(str(k * (j + 1) + (k * j) % 3) for j in range(len(names))) + "\n" for k in range(30))
    return f"{head}\n{rows}".encode()


def with_table(page: str, box: str, data: bytes, name: str) -> AppTest:
    test = opened(page)
    test.selectbox(key=box).set_value("own").run()
    return given(test, "kept table_file", (data, name))


def given(test: AppTest, key: str, upload: object) -> AppTest:
    """The page once more, with another file in its uploader."""
    test.session_state[key] = upload
    return test.run()


def asking_for_a_printout() -> AppTest:
    return opened("audit").selectbox(key="network").set_value("own").run()


def with_printout(text: str) -> AppTest:
    return asking_for_a_printout().text_area(key="printout").set_value(text).run()


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
    return given(test, "kept weights", ("a", SimpleNamespace(name=str(folder)), path, MARKS[0]))


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


@pytest.mark.parametrize(("page", "box", "x"), [("regression", "data", None), ("curves", "curve", "x")])
def test_names_of_columns_and_of_a_file_are_text(page: str, box: str, x: str | None) -> None:
    test = with_table(page, box, table(*MARKS, *(f"{mark} 2" for mark in MARKS), "y"), "".join(MARKS))
    for mark in MARKS:
        if x:
            next(choice for choice in test.selectbox if choice.label == x).set_value(mark).run()
        else:
            test.multiselect[0].set_value([mark, f"{mark} 2"]).run()
        assert not test.exception
        assert shown(test, mark)
        assert became_markup(test) == []


def test_words_of_a_refused_table_are_text() -> None:
    test = with_table("regression", "data", table("x", "y"), "")
    for mark in MARKS:
        given(test, "kept table_file", (f'"{mark}",b\nx,y\nz,"{mark}"\n'.encode(), mark))
        assert test.warning
        assert became_markup(test) == []


def test_name_of_a_picture_is_text() -> None:
    test = opened("feature_maps").selectbox(key="picture").set_value("own").run()
    for mark in MARKS:
        assert charts(given(test, "kept picture_file", (PICTURES[0], mark))) == 1
        assert became_markup(test) == []


def test_names_of_classes_are_text() -> None:
    test = uploaded("twins", archive(360, MARKS))
    assert not test.exception
    assert not test.warning
    assert became_markup(test) == []


def test_names_of_a_printouts_layers_are_text() -> None:
    conv, norm = "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))", "BatchNorm2d(8)"
    test = asking_for_a_printout()
    for mark in UNBRACKETED:
        text = f"Net(\n  ({mark}): {conv}\n  ({mark} 2): {norm}\n  (c): Linear({mark}, 4)\n)"
        test.text_area(key="printout").set_value(text).run()
        assert not test.exception
        assert not test.warning
        assert became_markup(test) == []
        for at in range(len(test.selectbox[-1].options)):
            assert became_markup(test.selectbox[-1].select_index(at).run()) == []


def test_words_of_a_refused_printout_are_text() -> None:
    test = asking_for_a_printout()
    for mark in MARKS:
        for text in (f"Net(\n  (a): {mark}\n)", f"Net(\n  (a): ReLU()\n) {mark} Net(\n{mark}", f"Net({mark}"):
            test.text_area(key="printout").set_value(text).run()
            assert not test.exception
            assert became_markup(test) == []


def test_names_of_layers_in_a_file_of_weights_are_text(tmp_path: Path) -> None:
    test = with_weights(tmp_path, *(mark.replace(".", "_") for mark in MARKS), "b")
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
    assert charts(first.run()) == 1
    assert charts(second.run()) == 0
    assert not kept(second)
    second.session_state["kept picture_file"] = (PICTURES[1], "second.png")
    assert charts(second.run()) == 1
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
