"""Variables that Kubernetes writes into a container for every service of its namespace.

A service `orchestrator` gives `ORCHESTRATOR_PORT=tcp://10.0.0.1:8000`, `ORCHESTRATOR_SERVICE_HOST` and five more, which
look like settings of a program with that prefix. Nobody wrote them. Docker writes some of them for its old links.
https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
"""

import re
from collections.abc import Mapping, MutableMapping

PREFIXES = ("ORCHESTRATOR_", "HOUSING_PRICE_", "MLFLOW_")
"""With what the settings of the platform begin, and so the variables of services that are called like its processes."""

ADVICE = "`enableServiceLinks: false` in the pod's specification turns them off"

_ADDRESS = re.compile(r"(tcp|udp|sctp)://(\[[0-9a-f:.]+\]|[^\s/:]+):\d+", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_HOST = re.compile(r"[0-9a-f:.]+", re.IGNORECASE)
_ANY = re.compile(r".*", re.DOTALL)
_PORT = r"_PORT_\d+_(TCP|UDP|SCTP)"
_KINDS = (
    (re.compile(r".+_PORT"), _ADDRESS),
    (re.compile(rf".+{_PORT}"), _ADDRESS),
    (re.compile(rf".+{_PORT}_(PROTO|PORT|ADDR)"), _ANY),
    (re.compile(r".+_SERVICE_HOST"), _HOST),
    (re.compile(r".+_SERVICE_PORT(_[A-Z0-9_]+)?"), _NUMBER),
)
"""How the name and the value of each kind look. A value tells `_PORT` of a service from a setting of that name."""


def is_service_link(name: str, value: str) -> bool:
    """Return whether Kubernetes wrote this variable, by the forms of its name and value.

    A name with two underscores is a nested setting of ours, such as a secret that a user calls `DB_SERVICE_HOST`.
    """
    return "__" not in name and any(
        names.fullmatch(name.upper()) and values.fullmatch(value.strip()) for names, values in _KINDS
    )


def find_service_links(environment: Mapping[str, str], prefixes: tuple[str, ...] = PREFIXES) -> list[str]:
    """Return the names of the variables with one of these prefixes that Kubernetes wrote, sorted."""
    return sorted(
        name
        for name, value in environment.items()
        if name.upper().startswith(prefixes) and is_service_link(name, value)
    )


def drop_service_links(environment: MutableMapping[str, str], prefixes: tuple[str, ...] = PREFIXES) -> str | None:
    """Remove these variables; return one line for people that names them, or None if there are none."""
    found = find_service_links(environment, prefixes)
    for name in found:
        del environment[name]
    if not found:
        return None
    return f"ignored {', '.join(found)}: variables that Kubernetes writes for its services; {ADVICE}"
