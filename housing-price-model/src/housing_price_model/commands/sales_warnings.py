"""What every command that reads sales says of them as a whole, such as how empty cells were read."""

from rich.console import Console

from housing_price_model.data import Sales


def print_warnings(sales: Sales, console: Console) -> None:
    """Print how empty cells were read, and each warning, as lines."""
    if sales.empty_cells:
        console.print(sales.empty_cells)
    for warning in sales.warnings:
        console.print(f"warning: {warning}")
