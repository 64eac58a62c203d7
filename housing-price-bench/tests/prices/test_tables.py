"""What a run prints."""

import io
from typing import Any

from housing_price_bench.generators.load import Outcome
from housing_price_bench.prices.case import Case
from housing_price_bench.prices.model_cost import ModelCost
from housing_price_bench.prices.results import Results
from housing_price_bench.prices.tables import (
    format_case,
    format_saturation,
    format_workers,
    make_case_table,
)
from housing_price_bench.report.progress import Progress
from rich.console import Console

SEEN = Outcome(seconds=2.0, good=3000, failures=1, p50_ms=1.25, p95_ms=2.5, p99_ms=None)


CORES = {"orchestrator": 0.9, "model": 0.4, "generator": 0.1, "machine": 1.5}


CASE = Case(
    subject="a",
    kind="single",
    connections=64,
    rounds=(SEEN,),
    cores=CORES,
    resident_mb={"orchestrator": 81.0, "model": 200.0},
)


def as_mix(**cores: float) -> list[Case]:
    return [Case(subject="a", kind="mix", connections=64, rounds=(SEEN,), cores=CORES | cores, resident_mb={})]


def printed(*tables: Any) -> str:
    out = io.StringIO()
    with Progress(Console(file=out, width=200)) as progress:
        for table in tables:
            progress.print_table(table)
    return out.getvalue()


def test_a_row_holds_figures_and_the_use_of_each_process() -> None:
    row = printed(make_case_table([CASE])).splitlines()[-1].split("  ")

    cells = [cell.strip() for cell in row if cell.strip()]
    assert cells[:3] == ["(a) orchestrator", "single", "64"]
    assert cells[3:8] == ["1,500.0", "1.25", "2.50", "none", "1"]
    assert cells[8:] == ["orchestrator 0.90, model 0.40, generator 0.10, machine 1.50", "orchestrator 81, model 200"]


def test_a_finished_case_is_one_line() -> None:
    assert format_case(CASE) == "  (a) single, 64 at once: 1,500 requests/s, p50 1.25 ms, 1 errors"


def test_the_busiest_process_saturates_before_the_machine() -> None:
    [line] = format_saturation(as_mix(), 2)

    assert line == "Under the mix 1.50 of 2 cores are busy, and first saturates the orchestrator with 0.90 cores"


def test_a_machine_without_idle_cores_saturates_first() -> None:
    [line] = format_saturation(as_mix(machine=2.0), 2)

    assert "the machine saturates first: 2.00 cores, 0.60 of them for other work" in line


COST = ModelCost(rows_ms={1: 0.5}, explained_ms=None, artefact_mb=None)


def test_workers_are_shown_with_their_memory_and_limit() -> None:
    memory, bound = format_workers(2, Results(cases=[CASE], model=COST))

    assert memory == "Workers: 2 of each server; memory orchestrator 2 x 40 MB, model 2 x 100 MB"
    assert bound == "The model alone allows 4,000 requests/s; 1,500 requests/s were measured"
    assert format_workers(1, Results(cases=[CASE], model=COST)) == []
