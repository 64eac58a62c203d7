"""What every command does at the terminal: print plain text, and report an error as one line and an exit code."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from housing_price_model.errors import ModelError
from housing_price_model.process_environment import prepare_environment

if TYPE_CHECKING:
    from rich.console import Console

INTERRUPTED = 130


def make_console() -> "Console":
    """Return a console that prints sentences and paths as they are and leaves wrapping to the terminal."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


@contextmanager
def report_errors() -> Iterator[None]:
    """Turn an error into one line and exit code 1, and an interruption into 130. SIGTERM counts as an interruption."""
    prepare_environment()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except ModelError as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt as interrupt:
        typer.echo("interrupted", err=True)
        raise typer.Exit(INTERRUPTED) from interrupt
