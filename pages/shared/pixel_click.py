"""Tells which pixel of a chart's pictures was clicked: the chart stays core's, only the click is read here."""

from typing import Any

import streamlit as st

JS = """
export default function ({ data, setTriggerValue }) {
  const place = document.querySelector(`.st-key-${data.within}`)
  if (!place) return
  place.style.cursor = "crosshair"
  place.onclick = (event) => {
    for (const image of place.querySelectorAll("image")) {
      const box = image.getBoundingClientRect()
      const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
      if (x >= 0 && x < 1 && y >= 0 && y < 1) {
        setTriggerValue("pixel", [Math.floor(y * data.rows), Math.floor(x * data.columns)])
        return
      }
    }
  }
}
"""
COMPONENT = st.components.v2.component("pixel_click", html="<span></span>", js=JS)


def clicked_pixel(*, within: str, rows: int, columns: int) -> tuple[int, int] | None:
    """The pixel (row, column) that this run was started by a click on, or None.

    Parameters
    ----------
    within : str
        The key of the container whose charts' pictures are clicked; all show the same rows x columns of pixels.
    rows, columns : int
    """
    result: Any = COMPONENT(
        key=f"{within}.click",
        data={"within": within, "rows": rows, "columns": columns},
        on_pixel_change=_nothing,
        height=1,
    )
    if not result.pixel:
        return None
    row, column = result.pixel
    return min(max(int(row), 0), rows - 1), min(max(int(column), 0), columns - 1)


def _nothing() -> None:
    """The fragment reruns anyway; Streamlit wants a callback to know the trigger."""
