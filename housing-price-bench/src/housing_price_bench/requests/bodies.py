"""The request bodies, in files that every load generator reads."""

from dataclasses import dataclass
from pathlib import Path

from house_record import EXAMPLE, House, example_house

from housing_price_bench.options import BATCH_ROWS
from housing_price_bench.requests.houses import (
    make_mixed_documents,
    make_rows_document,
    make_varied_documents,
    write_lines,
)

_DIFFERENT_HOUSES = 400


@dataclass(frozen=True, kw_only=True)
class Bodies:
    """Files with one JSON body per line.

    The example house, for the API (`house`) and for a model server (`row`); 1,000 houses likewise (`batch`, `rows`);
    and the mix of valid and invalid houses (`mix`).
    """

    house: Path
    row: Path
    batch: Path
    rows: Path
    mix: Path


def write_bodies(folder: Path) -> Bodies:
    """Write all bodies into the folder."""
    documents = make_varied_documents(BATCH_ROWS)
    houses = [House.model_validate(document) for document in documents]
    return Bodies(
        house=write_lines(folder / "house.jsonl", [dict(EXAMPLE)]),
        row=write_lines(folder / "row.jsonl", [make_rows_document([example_house()])]),
        batch=write_lines(folder / "batch.jsonl", [{"data": documents}]),
        rows=write_lines(folder / "rows.jsonl", [make_rows_document(houses)]),
        mix=write_lines(folder / "mix.jsonl", make_mixed_documents(_DIFFERENT_HOUSES)),
    )
