"""Numbers in sentences."""

_WORDS = [
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]


def in_words(number: int) -> str:
    """A number as sentences have it: small ones in words."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else f"{number:,}"
