"""The Alignment page's parts: what is asked for, what is measured, and how it is drawn."""
