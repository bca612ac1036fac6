"""The one error that users meet: bad input, explained in one line."""

import re


def one_line(text: str) -> str:
    """The text without line breaks and what else steers a terminal: names in files may hold any character."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text)


class UserError(Exception):
    """Something the user gave cannot be used; the message is one plain sentence.

    The command line prints it on standard error and exits with code 2, the app shows it in a box.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(one_line(message))
