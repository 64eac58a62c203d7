"""The command `reproduce`: fit a version again from what it records, and compare prices."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.console import Console

from housing_price_model.data import Sales, load_sales
from housing_price_model.errors import NotReproduced
from housing_price_model.registry.connection import connect, tracking_uri
from housing_price_model.registry.versions import MODEL_NAME, find_version

if TYPE_CHECKING:
    from housing_price_model.gate.candidate import Candidate
    from housing_price_model.pipeline.reproduction import Comparison
    from housing_price_model.registry.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class ReproductionRequest:
    """Which version; ``data`` is where its sales are now, or None where they were."""

    version: str
    data: str | None = None
    tolerance_cents: int = 0
    registry_timeout_seconds: float = 5.0


def reproduce_version(request: ReproductionRequest, console: Console) -> None:
    """Say whether a version, fitted again, gives the same prices.

    Raises:
        NotReproduced: with one line: how many prices differ, and the likely cause.
        ModelError: if a part can't be had.
    """
    from housing_price_model.gate.candidate import Candidate

    client = connect(tracking_uri(), timeout_seconds=request.registry_timeout_seconds)
    version = find_version(client, request.version)
    with TemporaryDirectory(prefix="housing-price-model-") as temporary:
        below = Path(temporary)
        kept = Candidate(version, client, below / "kept", timeout_seconds=request.registry_timeout_seconds)
        sales = _sales(request, kept)
        console.print(f"{MODEL_NAME} version {kept.number}: {len(sales):,} sales of {sales.source}, as recorded")
        comparison = _compared(request, kept, sales, below / "again", console)
        if comparison.different:
            raise NotReproduced(_difference(kept.number, comparison, kept.model.manifest))
    console.print(f"version {kept.number} is reproduced: {comparison.sales:,} prices, {_agreement(request)}")


def _sales(request: ReproductionRequest, kept: "Candidate") -> Sales:
    """The sales that the version learnt from, and no others."""
    if request.data is None:
        return kept.sales
    sales = load_sales(request.data)
    recorded = kept.tags.get("data_sha256", "")
    if sales.sha256 != recorded:
        raise NotReproduced(
            f"{request.data} is not what version {kept.number} learnt from:"
            f" checksum {sales.sha256[:12]}, recorded is {recorded[:12]}"
        )
    return sales


def _compared(
    request: ReproductionRequest, kept: "Candidate", sales: Sales, folder: Path, console: Console
) -> "Comparison":
    from housing_price_model.pipeline.reproduction import compare, fitted_again, prices_of
    from housing_price_model.progress import PlainProgress

    stored = kept.prices_of_frame(sales.frame)
    again = fitted_again(kept.model.manifest, sales, folder, PlainProgress(console))
    return compare(stored, prices_of(again, sales), tolerance_cents=request.tolerance_cents)


def _difference(number: str, comparison: "Comparison", manifest: "Manifest") -> str:
    from housing_price_model.pipeline.reproduction import likely_cause

    return (
        f"version {number} is not reproduced: {comparison.different:,} of {comparison.sales:,} prices differ,"
        f" by up to ${comparison.largest_cents / 100:,.2f}; {likely_cause(manifest)}"
    )


def _agreement(request: ReproductionRequest) -> str:
    tolerance = request.tolerance_cents
    return f"the same within {tolerance} cents" if tolerance else "the same to the cent"
