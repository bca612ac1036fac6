"""The app's own CSS."""
