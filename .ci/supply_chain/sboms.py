"""A list of the packages in each image, in CycloneDX. Each Dockerfile has it made by the same command."""

from pathlib import Path

from supply_chain.lock import exported

IMAGES = {
    "housing-price-model": (),
    "housing-price-orchestrator": ("redis", "postgres"),
    "mlflow-server": ("auth", "metrics", "postgres", "s3"),
}
"""The extras that each image has."""

FORM = "cyclonedx1.5"


def sbom_options(image: str) -> list[str]:
    """The packages of an image, for uv."""
    extras = [text for extra in IMAGES[image] for text in ("--extra", extra)]
    return ["--no-dev", "--package", image, *extras]


def write_sboms(root: Path, folder: Path) -> list[Path]:
    """Write the list of each image into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for image in IMAGES:
        path = folder / f"{image}.cdx.json"
        path.write_text(exported(root, FORM, *sbom_options(image)), encoding="utf-8")
        written.append(path)
    return written
