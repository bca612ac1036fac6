"""The page: drawing and controls only; every number comes from `nnit`."""
