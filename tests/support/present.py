"""For values that a library's types call optional and that a test knows to be there."""


def present[Value](value: Value | None) -> Value:
    """The value, which is not None."""
    assert value is not None
    return value
