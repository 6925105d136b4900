"""What this visitor ran: settings and results, kept for the session, one click back to any of it."""

import pandas as pd
import streamlit as st

from pages.shared import draw, take_away

LOG = "run log"


def note(page: str, what: str, command: tuple[str, ...], result: str) -> None:
    """Write down a finished run, once.

    Parameters
    ----------
    page : str
        The page's file name.
    what : str
        The settings in words.
    command : tuple of str
        What was run.
    result : str
        What came out, in a sentence.
    """
    log = st.session_state.setdefault(LOG, {})
    log.setdefault(command, {"page": page, "what": what, "result": result, "link": st.query_params.to_dict()})


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
    frame = pd.DataFrame(
        [{"run": i, **{k: run[k] for k in ("page", "what", "result")}} for i, run in enumerate(log, 1)]
    )
    take_away.csv("Download what you ran (csv)", frame, "runs.csv")
