"""What every command does at the terminal: print an error as one line, and stop with exit code 1."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

NAME = "housing-price-orchestrator"


@contextmanager
def report_errors(*kinds: type[Exception]) -> Iterator[None]:
    """Stop the command with one line for an error of these kinds, or one for each problem of the settings."""
    from housing_price_orchestrator.settings.environment import InvalidSettings

    try:
        yield
    except InvalidSettings as error:
        stop(*error.lines)
    except kinds as error:
        stop(str(error))


def stop(*lines: str) -> NoReturn:
    """Print these lines to standard error and stop the command with exit code 1."""
    for line in lines:
        print(f"{NAME}: {line}", file=sys.stderr)
    raise typer.Exit(1)
