"""Reads a query string whose names are all known: a misspelt option must not be taken for one that was left out."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl

from housing_price_orchestrator.errors import InvalidInput

MAX_NAMES = 20
"""Maximum number of wrong names that a response lists."""

_MAX_NAME_LENGTH = 64
"""Characters of a wrong name that a response repeats. A longer name is not compared with the known ones."""

type Mistake = Mapping[str, Any]


def read_query(query: bytes, known: Collection[str]) -> dict[str, str]:
    """Return the values in a query string by name.

    Raises:
        InvalidInput: if a name is unknown or given twice.
    """
    if not query:
        return {}
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    check_names((name for name, _ in pairs), known)
    return dict(pairs)


def check_names(names: Iterable[str], known: Collection[str], lists: Collection[str] = ()) -> None:
    """Check the names in a query.

    Args:
        names: each name as often as it is given.
        known: the names that are allowed.
        lists: those that may be given more than once.

    Raises:
        InvalidInput: if a name is unknown, or given twice where once is allowed.
    """
    mistakes = list(_find_mistakes(names, known, lists))
    if mistakes:
        raise InvalidInput(mistakes[:MAX_NAMES], len(mistakes))


def _find_mistakes(names: Iterable[str], known: Collection[str], lists: Collection[str]) -> Iterator[Mistake]:
    seen: set[str] = set()
    reported: set[str] = set()
    for name in names:
        if name not in known:
            if name not in reported:
                yield _unknown(name, known, is_suggested=len(reported) < MAX_NAMES)
                reported.add(name)
        elif name in seen and name not in lists and name not in reported:
            yield {"type": "duplicate_option", "loc": ["query", name], "msg": "It is given more than once"}
            reported.add(name)
        seen.add(name)


def _unknown(name: str, known: Collection[str], *, is_suggested: bool) -> Mistake:
    mistake = {"type": "extra_forbidden", "loc": ["query", name[:_MAX_NAME_LENGTH]]}
    nearest = _nearest(name, known) if is_suggested and len(name) <= _MAX_NAME_LENGTH else None
    if nearest:
        message = f"There is no such option; did you mean '{nearest}'?"
        return {**mistake, "msg": message, "ctx": {"suggestion": nearest}}
    return {**mistake, "msg": f"There is no such option; this address takes {_join(known)}"}


def _nearest(name: str, known: Collection[str]) -> str | None:
    by_lower = {each.lower(): each for each in known}
    found = get_close_matches(name.lower(), by_lower, n=1)
    return by_lower[found[0]] if found else None


def _join(known: Collection[str]) -> str:
    return ", ".join(f"'{name}'" for name in known) or "none"
