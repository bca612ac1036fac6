"""The one error that users meet: bad input, explained in one line."""


class UserError(Exception):
    """Something the user gave cannot be used; the message is one plain sentence.

    The command line prints it on standard error and exits with code 2, the app shows it in a box.
    """
