"""Under every uploader stands what was read: first rows, first pictures, and notes that quote the file."""

import numpy as np
import pytest
from streamlit.errors import StreamlitAPIException
from streamlit.testing.v1 import AppTest

from core.data.kernels import KERNELS
from core.data.pictures import picture_of
from pages.shared.filtered_picture import filtered, sample_picture
from tests.hostile.kinds_of_sets import folders, split
from tests.hostile.pictures import saved
from tests.pages.test_pages import opened
from tests.pages.visitors_words import MARKS, became_markup

TABLE = b"x\ty\n1\t980\n2\t1,020\n3\t995\n4\t1,110\n5\t1,200\n"


def given(page: str, box: str, key: str, data: bytes) -> AppTest:
    test = opened(page)
    test.selectbox(key=box).set_value("own").run()
    test.session_state[f"kept {key}"] = (data, "mine")
    return test.run()


@pytest.mark.parametrize(("page", "box"), [("regression", "data"), ("curves", "curve")])
def test_first_rows_of_a_table_and_its_notes_are_shown(page: str, box: str) -> None:
    test = given(page, box, "table_file", TABLE)
    assert test.table[0].value.to_dict("list") == {"x": ["1", "2", "3"], "y": ["980", "1020", "995"]}
    said = "y: 1,020 was read as 1020; if 1.02 is meant, write 1.02."
    assert any(said in text.value for text in test.text)
    assert "Table as read (csv), for the program" in [button.label for button in test.get("download_button")]


def test_names_and_cells_of_a_table_are_text() -> None:
    for mark in MARKS:
        quoted = mark.replace('"', '""')
        rows = "".join(f'{k},{k * k},"{quoted}"\n' for k in range(12))
        test = given("regression", "data", "table_file", f'"{quoted}",y,z\n{rows}'.encode())
        assert not test.exception
        assert became_markup(test) == []


@pytest.mark.parametrize(("page", "box"), [("twins", "task"), ("when_bias_matters", "task"), ("inside", "opened")])
def test_first_picture_of_each_class_its_count_and_the_split_are_shown(page: str, box: str) -> None:
    test = given(page, box, "pictures_file", folders(*split("training_set", "test_set"), each=12))
    pictures = [html.proto.body for html in test.get("html") if "cats: 24" in html.proto.body]
    assert len(pictures) == 1
    assert pictures[0].count("<img") == 2
    said = "Their split was kept for every seed: 24 pictures to learn from, 24 to test on."
    assert any(said in text.value for text in test.text)


def test_what_was_read_of_a_set_is_shown_where_it_is_too_small_to_learn_from() -> None:
    test = given("twins", "task", "pictures_file", folders("cats", "dogs", each=3))
    assert any("cats: 3" in html.proto.body for html in test.get("html"))
    assert any("10 pictures each" in warning.value for warning in test.warning)


def test_picture_and_its_note_are_shown() -> None:
    data = saved("PNG", np.array([[0, 3900]], np.uint16))
    test = given("feature_maps", "picture", "picture_file", data)
    assert any("as it was read" in html.proto.body for html in test.get("html"))
    said = "Its largest number is 3,900, so that 4,095 was taken for white."
    assert [text.value for text in test.text if said in text.value]


def test_what_is_made_of_a_built_in_picture_is_shared_and_of_an_upload_belongs_to_its_session() -> None:
    edges, dot = KERNELS["edges_x"].weights, sample_picture("dot")
    assert filtered(dot, edges) is filtered(dot, edges)  # with no session at all
    for picture, kernel in ((picture_of([[0.25, 0.5]]), edges), (dot, ((-1.0, 0.5, 1.0),))):
        with pytest.raises(StreamlitAPIException, match="session"):
            filtered(picture, kernel)
