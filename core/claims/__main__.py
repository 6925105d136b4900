"""Write down what was found of the article's points, for the first page: `python -m core.claims`."""

import json

from .article import article_points
from .claim import CLAIMS, HERE


def main() -> None:
    """Keep the findings as a json file: name -> sentence."""
    names = {row["claim"]: name for name, row in CLAIMS.items()}
    found = {names[point.claim]: point.finding for point in article_points()}
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    (HERE / "article.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
