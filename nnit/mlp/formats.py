"""Files that networks are read from: their endings, and the words in which every page and command lists them."""

# What it is, as it is said in a list, and its endings.
FORMATS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("safetensors", (".safetensors",)),
    ("npz", (".npz",)),
    ("ONNX", (".onnx",)),
    ("PyTorch state dicts", (".pt", ".pth")),
    ("Lightning checkpoints", (".ckpt",)),
    ("Stable-Baselines3 archives", (".zip",)),
    ("weights of Keras", (".keras", ".h5", ".hdf5")),
    ("parameters of Flax", (".msgpack",)),
)
ENDINGS = tuple(ending for _, endings in FORMATS for ending in endings)


def format_words(last: str = "and") -> str:
    """All kinds of files with the endings that their names do not say.

    Args:
        last: the word before the last of them.
    """
    found = []
    for title, endings in FORMATS:
        short = [ending.removeprefix(".") for ending in endings]
        said = short == [title.lower()]
        found.append(title if said else f"{title} ({', '.join(short)})")
    return f"{', '.join(found[:-1])} {last} {found[-1]}"
