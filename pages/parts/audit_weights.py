"""A visitor's file of weights, judged layer by layer, and written anew without what is redundant.

The upload is copied to a private folder that goes with the session: its reader wants a file, and reads little of it.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from core.arms import WITH
from core.audit import audit_checkpoint
from core.audit.weights import bias_values
from core.audit.weights.audit import WeightsAudit
from core.audit.weights.rewrite import NewWeights
from core.charts import audit as charts
from pages.shared import controls, draw, uploads, visits

MOST_MB = 500
KEPT = "kept weights"
FIXES = {
    "without_redundant": "Write it without the redundant biases",
    "folded": "Write it with each norm folded into its layer",
}


def from_weights(place: Any) -> WeightsAudit | None:
    """The audit of the visitor's file; None, with a sentence, while there is none."""
    label = f"A .safetensors file, at most {MOST_MB} MB: {visits.goes()}"
    file = uploads.field(label, place, key="weights_file", most=MOST_MB, on_change=_forget)
    try:
        path = _keep(file, place)
    except OSError:
        place.warning("The server has no room to keep this file while it is judged. Try a smaller one, or later.")
        return None
    if path is None:
        return None
    with controls.refusing(place, path="The file"):
        proposed = audit_checkpoint(path)
        return audit_checkpoint(path, _choose_pairs(proposed, place)) if len(proposed.pairs) else proposed
    return None


def _keep(file: Any, place: Any) -> Path | None:
    kept = st.session_state.get(KEPT)
    if file is not None and (kept is None or kept[0] != file.file_id):
        folder = tempfile.TemporaryDirectory(dir=visits.own_folder())
        path = Path(folder.name) / "weights.safetensors"
        with path.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        st.session_state[KEPT] = kept = (file.file_id, folder, path, file.name)
    elif file is None and kept is not None:
        place.text(f"Still using {kept[3]}.")
    return kept[2] if kept else None


def _forget() -> None:
    """The visitor took the file out, or put another one in; its folder goes, and what was written there."""
    kept = st.session_state.pop(KEPT, None)
    if kept:
        kept[1].cleanup()
    for name in FIXES:
        st.session_state.pop(f"new {name}", None)


def _choose_pairs(audit: WeightsAudit, place: Any) -> dict[str, str]:
    """The pairs of layer and norm, as proposed or as the visitor has corrected them."""
    pairs = audit.pairs
    norms = ["", *sorted({module.name for module in audit.modules} - set(pairs["layer"]))]
    with place.expander("Which norm follows which layer: proposed from names and shapes, yours to correct"):
        edited = st.data_editor(
            pairs,
            hide_index=True,
            disabled=["layer", "why"],
            column_config={"norm": st.column_config.SelectboxColumn("norm", options=norms)},
            key=f"pairs {st.session_state[KEPT][0]}",
        )
    changed = edited[edited["norm"].fillna("") != pairs["norm"]]
    return dict(zip(changed["layer"], changed["norm"].fillna(""), strict=True))


def biases(audit: WeightsAudit) -> None:
    """Every bias by layer: where they lie, the largest, the share of zeros."""
    table = bias_values.bias_table(audit.weights)
    if table.empty:
        draw.text("The file has no bias.")
        return
    in_deviations = st.toggle(
        "In units of the running standard deviation, where a batch norm follows", key="deviations"
    )
    bins = bias_values.bias_bins(audit.weights, in_deviations=in_deviations)
    if bins.empty:
        draw.text("No layer with a bias is followed by a norm with running statistics.")
    else:
        share = bins["count"] / bins.groupby("layer")["count"].transform("max")
        layers = tuple(bins["layer"].unique())
        title = "bias, in running standard deviations" if in_deviations else "bias"
        draw.chart(
            charts.bias_bins, {"bins": bins.assign(share=share, side=WITH)}, key="bins", layers=layers, title=title
        )
    st.dataframe(table, hide_index=True)


def never_active(audit: WeightsAudit) -> None:
    """Which filters of the first layer can never be active, for inputs in a range."""
    with st.container(horizontal=True):
        low = controls.number("inputs from", key="in_low", low=-1e6, high=1e6, default=0.0, step=0.1)
        high = controls.number("to", key="in_high", low=-1e6, high=1e6, default=1.0, step=0.1)
    with controls.refusing(st, low="inputs from", high="to"):
        sentence, bounds = bias_values.never_active(audit.weights, low, high)
        draw.plain(draw.drop_backticks(sentence))
        with st.expander("Each filter's bound"):
            st.dataframe(bounds, hide_index=True)


def fixes(audit: WeightsAudit) -> None:
    """The file written anew, with a proof per pair, and the lines that load it."""
    folder, pairs = Path(st.session_state[KEPT][1].name), audit.pairs.to_csv()
    for name, label in FIXES.items():
        key = f"new {name}"
        if st.button(label, key=name):
            with controls.refusing(st):
                try:
                    st.session_state[key] = pairs, getattr(audit, name)(folder / f"{name}.safetensors")
                except OSError:
                    st.warning(
                        "The server has no room to write the file. Try later, or run it from Python on your machine."
                    )
        written_for, made = st.session_state.get(key, (None, None))
        if made and written_for == pairs:  # other pairs make another file
            _show(made)


def _show(made: NewWeights) -> None:
    draw.plain(draw.drop_backticks(made.sentence))
    for layer, why in made.left_out.items():
        draw.plain(f"{layer} was left as it is. {why}")
    if len(made.proof):
        st.dataframe(made.proof, hide_index=True)
    st.code(made.lines, language="python", wrap_lines=True)
    st.download_button(
        f"Download {made.path.name}",
        made.path.read_bytes,
        file_name=made.path.name,
        mime="application/octet-stream",
        on_click="ignore",
        key=f"download {made.path.stem}",
    )
