"""The command `reproduce`: refits a version from its record, and compares prices."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from house_record import AMES
from rich.console import Console

from housing_price_model.commands.sales_warnings import print_warnings
from housing_price_model.data import Sales, load_sales, load_sales_with_checksum, require_source
from housing_price_model.errors import NotReproduced
from housing_price_model.registry.connection import connect, tracking_uri
from housing_price_model.registry.versions import MODEL_NAME, find_version

if TYPE_CHECKING:
    from housing_price_model.gate.candidate import Candidate
    from housing_price_model.pipeline.reproduction import Comparison
    from housing_price_model.registry.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class ReproductionRequest:
    """Which version; ``data`` is where its sales are now, or None if they have not moved."""

    version: str
    data: str | None = None
    tolerance_cents: int = 0
    registry_timeout_seconds: float = 5.0


def reproduce_version(request: ReproductionRequest, console: Console) -> None:
    """Refit a version and print whether it gives the same prices.

    Raises:
        NotReproduced: with one line that says how many prices differ, and the likely cause.
        ModelError: if a part is not available.
    """
    from housing_price_model.gate.candidate import Candidate

    if request.data is not None:
        require_source(request.data)
    client = connect(tracking_uri(), timeout_seconds=request.registry_timeout_seconds)
    version = find_version(client, request.version)
    with TemporaryDirectory(prefix="housing-price-model-") as temporary:
        below = Path(temporary)
        kept = Candidate(version, client, AMES, below / "kept", timeout_seconds=request.registry_timeout_seconds)
        sales = load_recorded_sales(request, kept, console)
        console.print(f"{MODEL_NAME} version {kept.number}: {len(sales):,} sales of {sales.source}, as recorded")
        comparison = _compare(request, kept, sales, below / "again", console)
        if comparison.different:
            raise NotReproduced(_describe_difference(kept.number, comparison, kept.model.manifest))
    console.print(f"version {kept.number} is reproduced: {comparison.sales:,} prices, {_describe_agreement(request)}")


def load_recorded_sales(request: ReproductionRequest, kept: "Candidate", console: Console) -> Sales:
    """Load the sales that the version was trained on, reject others, and print what is odd about them.

    Raises:
        NotReproduced: if they are others.
        DataError: with one line that says what else is wrong.
    """
    recorded = kept.tags.get("data_sha256", "")
    sales = kept.sales if request.data is None else load_sales_with_checksum(request.data, AMES, recorded)
    if sales is None:
        found = load_sales(str(request.data), AMES).sha256
        raise NotReproduced(
            f"{request.data} is not what version {kept.number} learnt from:"
            f" checksum {found[:12]}, recorded is {recorded[:12]}"
        )
    print_warnings(sales, console)
    return sales


def _compare(
    request: ReproductionRequest, kept: "Candidate", sales: Sales, folder: Path, console: Console
) -> "Comparison":
    from housing_price_model.pipeline.reproduction import compare, price_sales, refit
    from housing_price_model.progress import PlainProgress

    stored = kept.price_frame(sales.frame)
    again = refit(kept.model.manifest, sales, folder, PlainProgress(console))
    return compare(stored, price_sales(again, sales), tolerance_cents=request.tolerance_cents)


def _describe_difference(number: str, comparison: "Comparison", manifest: "Manifest") -> str:
    from housing_price_model.pipeline.reproduction import find_likely_cause

    return (
        f"version {number} is not reproduced: {comparison.different:,} of {comparison.sales:,} prices differ,"
        f" by up to ${comparison.largest_cents / 100:,.2f}; {find_likely_cause(manifest)}"
    )


def _describe_agreement(request: ReproductionRequest) -> str:
    tolerance = request.tolerance_cents
    return f"the same within {tolerance} cents" if tolerance else "the same to the cent"
