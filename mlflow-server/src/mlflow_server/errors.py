"""Why the server can't start."""


class StartError(Exception):
    """The server can't start. The message is one line without passwords."""
