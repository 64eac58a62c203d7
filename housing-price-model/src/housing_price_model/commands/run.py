"""The command `run`: runs the pipeline, or some of its steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from house_record import AMES
from rich.console import Console

from housing_price_model.registry.connection import connect, tracking_uri

STUDIES_FILE = "studies.db"
RESULTS_FOLDER = "pipeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRequest:
    """Which configuration and which steps (None: all); ``state_dir`` is the folder of results and studies."""

    config: Path | None = None
    overrides: Sequence[str] = ()
    steps: str | None = None
    first: str | None = None
    state_dir: Path = Path(".housing-price")
    registry_timeout_seconds: float = 5.0


def run_pipeline(request: PipelineRequest, console: Console) -> None:
    """Run the steps whose inputs have changed.

    Raises:
        ModelError: with one line for people; results of finished steps are kept.
    """
    from housing_price_model.pipeline.configuration import read_configuration
    from housing_price_model.pipeline.run_log import PipelineLog
    from housing_price_model.pipeline.runner import Pipeline, choose_steps
    from housing_price_model.pipeline.store import ResultStore
    from housing_price_model.progress import PlainProgress

    configuration = read_configuration(request.config, request.overrides)
    chosen = choose_steps(request.steps, request.first)
    client = connect(tracking_uri(), timeout_seconds=request.registry_timeout_seconds)
    results = request.state_dir / RESULTS_FOLDER
    pipeline = Pipeline(
        configuration=configuration,
        record=AMES,
        store=ResultStore(results),
        client=client,
        log=PipelineLog(client, configuration.model_dump_json(by_alias=True, indent=2)),
        progress=PlainProgress(console),
        studies=request.state_dir / STUDIES_FILE,
    )
    made = pipeline.run(chosen)
    console.print(f"results in {results}: {', '.join(str(result) for result in made.values())}")
