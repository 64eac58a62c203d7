"""The commands ``flows …`` with the settings and the model of this service."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from declared_flows.cli.commands import FlowCommands
from declared_flows.cli.program import Configuration, Program

if TYPE_CHECKING:
    from declared_flows.planning.surroundings import Surroundings

    from housing_price_orchestrator.settings import Settings

NAME = "housing-price-orchestrator"


def check_before_serving(settings: "Settings") -> None:
    """End the command with all diagnostics if flows are to be served and their files are wrong."""
    if settings.flows.folder:
        _commands.load(_configuration(settings), settings.flows.folder)


def _configure() -> Configuration:
    from housing_price_orchestrator.settings.environment import InvalidSettings, read_settings

    try:
        return _configuration(read_settings())
    except InvalidSettings as error:
        for line in error.lines:
            print(f"{NAME}: {line}", file=sys.stderr)
        raise typer.Exit(1) from error


def _configuration(settings: "Settings") -> Configuration:
    from housing_price_orchestrator.bootstrap.flows import done_once, surroundings

    async def run(place: Path, flow: str, request: Mapping[str, Any]) -> dict[str, Any]:
        from housing_price_orchestrator.observability.logs import configure_logging
        from housing_price_orchestrator.settings import LogSettings

        configure_logging(LogSettings(level="error"), settings.environment)
        return await done_once(settings, place, flow, request)

    return Configuration(settings.flows.folder, surroundings(settings), run)


def _describe() -> "Surroundings":
    from housing_price_orchestrator.bootstrap.flow_surroundings import surroundings

    return surroundings()


_commands = FlowCommands(Program(NAME, "ORCHESTRATOR_FLOWS__FOLDER", _describe, _configure))
flows = _commands.app()
