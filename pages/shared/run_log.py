"""What this visitor ran: settings and results, kept for the session, one click back to any of it."""

import pandas as pd
import streamlit as st

from pages.shared import draw, frame, take_away

LOG = "run log"


def note(what: str, command: tuple[str, ...], result: str) -> None:
    """Write down a finished run of this page, once: its settings and what came out, both in words."""
    run = {"page": frame.opened(), "what": what, "result": result, "link": st.query_params.to_dict()}
    st.session_state.setdefault(LOG, {}).setdefault(command, run)


def show() -> None:
    """All runs of this session, the newest first, with a link to each and a file of all."""
    log = list(st.session_state.get(LOG, {}).values())
    if not log:
        return
    draw.text("### What you ran")
    for number, run in reversed(list(enumerate(log, 1))):
        st.page_link(
            f"pages/{run['page']}.py", label=draw.escaped(f"{number}. {run['what']}"), query_params=run["link"]
        )
        st.text(run["result"].replace("*", ""))
    rows = pd.DataFrame(log, columns=["page", "what", "result"])
    rows.insert(0, "run", range(1, len(log) + 1))
    take_away.csv("Download what you ran (csv)", rows, "runs.csv")
