"""Text on charts that can be read on either ground: at least 12 pixels, and 4.5 to 1.

No grey and no orange is 4.5 to 1 on white and on near-black alike, and a spec is made once for both themes: so the ink
is an expression that looks at the ground when the chart is drawn.
"""

from typing import Any

from ..arms import WITH, WITHOUT
from .palette import DATA, GREY, ORDER, REST

Spec = dict[str, Any]

ON_LIGHT = {WITH: "#00785A", WITHOUT: "#A85C00", DATA: "#3466AB", REST: "#59615E"}
ON_DARK = {WITH: "#3DD9A4", WITHOUT: "#FF9A3D", DATA: "#8AB4F8", REST: "#AEB8B4"}
"""What is named -> the ink of its words; the rest is grey."""
SMALLEST = 12
IS_LIGHT = "luminance(background) > 0.5"
GREY_INK = {"expr": f"{IS_LIGHT} ? '{ON_LIGHT[REST]}' : '{ON_DARK[REST]}'"}


def legible(spec: Spec) -> Spec:
    """A compiled chart, its axes, heads, legends and text marks in these inks; what is coloured by a number stays."""
    config = spec.get("config", {})
    parts = {
        part: {"labelColor": GREY_INK, "titleColor": GREY_INK, "labelFontSize": SMALLEST, **config.get(part, {})}
        for part in ("axis", "header", "legend")
    }
    parts["axis"] = {"labelFlush": False, **parts["axis"]}  # the first and the last label stand under their ticks
    return {**_inked(spec), "config": {**config, **parts}}


def _inked(node: Any) -> Any:
    if isinstance(node, list):
        return [_inked(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    if node.get("mark", {}) and _is_text(node["mark"]):
        return _text(node)
    return {name: value if name in ("datasets", "encoding") else _inked(value) for name, value in node.items()}


def _is_text(mark: Any) -> bool:
    return isinstance(mark, dict) and mark.get("type") == "text"


def _text(unit: Spec) -> Spec:
    """A unit of text: grey becomes grey ink, the colour of a name that of its words."""
    mark, encoding = dict(unit["mark"]), dict(unit.get("encoding", {}))
    if mark.get("color") == GREY:
        mark["color"] = GREY_INK
    for channel in ("color", "fill"):
        colour = encoding.get(channel, {})
        if colour.get("scale", {}).get("domain") == list(ORDER):
            encoding[channel] = {"value": {"expr": _ink(colour)}}
    return {**unit, "mark": mark, "encoding": encoding}


def _ink(colour: Spec) -> str:
    """The ink of an encoding's words as an expression; grey where its condition says so."""
    ink = f"{IS_LIGHT} ? ({_of_name(ON_LIGHT, colour)}) : ({_of_name(ON_DARK, colour)})"
    condition = colour.get("condition", {})
    return f"({condition['test']}) ? ({GREY_INK['expr']}) : ({ink})" if condition.get("value") == GREY else ink


def _of_name(inks: dict[str, str], colour: Spec) -> str:
    """The ink of what a field names, as an expression."""
    name = f"datum['{colour['field']}']"
    named = "".join(f"{name} == '{arm}' ? '{inks[arm]}' : " for arm in (WITH, WITHOUT, DATA))
    return f"{named}'{inks[REST]}'"
