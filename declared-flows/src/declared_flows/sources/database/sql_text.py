"""What can be seen in the text of an SQL statement without a database: its parameters, and how many statements it is.

Texts, quoted names and comments are skipped, so that a colon or a semicolon in them means nothing.
"""

import re
from collections.abc import Callable
from functools import cached_property

_TOKEN = re.compile(
    r"""
      (?<!\w)[eE]'(?:[^'\\]|\\.)*'                       # a text with escapes, PostgreSQL
    | '[^']*'                                            # a text; a doubled quote is two texts side by side
    | "[^"]*" | `[^`]*`                                  # a quoted name
    | (?<!\w)\$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$   # a text between dollars, PostgreSQL
    | (?P<comment> --[^\n]* | /\*.*?\*/ )
    | ::                                                 # a cast
    | (?<![\w:]):(?P<bind>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)
_FIRST_WORD = re.compile(r"[\s(]*([A-Za-z]+)")
_WRITES_BELOW_WITH = re.compile(
    r"[()]\s*(insert\s+(?:or\s+\w+\s+)?into|update\s+\w|delete\s+from|merge\s+into|replace\s+into)", re.IGNORECASE
)

READING = frozenset({"select", "values", "with"})
"""The first words of statements that read."""
WRITING = READING | {"insert", "update", "delete", "replace", "merge", "call"}
"""The first words of statements that may write; a function in a `select` may, too."""


class SqlText:
    """The text of an SQL statement.

    Args:
        text: as it is declared.
    """

    def __init__(self, text: str) -> None:
        self.text = text.strip()

    @cached_property
    def binds(self) -> tuple[str, ...]:
        """The names of its parameters, each once."""
        return tuple(dict.fromkeys(found["bind"] for found in _TOKEN.finditer(self.text) if found["bind"]))

    @cached_property
    def statements(self) -> tuple[str, ...]:
        """The statements in it, with nothing in their texts and without comments."""
        return tuple(part for part in map(str.strip, self._bare.split(";")) if part)

    @cached_property
    def first_word(self) -> str:
        """The word that says what the statement does."""
        found = _FIRST_WORD.match(self._bare)
        return found[1].lower() if found else ""

    @property
    def reads(self) -> bool:
        """Whether it looks like a statement that only reads; the connection makes sure of it."""
        return self.first_word in READING and not _WRITES_BELOW_WITH.search(self._bare)

    def render(self, bind: Callable[[str], str], literal: Callable[[str], str]) -> str:
        """The text as a driver takes it.

        Args:
            bind: how the driver writes a parameter of that name.
            literal: how the driver writes all other text.
        """
        parts: list[str] = []
        end = 0
        for found in _TOKEN.finditer(self.text):
            if found["bind"]:
                parts += literal(self.text[end : found.start()]), bind(found["bind"])
                end = found.end()
        return "".join([*parts, literal(self.text[end:])])

    @cached_property
    def _bare(self) -> str:
        return _TOKEN.sub(lambda found: found[0] if found["bind"] else " " if found["comment"] else "''", self.text)
