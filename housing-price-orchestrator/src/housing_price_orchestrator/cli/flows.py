"""The commands ``flows …`` with the settings and the model of this service."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from declared_flows.cli.commands import FlowCommands
from declared_flows.cli.program import Configuration, Program

from housing_price_orchestrator.cli.terminal import NAME, report_errors

if TYPE_CHECKING:
    from declared_flows.planning.surroundings import Surroundings

    from housing_price_orchestrator.settings import Settings


def check_before_serving(settings: "Settings") -> None:
    """End the command with all diagnostics if flows are to be served and their files are wrong."""
    if settings.flows.folder:
        _commands.load(_configuration(settings), settings.flows.folder)


def _configure() -> Configuration:
    from housing_price_orchestrator.settings.environment import read_settings

    with report_errors():
        return _configuration(read_settings())


def _configuration(settings: "Settings") -> Configuration:
    from housing_price_orchestrator.bootstrap.flows import run_once, surroundings
    from housing_price_orchestrator.service import flow_source

    async def run(place: Path, flow: str, request: Mapping[str, Any]) -> dict[str, Any]:
        from housing_price_orchestrator.observability.logs import configure_logging
        from housing_price_orchestrator.settings import LogSettings

        configure_logging(LogSettings(level="error"), settings.environment)
        return await run_once(settings, place, flow, request)

    setting = "URL" if settings.pricing_model.mode == "http" else "MODEL_URI"
    model = f"{settings.pricing_model.place}, as ORCHESTRATOR_PRICING_MODEL__{setting} says"
    return Configuration(settings.flows.folder, surroundings(settings), run, {flow_source.NAME: model})


def _describe() -> "Surroundings":
    from housing_price_orchestrator.bootstrap.flow_surroundings import surroundings

    return surroundings()


_commands = FlowCommands(Program(NAME, "ORCHESTRATOR_FLOWS__FOLDER", _describe, _configure))
flows = _commands.app()
