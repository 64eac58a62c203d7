"""The command ``print-openapi``."""

import json


def print_openapi() -> None:
    """Print the OpenAPI document."""
    from housing_price_orchestrator.bootstrap.app import create_app
    from housing_price_orchestrator.settings import Settings

    document = create_app(Settings.model_construct()).openapi()
    print(json.dumps(document, indent=2, ensure_ascii=False))
