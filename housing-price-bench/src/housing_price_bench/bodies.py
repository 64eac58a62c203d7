"""The request bodies, in files that every load generator can read."""

from dataclasses import dataclass
from pathlib import Path

from house_record import EXAMPLE, House, example_house

from housing_price_bench.houses import mixed_documents, rows_document, varied_documents, write_lines
from housing_price_bench.options import BATCH_ROWS

_DIFFERENT_HOUSES = 400


@dataclass(frozen=True, kw_only=True)
class Bodies:
    """The example house and 1,000 houses, as the API takes them and as a model server does; and the mix."""

    house: Path
    row: Path
    batch: Path
    rows: Path
    mix: Path


def written_bodies(folder: Path) -> Bodies:
    """Write them into the folder."""
    documents = varied_documents(BATCH_ROWS)
    houses = [House.model_validate(document) for document in documents]
    return Bodies(
        house=write_lines(folder / "house.jsonl", [dict(EXAMPLE)]),
        row=write_lines(folder / "row.jsonl", [rows_document([example_house()])]),
        batch=write_lines(folder / "batch.jsonl", [{"data": documents}]),
        rows=write_lines(folder / "rows.jsonl", [rows_document(houses)]),
        mix=write_lines(folder / "mix.jsonl", mixed_documents(_DIFFERENT_HOUSES)),
    )
