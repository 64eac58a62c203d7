"""How the commands report what people can fix: each line with the program's name."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import command_line.failures

NAME = "housing-price-orchestrator"

stop = partial(command_line.failures.stop, program=NAME)


@contextmanager
def report_errors(*kinds: type[Exception]) -> Iterator[None]:
    """Stop the command with one line for an error of these kinds, or one for each problem of the settings."""
    from housing_price_orchestrator.settings.environment import InvalidSettings

    try:
        with command_line.failures.report_errors(*kinds, program=NAME):
            yield
    except InvalidSettings as error:
        stop(*error.lines)
