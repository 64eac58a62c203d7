"""Writes the prices of many houses as CSV or JSON lines, one row each."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import IO, Any, Literal

from house_record.price import render_single_price

from housing_price_model.errors import ReportError

type Form = Literal["csv", "jsonl"]

_FORM_BY_SUFFIX: Mapping[str, Form] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}

COLUMNS = (
    "id",
    "predictedPrice",
    "pricedAsOf",
    "lower",
    "upper",
    "coverage",
    "outOfDistribution",
    "warnings",
    "modelVersion",
)


def find_form(path: Path) -> Form:
    """Return the form that a file's suffix names.

    Raises:
        ReportError: if it names none.
    """
    form = _FORM_BY_SUFFIX.get(path.suffix.lower())
    if form is None:
        raise ReportError(f"{path}: name a file that ends in .csv or .jsonl with --out")
    return form


def format_prices(documents: Sequence[Mapping[str, Any]], model_version: str, form: Form) -> str:
    """Return a line for each document of a price."""
    if form == "jsonl":
        lines = [render_single_price(dict(document), model_version).decode() for document in documents]
        return "".join(f"{line}\n" for line in lines)
    return _format_csv([_make_cells(document, model_version) for document in documents])


def format_header(form: Form) -> str:
    """Return what stands before the first line."""
    return _format_csv([COLUMNS]) if form == "csv" else ""


def _format_csv(rows: Sequence[Sequence[Any]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _make_cells(document: Mapping[str, Any], model_version: str) -> list[Any]:
    interval = document.get("predictionInterval", {})
    return [
        document["id"],
        document["predictedPrice"],
        document["pricedAsOf"],
        interval.get("lower"),
        interval.get("upper"),
        interval.get("coverage"),
        "true" if document.get("outOfDistribution") else "false",
        "; ".join(f"{warning.code}: {' '.join(warning.fields)}".rstrip(": ") for warning in document["warnings"]),
        model_version,
    ]


@contextmanager
def open_output(path: Path | None, standard_output: IO[str]) -> Iterator[IO[str]]:
    """Open a file to write to, or standard output if there is none.

    Raises:
        ReportError: if it can't be opened.
    """
    if path is None:
        yield standard_output
        return
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise ReportError(f"{path} can't be written: {error.strerror or error}") from error
    with file:
        yield file
