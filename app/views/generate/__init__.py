"""The page "Generate": its controls, and the networks that they ask for, alone, in pairs and as cards."""
