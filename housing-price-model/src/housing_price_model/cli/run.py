"""The command `run` and its options."""

from pathlib import Path
from typing import Annotated

import typer
from command_line.output import make_console

from housing_price_model.cli.options import WAIT_SECONDS, RegistryTimeout
from housing_price_model.cli.terminal import report_errors


def run(
    *,
    config: Annotated[
        Path | None, typer.Option(help="The configuration, as TOML; the defaults if left out.", metavar="FILE")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="A single value, such as tune.trials=20.", metavar="KEY=VALUE")
    ] = None,
    steps: Annotated[
        str | None, typer.Option(help="Run only these steps, separated by commas.", metavar="STEPS")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="Run this step and those after it.", metavar="STEP")
    ] = None,
    state_dir: Annotated[Path, typer.Option(help="Folder of results and studies.")] = Path(".housing-price"),
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Run the pipeline from data to a registered version; a step whose inputs have not changed is skipped."""
    if steps is not None and first is not None:
        raise typer.BadParameter("can't be combined with --from", param_hint="--steps")
    with report_errors():
        from housing_price_model.commands.run import PipelineRequest, run_pipeline

        request = PipelineRequest(
            config=config,
            overrides=overrides or (),
            steps=steps,
            first=first,
            state_dir=state_dir,
            registry_timeout_seconds=registry_timeout_seconds,
        )
        run_pipeline(request, make_console())
