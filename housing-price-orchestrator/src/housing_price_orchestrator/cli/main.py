"""The command ``housing-price-orchestrator``: its subcommands, each in a module of its own."""

import typer

from housing_price_orchestrator.cli.flows import flows
from housing_price_orchestrator.cli.keys import keys
from housing_price_orchestrator.cli.openapi import print_openapi
from housing_price_orchestrator.cli.serve import serve
from housing_price_orchestrator.cli.terminal import NAME

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(serve)
app.command()(print_openapi)
app.add_typer(keys, name="keys")
app.add_typer(flows, name="flows")


@app.callback()
def orchestrator() -> None:
    """The typed HTTP API in front of the pricing model."""


def main() -> None:
    """Run the command."""
    app(prog_name=NAME)
