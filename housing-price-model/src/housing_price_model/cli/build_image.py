"""The command `build-image` and its options."""

from typing import Annotated

import typer
from command_line.output import make_console

from housing_price_model.cli.options import MODEL_URI_HELP, WAIT_SECONDS, RegistryTimeout
from housing_price_model.cli.terminal import report_errors


def build_image(
    *,
    model_uri: Annotated[str, typer.Option(help=MODEL_URI_HELP)],
    tag: Annotated[str | None, typer.Option(help="Name of the image; default: the model's name and version.")] = None,
    registry_timeout_seconds: RegistryTimeout = WAIT_SECONDS,
) -> None:
    """Build an image that serves one version without MLflow. Needs a checkout and Docker."""
    with report_errors():
        from housing_price_model.commands.build_image import ImageRequest, build_model_image

        request = ImageRequest(model_uri=model_uri, tag=tag, registry_timeout_seconds=registry_timeout_seconds)
        build_model_image(request, make_console())
