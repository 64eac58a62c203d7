"""The command `build-image`: checks for Docker, sources and a verified version, and then builds."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from house_record import AMES
from rich.console import Console

TARGET = "baked"
MODEL_CONTEXT = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """Which version the image contains, and the image's name, or None for the default."""

    model_uri: str
    tag: str | None
    registry_timeout_seconds: float


def build_model_image(request: ImageRequest, console: Console) -> None:
    """Build the image and say how to run it.

    Raises:
        ModelError: with one line for people; no image is built.
    """
    from housing_price_model.image.baking import bake
    from housing_price_model.image.docker import Build, Docker
    from housing_price_model.image.workspace import DOCKERFILE, workspace_root
    from housing_price_model.registry.provenance import git_commit

    root, docker = workspace_root(), Docker()
    with TemporaryDirectory(prefix="housing-price-image-") as temporary:
        folder = Path(temporary) / "model"
        reference = bake(request.model_uri, folder, AMES, timeout_seconds=request.registry_timeout_seconds)
        tag = request.tag or f"{reference.name or 'housing-price'}:{reference.version or 'unregistered'}"
        build = Build(
            dockerfile=root / DOCKERFILE,
            target=TARGET,
            context=root,
            named_contexts={MODEL_CONTEXT: folder},
            arguments={"REVISION": git_commit() or "unknown"},
            tag=tag,
        )
        docker.build(build)
    console.print(f"built {tag} with {reference.source}: docker run --rm -p 127.0.0.1:8080:8080 {tag}")
