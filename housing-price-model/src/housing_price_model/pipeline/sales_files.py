"""Reads and writes sales and folds as files of the pipeline."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from house_files import Empty
from house_record import Record

from housing_price_model.data import Sales, load_sales
from housing_price_model.evaluation.folds import Fold, folds
from housing_price_model.registry.manifest import file_checksum

GENERATED_OR_DOWNLOADED = ("sample", "openml")
ABOUT_FILE = "about.json"
SALES_FILE = "sales.csv"
FOLDS_FILE = "folds.csv"


def compute_source_checksum(source: str) -> str:
    """Return the checksum of the file that ``source`` names. The sample and OpenML's data have a fixed version."""
    path = Path(source).expanduser()
    return source if source in GENERATED_OR_DOWNLOADED or not path.is_file() else file_checksum(path)


def fetch(source: str, folder: Path, record: Record, empty: Empty | None) -> None:
    """Write the sales that ``source`` names, unvalidated, and what an empty cell means to them."""
    path = Path(source).expanduser()
    if source not in GENERATED_OR_DOWNLOADED and path.is_file():
        about = {"source": str(path.resolve()), "generated": False, "file": f"raw{path.suffix}", "empty": empty}
        shutil.copyfile(path, folder / f"raw{path.suffix}")
    else:
        sales = load_sales(source, record)
        about = {"source": source, "generated": sales.is_generated, "file": SALES_FILE, "empty": "unknown"}
        _write_table(sales, folder)
    (folder / ABOUT_FILE).write_text(json.dumps(about) + "\n", encoding="utf-8")


def write_sales(sales: Sales, folder: Path) -> None:
    """Write validated sales and their source."""
    _write_table(sales, folder)
    about = {
        "source": sales.source,
        "generated": sales.is_generated,
        "file": SALES_FILE,
        "empty": "unknown",
        "sha256": sales.sha256,
    }
    (folder / ABOUT_FILE).write_text(json.dumps(about) + "\n", encoding="utf-8")


def read_sales(folder: Path, record: Record) -> Sales:
    """Read the sales of a folder that ``fetch`` or ``write_sales`` wrote.

    Raises:
        DataError: if they are not valid sales.
    """
    about = json.loads((folder / ABOUT_FILE).read_bytes())
    sales = load_sales(str(folder / about["file"]), record, about["empty"])
    return replace(sales, source=about["source"], is_generated=about["generated"])


def _write_table(sales: Sales, folder: Path) -> None:
    table = pd.concat([sales.ids, sales.frame, sales.prices], axis="columns")
    table.to_csv(folder / SALES_FILE, index=False)


def write_folds(sales: Sales, folder: Path) -> None:
    """Write the number of the fold in which each sale is priced, from 1."""
    numbers = np.empty(len(sales), dtype=np.int64)
    for number, (_, unseen) in enumerate(folds(sales), start=1):
        numbers[unseen] = number
    pd.DataFrame({"id": sales.ids, "fold": numbers}).to_csv(folder / FOLDS_FILE, index=False)


def read_folds(folder: Path) -> list[Fold]:
    """The places of the sales that each fold's estimator sees, and of those that it has not seen."""
    numbers = pd.read_csv(folder / FOLDS_FILE)["fold"].to_numpy()
    return [(np.flatnonzero(numbers != number), np.flatnonzero(numbers == number)) for number in np.unique(numbers)]
