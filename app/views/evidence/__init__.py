"""The results page: docs/results.md taken apart, and its parts drawn for the app."""
