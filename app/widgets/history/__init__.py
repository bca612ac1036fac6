"""The browser's history: one entry a page that was visited, however much was changed there."""
