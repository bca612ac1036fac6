"""The page "How it works": six screens, each with a live figure."""
