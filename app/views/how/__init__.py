"""The page "How it works": seven screens, each with a live figure."""
