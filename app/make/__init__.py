"""Programs that make the files that ship with the app."""
