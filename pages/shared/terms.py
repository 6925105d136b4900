"""Words that a newcomer lacks: a dotted underline where one first stands, whose note opens on hover, focus and tap."""

import csv
from html import escape
from pathlib import Path

TABLE = Path(__file__).with_name("terms.csv").read_text(encoding="utf-8")
NOTES = {row["term"]: row["note"] for row in csv.DictReader(TABLE.splitlines())}
"""Term -> what it means, in a sentence."""


def term(name: str, shown: str = "") -> str:
    """A term of terms.csv as HTML, under another word where one is shown; for text of ours alone."""
    note, word = escape(NOTES[name], quote=True), shown or name
    return f'<span class="term" tabindex="0" data-note="{note}" aria-label="{word}: {note}">{word}</span>'
