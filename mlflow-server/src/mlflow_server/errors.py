"""What can keep the server from starting, as one sentence for people."""


class StartError(Exception):
    """The server cannot start; the message is one line and holds no password."""
