"""What a visitor brings, or chooses from ours: pictures and tables, read once and kept for their session only."""

from typing import Any

import streamlit as st

from core.charts.palette import picture_url
from core.data.picture_decoding import FORMAT_NAMES
from core.data.pictures import SAMPLES, Picture, read_picture
from core.data.tables import BUILT_IN, Table, read_table
from pages.shared import controls, draw
from pages.shared.filtered_picture import sample_picture
from pages.shared.gallery import Card, gallery

uploaded_picture = st.cache_resource(max_entries=2, show_spinner=False, scope="session")(read_picture)
uploaded_table = st.cache_resource(max_entries=2, show_spinner=False, scope="session")(read_table)


def picture(place: Any) -> Picture | None:
    """A sample picture, or the visitor's own, uploaded at `place`; None, with a sentence, while there is none."""
    titles = {name: sample.title for name, sample in SAMPLES.items()}
    name = controls.choose("Picture", titles | {controls.OWN: "Your own picture"}, key="picture")
    return own_picture(place) if name == controls.OWN else sample_picture(name)


def own_picture(place: Any) -> Picture | None:
    """The visitor's own picture; None, with a sentence, while there is none."""
    label = f"Your picture ({FORMAT_NAMES}, at most 10 MB); it stays in your session"
    file = upload(label, place, key="picture_file")
    if file is None:
        return None
    with controls.refusing(place), place:
        read = uploaded_picture(*file)
        gallery([Card(picture_url(read.pixels, 0, 1, "grey"), "as it was read")], size=96)
        say((f"{read.note[0].upper()}{read.note[1:]}.",) if read.note else (), place)
        return read
    return None


def picture_setting(picture: Picture) -> dict[str, str]:
    """The picture as a program calls it: a sample by its slug, the visitor's own by its file name."""
    slugs = [name for name, sample in SAMPLES.items() if sample.title == picture.name]
    return {"picture": slugs[0] if slugs else picture.name}


def table(name: str, place: Any) -> Table | None:
    """A built-in table, or the visitor's own; None, with a sentence, while there is none."""
    if name != controls.OWN:
        return built_in_table(name)
    label = "Your table (csv or other delimited text, at most 10 MB); it stays in your session"
    file = upload(label, place, key="table_file")
    if file is None:
        return None
    with controls.refusing(place):
        read = uploaded_table(*file)
        rows = read.first_rows()
        place.caption("The first rows as they were read:")
        place.table(rows.map(draw.escaped).rename(columns=draw.escaped), hide_index=True)
        say(read.notes, place)
        return read
    return None


def say(notes: tuple[str, ...], place: Any) -> None:
    """What was left out, changed or assumed, which quotes the visitor's file: text, never markup."""
    if notes:
        place.text("\n".join(notes), width="stretch")


@st.cache_resource(max_entries=8, show_spinner=False)
def built_in_table(name: str) -> Table:
    """A built-in table by its name in `BUILT_IN`."""
    return BUILT_IN[name].read()


def upload(label: str, place: Any, *, key: str, most: int = 10) -> tuple[bytes, str] | None:
    """An uploader and the file in it, (content, name), kept where Streamlit would forget it: on another page."""
    kept = f"kept {key}"
    file = place.file_uploader(label, key=key, max_upload_size=most, on_change=_forget, args=(kept,))
    if file is not None:
        st.session_state[kept] = (file.getvalue(), file.name)
    elif kept in st.session_state:
        place.text(f"Still using {st.session_state[kept][1]}.")
    found: tuple[bytes, str] | None = st.session_state.get(kept)
    return found


def _forget(kept: str) -> None:
    st.session_state.pop(kept, None)
