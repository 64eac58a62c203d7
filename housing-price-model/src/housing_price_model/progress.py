"""Shows progress: a bar on a terminal, plain lines elsewhere."""

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar


class Progress(Protocol):
    """Receives the name of each step."""

    def step(self, doing: str) -> None: ...


class PlainProgress:
    """Prints one line per step, for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        pass

    def step(self, doing: str) -> None:
        self._console.print(doing)


class BarProgress:
    """Shows a bar that moves with each step and disappears at the end."""

    def __init__(self, console: Console, steps: int) -> None:
        self._bar = Bar(
            TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True
        )
        self._steps = steps
        self._done = -1

    def __enter__(self) -> Self:
        self._bar.start()
        self._task = self._bar.add_task("", total=self._steps)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._bar.stop()

    def step(self, doing: str) -> None:
        self._done += 1
        self._bar.update(self._task, description=doing, completed=self._done)


def progress_on(console: Console, *, steps: int) -> PlainProgress | BarProgress:
    """Return the progress that suits a console. ``steps`` is the number of steps."""
    return BarProgress(console, steps) if console.is_terminal else PlainProgress(console)
