"""The rollout in 3D, drawn by the visitor's browser from recorded poses."""
