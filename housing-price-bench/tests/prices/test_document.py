"""The JSON of a run."""

import json

from housing_price_bench.generators.bundled import make_bundled_generator
from housing_price_bench.generators.load import Outcome
from housing_price_bench.options import BenchOptions
from housing_price_bench.prices.case import Case
from housing_price_bench.prices.document import make_document
from housing_price_bench.prices.memory import Memory
from housing_price_bench.prices.results import Results
from housing_price_bench.report.machine import describe_machine

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


def test_the_document_is_complete_and_standard_json() -> None:
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
