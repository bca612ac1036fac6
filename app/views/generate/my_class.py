"""The class that the visitor is in, beside the controls."""

import streamlit as st

from app.widgets import classroom


def show_my_class(task: str) -> None:
    """Say that what is tried here is on the map of a class, and lead there; nothing for who is in none."""
    if (wrong := classroom.problem()) is not None:
        st.warning(f"{wrong} What you try is on no class's map.")
    mine = classroom.my_class()
    if mine is None:
        return
    with st.container(key="my_class"):
        st.caption(f"You are in class {mine.code}: the networks that you try are on its map.")
        st.page_link(
            "views/widths/page.py",
            label="The class map",
            icon=":material/groups:",
            query_params={"task": task, **classroom.class_query()},
        )
        st.button("Leave the class", on_click=classroom.leave, key="leave_class", type="tertiary")
