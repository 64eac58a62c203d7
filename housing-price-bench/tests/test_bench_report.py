"""What a run tells people, and what it writes down."""

import io
import json
from typing import Any

import pytest
from housing_price_bench.generators.bundled import make_bundled_generator
from housing_price_bench.generators.load import Outcome
from housing_price_bench.options import BenchOptions
from housing_price_bench.prices.case import Case
from housing_price_bench.prices.document import make_document
from housing_price_bench.prices.memory import Memory
from housing_price_bench.prices.model_cost import ModelCost
from housing_price_bench.prices.results import Results
from housing_price_bench.prices.tables import (
    format_case,
    format_saturation,
    format_workers,
    make_case_table,
)
from housing_price_bench.report.bound import Bound, make_bound_table
from housing_price_bench.report.machine import describe_machine
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


def test_a_row_holds_the_figures_and_what_each_process_used() -> None:
    row = printed(make_case_table([CASE])).splitlines()[-1].split("  ")

    told = [cell.strip() for cell in row if cell.strip()]
    assert told[:3] == ["(a) orchestrator", "single", "64"]
    assert told[3:8] == ["1,500.0", "1.25", "2.50", "none", "1"]
    assert told[8:] == ["orchestrator 0.90, model 0.40, generator 0.10, machine 1.50", "orchestrator 81, model 200"]


def test_each_bound_says_plainly_whether_it_holds() -> None:
    out = printed(make_bound_table([Bound(what="memory", value=111.0, limit=110, is_most=True, unit=" MB")]))

    assert out.splitlines()[-1].split() == ["memory", "111.00", "MB", "at", "most", "110", "MB", "does", "not", "hold"]


def test_a_finished_case_is_one_line() -> None:
    assert format_case(CASE) == "  (a) single, 64 at once: 1,500 requests/s, p50 1.25 ms, 1 errors"


def test_the_busiest_process_saturates_first_while_the_machine_has_cores_left() -> None:
    [line] = format_saturation(as_mix(), 2)

    assert line == "Under the mix 1.50 of 2 cores are busy, and first saturates the orchestrator with 0.90 cores"


def test_a_machine_without_idle_cores_saturates_first_and_other_work_is_named() -> None:
    [line] = format_saturation(as_mix(machine=2.0), 2)

    assert "the machine saturates first: 2.00 cores, 0.60 of them for other work" in line


COST = ModelCost(rows_ms={1: 0.5}, explained_ms=None, artefact_mb=None)


def test_workers_are_told_with_their_memory_and_what_the_model_allows() -> None:
    memory, bound = format_workers(2, Results(cases=[CASE], model=COST))

    assert memory == "Workers: 2 of each server; memory orchestrator 2 x 40 MB, model 2 x 100 MB"
    assert bound == "The model alone allows 4,000 requests/s; 1,500 requests/s were measured"
    assert format_workers(1, Results(cases=[CASE], model=COST)) == []


def test_the_document_holds_everything_and_is_json_that_anyone_reads() -> None:
    memory = Memory(requests_half=5, requests=9, half_mb={"model": 1.0}, end_mb={"model": 1.5}, failures=2)
    results = Results(cases=[CASE], memory=memory, skipped=["(e) it does not start"])

    document = make_document(
        BenchOptions(), results, machine=describe_machine(), generator=make_bundled_generator(), ceiling=9.0
    )

    read = json.loads(json.dumps(document, allow_nan=False))
    assert read["errors"] == 3
    assert read["memory"]["growth_mb"] == {"model": 0.5}
    assert read["cases"][0]["cores"]["machine"] == 1.5
    assert read["generator"]["ceiling_requests_per_second"] == 9.0
    assert read["options"] == {"data": "sample", "recipe": "default", "seconds": 10.0, "workers": 1}
    assert read["machine"]["cores"] >= 1


@pytest.mark.parametrize("seconds", [0.1, 10, 60])
def test_the_announced_duration_grows_with_the_seconds(seconds: float) -> None:
    assert BenchOptions(seconds=seconds * 2).planned_seconds > BenchOptions(seconds=seconds).planned_seconds


def test_the_usual_run_is_announced_as_six_minutes_or_so() -> None:
    assert BenchOptions().planned_seconds < 7 * 60
