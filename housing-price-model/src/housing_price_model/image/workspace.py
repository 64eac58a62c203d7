"""Finds the Dockerfile and the sources of an image."""

from pathlib import Path

from housing_price_model.errors import ImageError

DOCKERFILE = Path("housing-price-model", "Dockerfile")


def workspace_root(module: Path = Path(__file__)) -> Path:
    """Return the root of the checkout that this code runs from.

    Raises:
        ImageError: if it runs from an installed wheel.
    """
    for folder in module.resolve().parents:
        if (folder / "uv.lock").is_file() and (folder / DOCKERFILE).is_file():
            return folder
    raise ImageError("an image is built from the sources, which are not here: run this in a checkout of the workspace")
