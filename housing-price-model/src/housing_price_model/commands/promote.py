"""The command `promote`: the gate's checks as a table, the verdict, and only then the alias."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.console import Console

from housing_price_model.errors import PromotionRefused
from housing_price_model.registry.connection import connect, tracking_uri
from housing_price_model.registry.promotion import Grounds, promote_version
from housing_price_model.registry.versions import CHAMPION, MODEL_NAME, champion_version, find_version

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

    from housing_price_model.gate.checks.check import Check
    from housing_price_model.gate.checks.latency import Clock

RESTART = "a model server that runs keeps its version until it is restarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionRequest:
    """Which version, and the reason to promote it even where it fails a check; None where it has to pass."""

    version: str
    force: str | None = None
    registry_timeout_seconds: float = 5.0


def promote_candidate(request: PromotionRequest, console: Console, *, clock: "Clock" = time.perf_counter) -> None:
    """Move the alias to a version that passes the gate, or in spite of it.

    Raises:
        PromotionRefused: with one line that names what failed; the champion is then as before.
        RegistryError: if the registry can't be asked.
    """
    client = connect(tracking_uri(), timeout_seconds=request.registry_timeout_seconds)
    challenger, champion = find_version(client, request.version), champion_version(client)
    if champion is not None and champion.version == challenger.version:
        console.print(f"{MODEL_NAME} version {challenger.version} is the {CHAMPION} already: nothing to promote")
        return
    console.print(_opponents(challenger, champion))
    checks = _examine(request, challenger, champion, console, client, clock)
    for line in table(checks):
        console.print(line)
    grounds = _grounds(request, [check for check in checks if not check.passed])
    _check_unchanged(client, champion)
    promote_version(client, request.version, grounds)
    console.print(_verdict(challenger, champion, grounds))
    console.print(RESTART)


def table(checks: Sequence["Check"]) -> list[str]:
    """A line for each check, below one of headings."""
    rows = [("check", "outcome", "figure", "limit")]
    rows += [(check.name, "passed" if check.passed else "FAILED", check.figure, check.limit) for check in checks]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _examine(
    request: PromotionRequest,
    challenger: "ModelVersion",
    champion: "ModelVersion | None",
    console: Console,
    client: "MlflowClient",
    clock: "Clock",
) -> "list[Check]":
    from housing_price_model.gate.candidate import Candidate
    from housing_price_model.gate.run import examine
    from housing_price_model.progress import PlainProgress

    with TemporaryDirectory(prefix="housing-price-model-") as temporary:

        def contender(version: "ModelVersion") -> Candidate:
            return Candidate(version, client, Path(temporary), timeout_seconds=request.registry_timeout_seconds)

        opponent = contender(champion) if champion else None
        return list(examine(contender(challenger), opponent, PlainProgress(console), clock))


def _grounds(request: PromotionRequest, failed: Sequence["Check"]) -> Grounds:
    if not failed:
        return Grounds("passed", request.force or "")
    if request.force is not None:
        return Grounds("failed", request.force, tuple(check.name for check in failed))
    reasons = "; ".join(f"{check.name} ({check.figure})" for check in failed)
    raise PromotionRefused(
        f"version {request.version} is not promoted: {reasons}. To promote it all the same:"
        f" housing-price-model promote {request.version} --force REASON"
    )


def _check_unchanged(client: "MlflowClient", champion: "ModelVersion | None") -> None:
    """Someone else may have promoted a version while the checks ran; they compared with another champion."""
    now = champion_version(client)
    if (now and now.version) != (champion and champion.version):
        raise PromotionRefused("another version became the champion in the meantime: promote again to compare with it")


def _opponents(challenger: "ModelVersion", champion: "ModelVersion | None") -> str:
    opponent = f"the {CHAMPION}, version {champion.version}" if champion else f"no {CHAMPION}"
    return f"{MODEL_NAME} version {challenger.version} against {opponent}"


def _verdict(challenger: "ModelVersion", champion: "ModelVersion | None", grounds: Grounds) -> str:
    before = f", in place of version {champion.version}" if champion else ""
    forced = f", in spite of {', '.join(grounds.failed_checks)}: {grounds.reason}" if grounds.failed_checks else ""
    return f"{MODEL_NAME} version {challenger.version} is the {CHAMPION}{before}{forced}"
