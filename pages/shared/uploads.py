"""What a visitor brings, or chooses from ours: pictures and tables, read once and kept for their session only."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit import runtime

from core.charts.palette import picture_url
from core.data.picture_decoding import FORMAT_NAMES
from core.data.pictures import SAMPLES, Picture, read_picture
from core.data.tables import BUILT_IN, Table, read_table
from pages.shared import controls, draw, take_away, visits
from pages.shared.filtered_picture import sample_picture
from pages.shared.gallery import Card, gallery

XSRF_COOKIE = "_streamlit_xsrf"

uploaded_picture = st.cache_resource(max_entries=2, show_spinner=False, scope="session")(read_picture)
uploaded_table = st.cache_resource(max_entries=2, show_spinner=False, scope="session")(read_table)


def picture(place: Any) -> Picture | None:
    """A sample picture, or the visitor's own, uploaded at `place`; None, with a sentence, while there is none."""
    titles = {name: sample.title for name, sample in SAMPLES.items()}
    name = controls.choose("Picture", titles | {controls.OWN: "Your own picture"}, key="picture")
    return own_picture(place) if name == controls.OWN else sample_picture(name)


def own_picture(place: Any) -> Picture | None:
    """The visitor's own picture; None, with a sentence, while there is none."""
    label = f"Your picture ({FORMAT_NAMES}, at most 10 MB): {visits.goes()}"
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
    label = f"Your table (csv or other delimited text, at most 10 MB): {visits.goes()}"
    file = upload(label, place, key="table_file")
    if file is None:
        return None
    with controls.refusing(place):
        read = uploaded_table(*file)
        rows = read.first_rows()
        place.caption("The first rows as they were read:")
        place.table(rows.map(draw.escaped).rename(columns=draw.escaped), hide_index=True)
        say(read.notes, place)
        with place:
            take_away.csv("Table as read (csv), for the program", read.frame, "table_as_read.csv")
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
    file = field(label, place, key=key, most=most, on_change=partial(_forget, kept))
    if file is not None:
        st.session_state[kept] = (file.getvalue(), file.name)
    elif kept in st.session_state:
        place.text(f"Still using {st.session_state[kept][1]}.")
    found: tuple[bytes, str] | None = st.session_state.get(kept)
    return found


def field(label: str, place: Any, *, key: str, most: int, on_change: Callable[[], None]) -> Any:
    """An uploader of one file, at most so many MB; a sentence where it cannot work, or has lost what it still names."""
    if not _browser_sends_cookie():
        place.warning(
            "In a page of another site, your browser holds back the cookie that an upload needs. "
            f"[Open this page in a tab of its own]({_own_address()}) and upload the file there."
        )
        return None
    file = place.file_uploader(label, key=key, max_upload_size=most, on_change=on_change)
    if file is None and st.session_state.get(key) is not None:  # its name without its bytes
        place.warning("The server was started again, or has forgotten this visit: it needs the file once more.")
    return file


def _own_address() -> str:
    settings = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    return f"{st.context.url}?{urlencode([setting for setting in settings if setting[0] != 'controls'])}"


def _browser_sends_cookie() -> bool:
    """Whether an upload will be let through: browsers send no cookie from a frame in another site's page."""
    needed = runtime.exists() and st.get_option("server.enableXsrfProtection")
    return not needed or XSRF_COOKIE in st.context.cookies


def _forget(kept: str) -> None:
    st.session_state.pop(kept, None)
