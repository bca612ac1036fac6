"""The page "Noise to robot": the steps of one flow."""
