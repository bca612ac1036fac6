"""The commands of `python -m nnit`: one file each, one dataclass each, whose fields are the options.

Whatever is slow to import is imported inside `run`, so that `--help` and bad options answer at once.
"""
