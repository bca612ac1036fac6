"""The browser's history: one entry a page, so that Back goes back once, and each step in it opens a page anew."""

import streamlit as st
from streamlit.runtime.scriptrunner import RerunData, RerunException, get_script_run_ctx

from app.widgets.parts import page_script

# Openings in a row whose controls differ. More than a browser gets together; Streamlit remembers each control for good.
_APART = 10


def keep_history_short() -> None:
    """Let changes of the address within a page replace its entry, as `history.js` does; call it once a run."""
    with st.container(key="history"):
        st.html(page_script("history"), unsafe_allow_javascript=True)


def run_page(page: st.Page) -> None:
    """Run a page, with controls that begin anew whenever it is opened, also by Back or Forward from itself.

    A page reads its address only when it is opened, which it knows from its controls: Streamlit forgets them once
    another page runs. Back and Forward can lead to the same page without that: in one step, by the browser's list of
    entries; or in several quick ones, where Streamlit gives up the run of the page between before it has begun. Then
    the page would go on with the controls of the entry that was left, so the run begins again as one of a visitor who
    has just come. That the address is another one would be no sign of such a step: any run may be told an address that
    is not, or not yet, that of what is set.

    The browser keeps what a control shows until it has drawn a page without it. Where it gets two openings of a page
    together, it draws only the second, with what the controls of the first showed. So the controls of an opening have
    other identities than those of the openings before. The session's `page_opened` tells one opening from another.
    """
    context, state, path = get_script_run_ctx(), st.session_state, page.url_path
    before, number = state.get("page_opened", (None, 0))
    stepped = context is not None and context.is_history_navigation
    if path != before or stepped:
        number += 1
        state.page_opened = path, number
    if context is not None and stepped and path == before:
        # It names the page by its path, as a browser does that opens it; to Streamlit that is a change of page.
        raise RerunException(
            RerunData(
                query_string=context.query_string,
                page_name=path,
                cached_message_hashes=context.cached_message_hashes,
                context_info=context.context_info,
            )
        )
    # The path is part of the identity of all that the page draws; where the page is, Streamlit has been told before.
    page._url_path = f"{path}/{number % _APART}"
    page.run()
