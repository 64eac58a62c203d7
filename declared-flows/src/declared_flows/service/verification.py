"""Asks sources whether they have what their declarations name."""

import asyncio
from collections.abc import Sequence

import structlog
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import DeadlineExceeded, UpstreamError

from declared_flows.errors import STEP_ERRORS
from declared_flows.notation.diagnostics import Diagnostic
from declared_flows.planning.loading import DeclaredSource
from declared_flows.sources.port import OpenSource

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def verify_sources(sources: Sequence[tuple[DeclaredSource, OpenSource]], seconds: float) -> list[Diagnostic]:
    """Return what sources lack. A source that does not answer is not an error: it may come later.

    Args:
        sources: each with its declaration.
        seconds: how long each may take.
    """
    found = await asyncio.gather(*(_verify(declared, source, seconds) for declared, source in sources))
    return [diagnostic for diagnostics in found for diagnostic in diagnostics]


async def _verify(declared: DeclaredSource, source: OpenSource, seconds: float) -> list[Diagnostic]:
    try:
        async with Deadline.after(seconds).limit():
            missing = await source.verify()
    except (UpstreamError, DeadlineExceeded) as error:
        reason = getattr(error, "reason", None) or str(error)
        log.warning("a source can't be verified now", source=declared.name, reason=reason)
        return []
    except STEP_ERRORS as error:
        return [declared.location.diagnostic(str(error))]
    return [declared.location.diagnostic(sentence) for sentence in missing]
