"""A server that fails as often as the test says, and answers then; it knows nothing of models."""


class FailingServer:
    """Raises these errors, one a call, and answers after the last; None among them is an answer too."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.called = 0

    async def __call__(self) -> str:
        self.called += 1
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        return "answer"
