"""The command `evaluate`: writes a report on a version to a file and to the version's run."""

import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from house_files import Empty
from house_record import AMES
from rich.console import Console

from housing_price_model.commands.output_file import require_writable, write_text
from housing_price_model.errors import DataError, ReportError
from housing_price_model.registry.connection import connect, tracking_uri, translate_errors
from housing_price_model.registry.versions import CHAMPION, MODEL_NAME, find_champion_version, find_version

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

    from housing_price_model.data import Sales
    from housing_price_model.gate.candidate import Candidate
    from housing_price_model.gate.checks.latency import Clock

REPORT_FILE = "evaluation/report.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """Which version (None: the champion), against which, on which sales, and where the page is written."""

    version: str | None = None
    against: str | None = None
    data: str | None = None
    empty: Empty | None = None
    output: Path | None = None
    registry_timeout_seconds: float = 5.0


def evaluate_version(request: EvaluationRequest, console: Console, *, clock: "Clock" = time.perf_counter) -> None:
    """Write a version's report, and store it with the version's run.

    Raises:
        ModelError: with one line for people.
    """
    _check_options(request)
    client = connect(tracking_uri(), timeout_seconds=request.registry_timeout_seconds)
    champion = find_champion_version(client)
    version = find_version(client, request.version) if request.version else champion
    if version is None:
        raise ReportError(f"there is no {CHAMPION} to report on: train a version with `housing-price-model train`")
    opponent = _find_opponent(request.against, version, champion, client)
    output = request.output or Path(f"evaluation-{version.version}.html")
    require_writable(output, "--output")
    page = _render(request, version, opponent, champion, console, client, clock)
    write_text(page, output)
    console.print(f"written to {output}")
    with translate_errors("keep the report"):
        client.log_text(str(version.run_id), page, REPORT_FILE)
    console.print(f"kept in MLflow as {REPORT_FILE} of run {version.run_id}")


def _check_options(request: EvaluationRequest) -> None:
    """Refuse what can be seen to be wrong before the registry is asked."""
    if request.output is not None:
        require_writable(request.output, "--output")
    against = request.against
    if against not in (None, CHAMPION) and not (str(against).isascii() and str(against).isdigit()):
        raise ReportError(f"--against {against}: name the number of a version, or {CHAMPION}")
    if request.data is not None:
        from housing_price_model.data import require_source

        require_source(request.data)


def _find_opponent(
    against: str | None, version: "ModelVersion", champion: "ModelVersion | None", client: "MlflowClient"
) -> "ModelVersion | None":
    opponent = champion if against in (None, CHAMPION) else find_version(client, str(against))
    if opponent is not None and opponent.version != version.version:
        return opponent
    if against is None:
        return None
    if opponent is None:
        raise ReportError(f"there is no {CHAMPION} to compare with")
    raise ReportError(f"version {version.version} can't be compared with itself: name another with --against")


def _render(
    request: EvaluationRequest,
    version: "ModelVersion",
    opponent: "ModelVersion | None",
    champion: "ModelVersion | None",
    console: Console,
    client: "MlflowClient",
    clock: "Clock",
) -> str:
    from housing_price_model.gate.candidate import Candidate
    from housing_price_model.progress import PlainProgress
    from housing_price_model.report.gathering import gather_evidence
    from housing_price_model.report.page import render_page

    with TemporaryDirectory(prefix="housing-price-model-") as temporary:

        def make_candidate(found: "ModelVersion") -> Candidate:
            return Candidate(found, client, AMES, Path(temporary), timeout_seconds=request.registry_timeout_seconds)

        subject, progress = make_candidate(version), PlainProgress(console)
        against = make_candidate(opponent) if opponent else None
        number = str(champion.version) if champion else None
        sales = load_sales_to_evaluate(request.data, subject, request.empty)
        announce(subject, against, sales, console)
        evidence = gather_evidence(subject, against, sales, progress, clock=clock, champion=number)
        progress.step("write the page")
        return render_page(evidence)


def announce(version: "Candidate", opponent: "Candidate | None", sales: "Sales", console: Console) -> None:
    """Print what is scored, and what is odd about the sales.

    Scored are fits for folds of the sales, never the one fit that is served: ``test`` scores that.
    """
    from housing_price_model.commands.sales_warnings import print_warnings
    from housing_price_model.report.gathering import has_prices_of

    against = f" against version {opponent.number}" if opponent else ""
    is_kept = has_prices_of(version, sales)
    fits = "the out-of-fold prices of its training" if is_kept else "its recipe, fitted again on these sales"
    console.print(f"{MODEL_NAME} version {version.number}{against}: scores {fits}")
    print_warnings(sales, console)


def load_sales_to_evaluate(data: str | None, version: "Candidate", empty: Empty | None = None) -> "Sales":
    """Load the sales that are named, or those of the version.

    Raises:
        DataError: with one line that says what is wrong.
    """
    from housing_price_model.data import load_sales

    return load_sales(data, AMES, empty) if data is not None else _load_own_sales(version)


def _load_own_sales(version: "Candidate") -> "Sales":
    try:
        return version.sales
    except DataError as error:
        raise DataError(f"{error}; name sales with --data") from error
