"""Write the README's tables anew, of the pages and of the results, from what they show: `python -m docs.tables`."""

from pathlib import Path

from core.studies.overview import markdown
from core.studies.recorded import recorded_overview
from pages.shared.frame import MENU

README = Path(__file__).parents[1] / "README.md"


def pages() -> str:
    """The menu as a table."""
    rows = [f"| {entry.name.replace('_', ' ').capitalize()} | {entry.title} | {entry.answer} |" for entry in MENU]
    return "\n".join(["| page | question | answer |", "|---|---|---|", *rows])


def written(text: str) -> str:
    """The README with both tables between their marks."""
    for name, made in (("pages", pages()), ("table", markdown(recorded_overview()))):
        start, end = f"<!-- {name}: begin -->\n", f"\n<!-- {name}: end -->"
        before, _, rest = text.partition(start)
        text = before + start + made + end + rest.partition(end)[2]
    return text


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
