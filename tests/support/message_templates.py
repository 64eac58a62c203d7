"""The messages that the code can make: each string of the sources as a pattern, with what varies left open."""

import ast
import re
from collections.abc import Iterator
from functools import cache

from markdown_pages import ROOT

SHORTEST = 20
"""Characters that a template must fix, so that none fits everything."""


@cache
def message_templates() -> list[re.Pattern[str]]:
    """Return a pattern for each long enough string in the sources of the members."""
    return [
        re.compile(pattern, re.DOTALL)
        for path in sorted(ROOT.glob("*/src/**/*.py"))
        for pattern in _templates(ast.parse(path.read_text(encoding="utf-8")))
    ]


def _templates(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values):
                parts = [value.value if isinstance(value, ast.Constant) else None for value in values]
            case ast.Constant(str() as text):
                parts = [text]
            case _:
                continue
        if sum(len(str(part)) for part in parts if part is not None) >= SHORTEST:
            yield "".join(".*" if part is None else re.escape(str(part)) for part in parts)
