"""What commands print, on any terminal: a character that its encoding lacks is written as an escape."""

import io
import json
import os
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_ENCODING_VARIABLE = "PYTHONIOENCODING"
_ESCAPES = "backslashreplace"


def make_output_safe(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let no character end this process or one that it starts, whatever the encoding of the terminal."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ESCAPES)
    encoding = environment.get(_ENCODING_VARIABLE, "").partition(":")[0]
    environment[_ENCODING_VARIABLE] = f"{encoding}:{_ESCAPES}"


def make_console(*, stderr: bool = False) -> "Console":
    """Return a console that prints sentences and paths as they are and leaves wrapping to the terminal."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True, stderr=stderr)


def format_json(document: Any, *, indent: int | None = 2) -> str:
    """Format a document so that it stays valid JSON on this terminal: outside UTF-8 with escapes of JSON."""
    escaped = (sys.stdout.encoding or "utf-8").lower().replace("-", "") != "utf8"
    return json.dumps(document, indent=indent, ensure_ascii=escaped)


def abandon_output() -> None:
    """Write no more to standard output, so that the interpreter does not fail at it once more when it ends."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
