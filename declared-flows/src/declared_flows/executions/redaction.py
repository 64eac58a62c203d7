"""Redacts payloads: drops secrets and personal fields, which are known by their names, and keeps only a little."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self
from unicodedata import normalize

from pydantic import BaseModel
from pydantic_core import to_json

from declared_flows.notation.records import to_document

REDACTED = "[redacted]"
MOST_BYTES = 8 * 1024
"""Size of the JSON text of a payload that is kept."""

LONGEST_TEXT = 256
"""Characters of a text that are kept."""

DEFAULT_NAMES = (
    *("password", "passwd", "pwd", "passphrase", "pin", "secret", "token", "authorization", "auth", "bearer"),
    *("credential", "cookie", "jwt"),
    *("api_key", "access_key", "private_key", "session_id", "otp", "signature"),
    *("ssn", "social_security_number", "national_id", "tax_id", "passport", "driving_licence", "driver_license"),
    *("email", "e_mail", "phone", "telephone", "mobile", "date_of_birth", "birth_date", "birthday", "dob"),
    *("credit_card", "card_number", "pan", "cvv", "cvc", "iban", "bic", "account_number"),
)
"""Fields whose values are never kept, in whichever spelling: `api_key` is `apiKey`, `X-API-Key` and `apikey` too."""

_DEEPEST = 16
_MORE = "…"
_RESERVE = 40
"""Bytes for the brackets of a list or an object, and for the mark that some of it is left out."""

_NO_ROOM = object()
_LARGEST_BITS = 64
_WORD = re.compile("A+(?!a)|A?a+|0+")
"""A word, where a capital of any script is an A, another letter an a, and a digit a 0."""

_SHORTEST_WITHIN = 5
"""Letters of a name that is looked for within words too: a shorter one is in many words that mean something else."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """Which fields of a payload are not kept; made by ``with_names``.

    Args:
        names: their names, as words.
        most_words: of the longest name.
        within: those that are looked for within words too.
        harmless: names that only look like one of them.
    """

    names: frozenset[tuple[str, ...]]
    most_words: int
    within: tuple[str, ...]
    harmless: frozenset[str] = frozenset()

    @classmethod
    def with_names(cls, names: Iterable[str] = (), harmless: Iterable[str] = ()) -> Self:
        """Return the rules that hide these fields beside the usual ones.

        Args:
            names: their names.
            harmless: names of fields that are kept whatever they look like.
        """
        all_names = {words: in_one.removesuffix("s") for words, in_one in map(_fold, (*DEFAULT_NAMES, *names)) if words}
        within = tuple(sorted({in_one for in_one in all_names.values() if len(in_one) >= _SHORTEST_WITHIN}))
        return cls(frozenset(all_names), max(map(len, all_names)), within, frozenset(harmless))

    def hides(self, field: str) -> bool:
        """Whether a field is hidden: its name contains one of the names, word by word, or a long one anywhere."""
        if field in self.harmless:
            return False
        words, in_one = _fold(field[:LONGEST_TEXT])
        if any(name in in_one for name in self.within):
            return True
        lengths = range(1, self.most_words + 1)
        return any(words[start : start + length] in self.names for start in range(len(words)) for length in lengths)


def redact(value: Any, rules: Redaction) -> Any:
    """Return a copy of a payload that may be kept: plain values, at most ``MOST_BYTES`` bytes as JSON.

    It takes no longer for a payload that is far larger.
    """
    return _Copy(rules, MOST_BYTES).of(value)


@lru_cache(maxsize=4096)
def _fold(name: str) -> tuple[tuple[str, ...], str]:
    """Return the words of a name without the `s` of a plural, and all of it as one word."""
    name = normalize("NFKC", name)
    shape = "".join(map(_shape, name))
    words = [name[found.start() : found.end()].casefold() for found in _WORD.finditer(shape)]
    return tuple(word.removesuffix("s") for word in words), "".join(words)


def _shape(character: str) -> str:
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return "0" if character.isdigit() else " "


class _Copy:
    """A copy in the making.

    Args:
        rules: what is left out.
        left: bytes that it may still take.
    """

    def __init__(self, rules: Redaction, left: int) -> None:
        self._rules = rules
        self._left = left

    def of(self, value: Any, depth: int = 0) -> Any:
        """A value's copy, or ``_NO_ROOM``."""
        if isinstance(value, BaseModel):
            value = to_document(value, mode="json")
        if isinstance(value, Mapping | list | tuple) and depth < _DEEPEST:
            if not self._takes(_RESERVE):
                return _NO_ROOM
            return self._object(value, depth) if isinstance(value, Mapping) else self._array(value, depth)
        plain = _plain(value)
        return plain if self._takes(len(to_json(plain)) + 1) else _NO_ROOM

    def _object(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        copy: dict[str, Any] = {}
        for done, (key, item) in enumerate(value.items()):
            name = _text(str(key))
            kept = REDACTED if self._rules.hides(str(key)) else item
            piece = self.of(kept, depth + 1) if self._takes(len(to_json(name)) + 1) else _NO_ROOM
            if piece is _NO_ROOM:
                return {**copy, _MORE: f"[{len(value) - done} more]"}
            copy[name] = piece
        return copy

    def _array(self, value: Sequence[Any], depth: int) -> list[Any]:
        copy: list[Any] = []
        for done, item in enumerate(value):
            piece = self.of(item, depth + 1)
            if piece is _NO_ROOM:
                return [*copy, f"[{len(value) - done} more]"]
            copy.append(piece)
        return copy

    def _takes(self, size: int) -> bool:
        if size > self._left:
            self._left = 0
            return False
        self._left -= size
        return True


def _plain(value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case str():
            return _text(value)
        case int():
            return value if value.bit_length() <= _LARGEST_BITS else "[long number]"
        case float():
            return value if math.isfinite(value) else str(value)
        case Mapping() | list() | tuple():
            return "[too deep]"
    return f"[{type(value).__name__}]"


def _text(text: str) -> str:
    cut = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + _MORE
    # Half of a surrogate pair is not a text for anybody who writes it down.
    return cut.encode(errors="replace").decode()
