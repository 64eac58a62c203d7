"""What every command that reads sales says of them as a whole: that some stand there twice, for example."""

from rich.console import Console

from housing_price_model.data import Sales


def print_warnings(sales: Sales, console: Console) -> None:
    """Print each warning as a line."""
    for warning in sales.warnings:
        console.print(f"warning: {warning}")
