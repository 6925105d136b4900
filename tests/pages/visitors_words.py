"""Finds a visitor's words where they became markup."""

from collections.abc import Iterator
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.pages.test_hostile_links import parts

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
