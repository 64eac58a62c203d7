"""The command ``print-openapi``."""

from command_line.output import format_json


def print_openapi() -> None:
    """Print the OpenAPI document."""
    from housing_price_orchestrator.bootstrap.app import create_app
    from housing_price_orchestrator.settings import Settings

    document = create_app(Settings.model_construct()).openapi()
    print(format_json(document))
