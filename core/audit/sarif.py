"""What is found, as code scanning reads it: SARIF 2.1.0, a result of each bias that does nothing or can go.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from .. import __version__
from .report import Audit
from .verdict import ABSORBED, REDUNDANT

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RULES = {
    REDUNDANT: ("redundant-bias", "A bias that changes nothing", "warning"),
    ABSORBED: ("absorbed-bias", "A bias that the next layer's bias can take over", "note"),
}


def sarif(found: Sequence[tuple[str, Audit]]) -> dict[str, Any]:
    """A log of one run over files, each with its audit."""
    rules = [{"id": rule, "shortDescription": {"text": text}} for rule, text, _level in RULES.values()]
    driver = {"name": "bias-lab", "version": __version__, "rules": rules}
    results = [_result(name, row) for name, audit in found for row in audit.rows if row.verdict in RULES]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _result(name: str, row: Any) -> dict[str, Any]:
    rule, _text, level = RULES[row.verdict]
    place = {"artifactLocation": {"uri": quote(name.replace("\\", "/"))}, "region": {"startLine": 1}}
    text = f"{row.kind} `{row.layer}`: {row.reason} {row.change}".strip()
    logical = [{"fullyQualifiedName": row.layer, "kind": "member"}]
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": text},
        "locations": [{"physicalLocation": place, "logicalLocations": logical}],
    }
