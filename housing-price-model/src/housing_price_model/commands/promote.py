"""The command `promote`: runs the gate's checks, prints them as a table, and then moves the alias."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from command_line.invocation import as_typed
from house_record import AMES
from rich.console import Console

from housing_price_model.errors import PromotionRefused
from housing_price_model.registry.connection import connect, tracking_uri
from housing_price_model.registry.promotion import Grounds, promote_version
from housing_price_model.registry.versions import CAUTION_TAG, CHAMPION, MODEL_NAME, find_champion_version, find_version

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

    from housing_price_model.gate.checks.check import Check
    from housing_price_model.gate.checks.latency import Clock

RESTART = "a model server that runs keeps its version until it is restarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionRequest:
    """Which version, and why it may be promoted.

    ``force`` is the reason to promote it even if it fails a check, and ``data_changed`` the reason why it learnt from
    other sales than the champion; None if there is no such reason.
    """

    version: str
    force: str | None = None
    data_changed: str | None = None
    registry_timeout_seconds: float = 5.0


def promote_candidate(request: PromotionRequest, console: Console, *, clock: "Clock" = time.perf_counter) -> None:
    """Move the alias to a version that passes the gate or is forced.

    Raises:
        PromotionRefused: with one line that names the failed checks; the champion is unchanged.
        RegistryError: if the registry can't be reached or refuses.
    """
    client = connect(tracking_uri(), timeout_seconds=request.registry_timeout_seconds)
    candidate, champion = find_version(client, request.version), find_champion_version(client)
    if champion is not None and champion.version == candidate.version:
        console.print(f"{MODEL_NAME} version {candidate.version} is the {CHAMPION} already: nothing to promote")
        return
    console.print(_describe_opponents(candidate, champion))
    if caution := candidate.tags.get(CAUTION_TAG):
        console.print(f"caution: {caution}")
    checks = _run_checks(request, candidate, champion, console, client, clock)
    for line in format_table(checks):
        console.print(line)
    grounds = _decide(request, [check for check in checks if not check.passed])
    _check_unchanged(client, champion)
    promote_version(client, request.version, grounds)
    console.print(_describe_outcome(candidate, champion, grounds))
    console.print(RESTART)


def format_table(checks: Sequence["Check"]) -> list[str]:
    """Return a header and a line for each check."""
    rows = [("check", "outcome", "figure", "limit")]
    rows += [(check.name, check.outcome, check.figure, check.limit) for check in checks]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _run_checks(
    request: PromotionRequest,
    candidate: "ModelVersion",
    champion: "ModelVersion | None",
    console: Console,
    client: "MlflowClient",
    clock: "Clock",
) -> "list[Check]":
    from housing_price_model.gate.candidate import Candidate
    from housing_price_model.gate.run import run_checks
    from housing_price_model.progress import PlainProgress

    with TemporaryDirectory(prefix="housing-price-model-") as temporary:

        def make_candidate(version: "ModelVersion") -> Candidate:
            return Candidate(version, client, AMES, Path(temporary), timeout_seconds=request.registry_timeout_seconds)

        opponent = make_candidate(champion) if champion else None
        subject, progress = make_candidate(candidate), PlainProgress(console)
        return list(run_checks(subject, opponent, progress, clock, data_changed=request.data_changed))


def _decide(request: PromotionRequest, failed: Sequence["Check"]) -> Grounds:
    data_changed = request.data_changed or ""
    if not failed:
        return Grounds("passed", request.force or "", data_changed=data_changed)
    if request.force is not None:
        return Grounds("failed", request.force, tuple(check.name for check in failed), data_changed)
    reasons = "; ".join(f"{check.name} ({check.figure})" for check in failed)
    raise PromotionRefused(
        f"version {request.version} is not promoted: {reasons}. To promote it all the same:"
        f" {as_typed(f'housing-price-model promote {request.version} --force REASON')}"
    )


def _check_unchanged(client: "MlflowClient", champion: "ModelVersion | None") -> None:
    """Fail if someone promoted another version while the checks ran."""
    now = find_champion_version(client)
    if (now and now.version) != (champion and champion.version):
        raise PromotionRefused("another version became the champion in the meantime: promote again to compare with it")


def _describe_opponents(candidate: "ModelVersion", champion: "ModelVersion | None") -> str:
    opponent = f"the {CHAMPION}, version {champion.version}" if champion else f"no {CHAMPION}"
    return f"{MODEL_NAME} version {candidate.version} against {opponent}"


def _describe_outcome(candidate: "ModelVersion", champion: "ModelVersion | None", grounds: Grounds) -> str:
    before = f", in place of version {champion.version}" if champion else ""
    forced = f", despite failing {', '.join(grounds.failed_checks)}: {grounds.reason}" if grounds.failed_checks else ""
    return f"{MODEL_NAME} version {candidate.version} is the {CHAMPION}{before}{forced}"
