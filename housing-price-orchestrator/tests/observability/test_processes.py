"""The metrics of several processes: what is left of those that have ended."""

import os
import subprocess
import sys
from pathlib import Path

from housing_price_orchestrator.observability.processes import FOLDER_VARIABLE, forget_process
from prometheus_client.multiprocess import MultiProcessCollector

COUNTING = """
from prometheus_client import Counter, Gauge, Histogram
Counter("requests", "Requests.").inc(2)
Histogram("seconds", "Seconds.", buckets=(1, 10)).observe(5)
Gauge("waiting", "Waiting.", multiprocess_mode="livesum").set(7)
"""


def counted_by_another_process(folder: Path) -> int:
    with subprocess.Popen([sys.executable, "-c", COUNTING], env=os.environ | {FOLDER_VARIABLE: str(folder)}) as process:
        assert process.wait(120) == 0
    return process.pid


def test_counts_of_ended_processes_are_summed_in_one_file(tmp_path: Path) -> None:
    for _ in range(3):
        forget_process(tmp_path, counted_by_another_process(tmp_path))

    collected = MultiProcessCollector(None, str(tmp_path)).collect()  # type: ignore[no-untyped-call]  # it has no types
    values = {(sample.name, sample.labels.get("le")): sample.value for family in collected for sample in family.samples}
    assert values == {
        ("requests_total", None): 6,
        ("seconds_bucket", "1.0"): 0,
        ("seconds_bucket", "10.0"): 3,
        ("seconds_bucket", "+Inf"): 3,
        ("seconds_count", None): 3,
        ("seconds_sum", None): 15,
    }
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["counter_ended.db", "histogram_ended.db"]
