"""The commands that pages show in ``console`` blocks, each with the output that it is said to have.

The word after ``console`` says what the commands of a block need: a situation of :data:`SITUATIONS`. An output is
compared character by character. ``…`` stands for what the page leaves out, and what no two runs share (durations,
dates, keys, identifiers of runs, checksums of code) may differ.
"""

import difflib
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_pages import ROOT, Page

SITUATIONS = {
    "sample": "`up` on the generated sales: tests/e2e/test_up_on_the_sample.py",
    "real-sales": "versions trained on the real sales, slow: tests/e2e/test_pages_on_the_real_sales.py",
    "examples": "the examples of flows, slow: tests/e2e/test_examples.py",
    "engine": "a container engine; only the answers of its `curl` lines are compared, with `sample`",
    "machine": "figures of one machine, which no test compares",
}

_BLOCK = re.compile(r"^```console ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MESSAGES = re.compile(r"^```text message\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_DIFFERS_FROM_RUN_TO_RUN = (
    r"\d+(?:\.\d+)? (?:ms|s)\b",
    r"\d{4}-\d\d(?:-\d\d(?: \d\d:\d\d)?)?",
    r"\b[0-9a-f]{32}\b",
    r"(?<=[/(])[0-9a-f]{12}\b",
    r"\bhp_[\w-]+",
)
_VARIABLE = re.compile("|".join(_DIFFERS_FROM_RUN_TO_RUN))


@dataclass(frozen=True)
class ShownCommand:
    """A command of a page, its output there, and what it needs."""

    page: Page
    line: int
    situation: str
    command: str
    output: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    def difference(self, printed: str) -> str:
        """What differs from the output of the page, line by line; empty if nothing does."""
        if re.fullmatch(_pattern(f"{self.output}\n"), printed.rstrip("\n") + "\n"):
            return ""
        return "\n".join(difflib.unified_diff(self.output.splitlines(), printed.splitlines(), str(self), "printed"))


def shown_commands(*pages: Page) -> list[ShownCommand]:
    """The commands of all ``console`` blocks, in the order of the pages."""
    return [shown for page in pages for shown in _commands_of(page)]


def shown_messages(*pages: Page) -> list[tuple[str, str]]:
    """The lines of all ``text message`` blocks, each with its page; a command, and the level of a log, are left out."""
    blocks = [(page, block) for page in pages for block in re.findall(_MESSAGES, (ROOT / page.path).read_text("utf-8"))]
    lines = [(str(page), line) for page, block in blocks for line in block.splitlines() if not line.startswith("$ ")]
    return [(page, line.removeprefix("WARNING: ")) for page, line in lines]


def _commands_of(page: Page) -> Iterator[ShownCommand]:
    text = (ROOT / page.path).read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        line = text.count("\n", 0, block.start(2)) + 1
        for part in re.split(r"^(?=\$ )", block[2], flags=re.MULTILINE):
            if part:
                yield ShownCommand(page, line, block[1], *_command_and_output(part))
            line += part.count("\n")


def _command_and_output(part: str) -> tuple[str, str]:
    """A command and what follows it; a quotation may go over several lines."""
    lines = part.splitlines()
    count = 1
    while count < len(lines) and not _is_complete("\n".join(lines[:count])):
        count += 1
    return "\n".join(lines[:count]).removeprefix("$ "), "\n".join(lines[count:])


def _is_complete(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


def _pattern(output: str) -> str:
    """A regular expression for all that an output of a page stands for."""
    # A line that is nothing but an ellipsis stands for any number of lines.
    pieces = re.split(r"((?:^ *…\n)|…)", output, flags=re.MULTILINE)
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece: str) -> str:
    if piece == "…":
        return r"[^\n]*"
    if piece.endswith("…\n"):
        return r"(?:[^\n]*\n)*?"
    parts = re.split(f"({_VARIABLE.pattern})", piece)  # what varies is every second part
    return "".join(_any_of_the_kind(part) if index % 2 else re.escape(part) for index, part in enumerate(parts))


def _any_of_the_kind(text: str) -> str:
    return next(pattern for pattern in _DIFFERS_FROM_RUN_TO_RUN if re.search(pattern, f"({text}"))
