"""What runs in a process of its own: it reads templates with their values, and writes what they are."""

import math
import pickle
import resource
import sys
import time
from dataclasses import dataclass

from declared_flows.notation.expressions import NotComputable, Values
from declared_flows.notation.templates import Template

HEAD_BYTES = 8
"""Each message begins with its length, in this many bytes."""

OWN_VALUE = "a value of the flow"
"""What is named where it is not known which of several expressions it was."""

MOST_MEMORY_BYTES = 1024**3
"""Memory that the process may have."""

MOST_BYTES = 4 * 1024**2
"""Size of the largest value."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The value of a template, pickled; or else the expression that has none, and why."""

    value: bytes | None
    source: str = ""
    reason: str = ""


def compute(template: Template, values: Values) -> Outcome:
    """Compute a template."""
    try:
        pickled = pickle.dumps(template.value(values), pickle.HIGHEST_PROTOCOL)
    except NotComputable as error:
        return Outcome(None, error.source, error.reason)
    except MemoryError:
        return Outcome(None, OWN_VALUE, "it takes too much memory")
    if len(pickled) > MOST_BYTES:
        return Outcome(None, OWN_VALUE, f"it is larger than {MOST_BYTES // 1024**2} MiB")
    return Outcome(pickled)


def serve() -> None:
    """Compute what arrives until there is nothing more to come."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while head := source.read(HEAD_BYTES):
        template, values, seconds = pickle.loads(source.read(int.from_bytes(head)))  # noqa: S301  of our own parent
        _limit(resource.RLIMIT_AS, MOST_MEMORY_BYTES)
        # Should the parent be gone by then, the kernel ends the work.
        _limit(resource.RLIMIT_CPU, math.ceil(time.process_time() + seconds) + 1)
        outcome = pickle.dumps(compute(template, values), pickle.HIGHEST_PROTOCOL)
        sink.write(len(outcome).to_bytes(HEAD_BYTES) + outcome)
        sink.flush()


def _limit(kind: int, soft: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


if __name__ == "__main__":
    # As the parent knows it, so that what is pickled here is found there.
    from declared_flows.execution.own_process_main import serve as serve_parent

    serve_parent()
