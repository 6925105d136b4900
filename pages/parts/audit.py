"""A visitor's network, judged layer by layer: core's answers, kept for the session, and how they are drawn."""

from typing import Any

import streamlit as st

from core.audit import audit_printout
from core.audit.printout.read import EXAMPLES, example_text
from core.audit.report import VERDICTS, Audit
from core.audit.verdict import KEY, REDUNDANT
from core.charts import audit as charts
from core.charts.palette import REST
from core.exact import norms
from pages.shared import controls, draw, frame

TITLES = EXAMPLES | {controls.OWN: "Your own printout"}
SOURCES = {"printout": "What print(model) shows", "weights": "A file of weights"}
SHOWN = {
    "layer": "layer",
    "verdict": "verdict",
    "reason": "why",
    "bias_parameters": "biases",
    "parameters": "parameters",
}
FEW_ROWS, MOST_ROWS = 6, 200  # of the table: from when on it scrolls, and where it ends
MEANS = {
    "redundant": "changes nothing",
    "absorbed": "the next layer's bias can take it over",
    "in use": "moves the result",
    "depends": "on what is said",
    "cannot see": "what follows is not told",
    "no bias": "has none",
}
HOW_TO_PRINT = """import torchvision  # or wherever your model comes from

model = torchvision.models.resnet18()
print(model)  # copy all that it shows
"""
IN_YOUR_TESTS = """from core.audit import audit_model

def test_no_bias_is_redundant():
    audit = audit_model(model, example)  # any torch.nn.Module, and an input: each bias is moved, the output compared
    assert audit.redundant == (), audit.to_frame()[["layer", "reason"]]
"""
AT_A_PROMPT = """python -m core.audit printout.txt  # 1: a bias is redundant, 0: none is, 2: cannot be judged
python -m core diff before.safetensors after.safetensors  # which biases a conversion lost or changed
"""
PLACEHOLDER = """Net(
  (conv): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))
  (norm): BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
  (act): ReLU()
)"""


@st.cache_resource(max_entries=len(EXAMPLES), show_spinner=False)
def example(name: str) -> Audit:
    """A printout that comes with the dashboard, judged."""
    return audit_printout(example_text(name))


own = st.cache_resource(max_entries=2, show_spinner=False, scope="session")(audit_printout)


def from_printout(place: Any) -> Audit | None:
    """An example, or what the visitor pastes; None, with a sentence, while there is nothing to judge."""
    name = controls.choose("Network", TITLES, key="network", default="vgg16_bn")
    if name != controls.OWN:
        text = place.expander("The printout", on_change="rerun")  # the script that draws it is the page's largest
        if text.open:
            text.code(example_text(name), language=None, height=320, wrap_lines=True)
        return example(name)
    text = place.text_area(
        "What print(model) shows in PyTorch; it stays in your session",
        key="printout",
        height=240,
        placeholder=PLACEHOLDER,
        persist_state="session",
    )
    if not text.strip():
        place.caption("In Python, where you have the model; a sample to look at is in *Network*, above:")
        place.code(HOW_TO_PRINT, language="python", wrap_lines=True)
        return None
    with controls.refusing(place, text="The printout"):
        return own(text)
    return None


def elsewhere() -> None:
    """The same question in a visitor's own tests, and at a prompt, once they open it."""
    if place := draw.unfolded("The same question in your own tests, and at a prompt", key="audit.elsewhere"):
        place.code(IN_YOUR_TESTS, language="python", wrap_lines=True)
        place.code(AT_A_PROMPT, language="sh", wrap_lines=True)


def strip(audit: Audit) -> None:
    """The network as a strip of layers, each in the colour of its verdict."""
    if not audit.rows:
        return
    rows = audit.to_frame()
    frame = rows[["layer", "kind", "verdict"]].assign(order=range(1, len(rows) + 1))
    frame["side"] = frame["verdict"].map(charts.SIDES).fillna(REST)
    draw.chart(charts.verdict_strip, {"rows": frame}, key="strip", verdicts=_there(audit))
    st.caption("; ".join(f"**{verdict}**: {MEANS[verdict]}" for verdict in _there(audit)) + ".")


def layers(audit: Audit) -> None:
    """A table of all layers, or of those with one verdict, once a visitor opens it; their names are text."""
    place = draw.unfolded("Layer by layer, each with its reason", key="audit.layers")
    if not place:
        return
    rows = audit.to_frame()
    with place:
        wanted = st.pills("Show only", _there(audit), key="verdict_shown")
        shown = rows[rows["verdict"] == wanted] if wanted else rows
        table = shown[list(SHOWN)].rename(columns=SHOWN)
        table["layer"], table["why"] = table["layer"].map(draw.drop_backticks), table["why"].map(draw.drop_backticks)
        with st.container(key="layers"):
            draw.table(table[:MOST_ROWS], height=520 if len(table) > FEW_ROWS else "content")
        if len(table) > MOST_ROWS:
            st.caption(f"The first {MOST_ROWS} of {len(table):,} layers; all are in *The numbers behind the charts*.")


def _there(audit: Audit) -> tuple[str, ...]:
    """The verdicts that occur, in their order."""
    found = {row.verdict for row in audit.rows}
    return tuple(verdict for verdict in VERDICTS if verdict in found)


def one_layer(audit: Audit) -> None:
    """Why one layer got its verdict, in full; the first redundant one, if there is any, is the default."""
    rows = audit.rows
    if not rows:
        draw.text("None of its modules holds parameters.")
        return
    first = next((at for at, row in enumerate(rows) if row.verdict == REDUNDANT), 0)
    row = rows[st.selectbox("Layer", range(len(rows)), first, lambda at: f"{rows[at].layer} ({rows[at].kind})")]
    draw.text(f"**{row.verdict.capitalize()}.** {draw.escaped(draw.drop_backticks(row.reason))}")
    if row.equation:
        st.latex(row.equation)
    draw.plain(draw.drop_backticks(row.change))
    if row.equation == KEY:
        frame.link("norms", "See the attention map stand still under a bias on the keys", {"key_bias": "4"})
    elif row.proof:
        frame.link("norms", "See it move, or stand still, on the page of the norms", {"norm": norms.TITLES[row.proof]})
