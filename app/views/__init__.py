"""A folder for each page: `page.py` is what Streamlit runs, the rest is what only that page uses.

It is not called `pages`: beside `main.py`, Streamlit takes a folder of that name for apps of its older kind, and
tells the first visitor who opens the address of a page that there is no such page.
"""
