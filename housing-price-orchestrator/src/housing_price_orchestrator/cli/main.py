"""The command ``housing-price-orchestrator``: its subcommands, each in a module of its own."""

from command_line.program import add_command, make_program, run

from housing_price_orchestrator.cli.flows import flows
from housing_price_orchestrator.cli.keys import keys
from housing_price_orchestrator.cli.openapi import print_openapi
from housing_price_orchestrator.cli.serve import serve
from housing_price_orchestrator.cli.terminal import NAME

app = make_program(NAME, help="The typed HTTP API in front of the pricing model.")
add_command(app, serve)
add_command(app, print_openapi)
app.add_typer(keys, name="keys")
app.add_typer(flows, name="flows")


def main() -> None:
    """Run the command."""
    run(app, NAME)
