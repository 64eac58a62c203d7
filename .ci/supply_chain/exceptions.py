"""What is let pass though a check finds it, from ``.ci/supply-chain.toml``: why, and until when."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One advisory, or the licence of one package, that is accepted until a day."""

    what: str
    reason: str
    expires: date


@dataclass(frozen=True)
class Exceptions:
    """Accepted advisories by id, and accepted packages by name."""

    advisories: dict[str, Pass]
    licences: dict[str, Pass]

    def expired(self, today: date) -> Iterator[str]:
        """A finding for each whose day has passed."""
        for accepted in (*self.advisories.values(), *self.licences.values()):
            if accepted.expires < today:
                yield f"the exception for {accepted.what} expired on {accepted.expires}: look at it again"


def read_exceptions(path: Path) -> Exceptions:
    """The exceptions of a file.

    Raises:
        KeyError: if one lacks a reason or a day.
    """
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return Exceptions(
        advisories={entry["id"]: _pass(entry["id"], entry) for entry in document.get("advisory", ())},
        licences={entry["package"]: _pass(entry["package"], entry) for entry in document.get("licence", ())},
    )


def _pass(what: str, entry: dict[str, object]) -> Pass:
    reason, expires = entry["reason"], entry["expires"]
    if not isinstance(expires, date) or not isinstance(reason, str) or not reason:
        raise KeyError(f"the exception for {what} needs a reason and a day on which it expires")
    return Pass(what=what, reason=reason, expires=expires)
