"""Licences of packages: as their metadata spell them, as SPDX names them, and whether we may ship them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, metadata
from typing import Protocol

from supply_chain.exceptions import Exceptions

ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "PSF-2.0",
        "Zlib",
    }
)
"""What asks for no more than its notice. Copyleft, weak too, is an exception with a reason."""

SPELLINGS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
UNKNOWN = "unknown"
NOT_INSTALLED = "not installed"


class Fields(Protocol):
    """What is read of a package's metadata: single fields, and fields that may come several times."""

    def get(self, name: str, /) -> str | None: ...
    def get_all(self, name: str, failobj: list[str], /) -> list[str]: ...


def installed_licences(packages: Iterable[str]) -> dict[str, str]:
    """The licence of each package as an SPDX expression, as far as what is installed says it."""
    return {name: _installed(name) for name in packages}


def licence_findings(licences: Mapping[str, str], exceptions: Exceptions) -> Iterator[str]:
    """A finding for each package that may not be shipped, and for each exception that nothing needs."""
    refused = {name: licence for name, licence in licences.items() if not is_allowed(licence)}
    for name in sorted(refused.keys() - exceptions.licences.keys()):
        yield f"{name} has the licence {refused[name]!r}, which is not on the list of those that we ship"
    for name in sorted(exceptions.licences.keys() - refused.keys()):
        yield f"the exception for the licence of {name} is no longer needed"


def is_allowed(expression: str) -> bool:
    """Whether one of the alternatives of an SPDX expression consists of allowed licences alone."""
    alternatives = re.split(r"\s+OR\s+", expression)
    return any(all(part in ALLOWED for part in re.split(r"\s+AND\s+", parts)) for parts in alternatives)


def licence_in(found: Fields) -> str:
    """The licence that metadata declare: as an expression, else by classifiers, else in words."""
    if expression := found.get("License-Expression"):
        return expression
    classifiers = [text.rpartition(" :: ")[2] for text in found.get_all("Classifier", []) if text.startswith("License")]
    named = [SPELLINGS[text] for text in classifiers if text in SPELLINGS]
    if named and len(named) == len(classifiers):
        return " OR ".join(named)
    text = (found.get("License") or "").strip()
    return SPELLINGS.get(text, text) if text and "\n" not in text else UNKNOWN


def _installed(name: str) -> str:
    try:
        return licence_in(metadata(name))
    except PackageNotFoundError:
        return NOT_INSTALLED
