"""Runs `housing-price bench --overload`: one slow model, one orchestrator, more and more callers."""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from command_line.failures import naming
from supervised_processes.environment import make_child_environment
from supervised_processes.process import Process

from housing_price_bench.errors import BenchStopped, FailedRequests
from housing_price_bench.generators.bundled import make_bundled_generator
from housing_price_bench.generators.generator import run_generator
from housing_price_bench.generators.load import Load
from housing_price_bench.option_checks import require_overload_options, require_usable_files
from housing_price_bench.options import BenchOptions
from housing_price_bench.overload.curve import Curve, Rate
from housing_price_bench.overload.curve_bounds import DEADLINE_SECONDS, OVERLOAD_FACTOR, list_curve_bounds
from housing_price_bench.overload.outcome import RateOutcome, parse_outcome_line
from housing_price_bench.overload.plot import draw_curve
from housing_price_bench.overload.report import format_errors, format_rate, make_curve_document, make_rate_table
from housing_price_bench.report.bound import make_bound_table
from housing_price_bench.report.machine import describe_machine
from housing_price_bench.report.progress import Progress, make_console
from housing_price_bench.requests.bodies import Bodies, write_bodies
from housing_price_bench.servers.commands import Servers, plan_servers
from housing_price_bench.servers.lifetime import start_servers
from housing_price_bench.servers.usage import compute_cores_used, measure_usage
from housing_price_bench.stopping import cancel_on_stop_signals

FACTORS = (0.5, 1.0, 2.0, OVERLOAD_FACTOR, 5.0)
_MOST_CALLERS_THAT_WAIT = 8
"""Enough to keep the model busy, and too few to be refused."""

_MODULE = "housing_price_bench.overload.generator_process"
_PREDICT = "/api/v1/price/predict"


def run_overload(options: BenchOptions) -> None:
    """Measure, print the results, and write them to the files of `--json` and `--plot`.

    Raises:
        FailedRequests: if requests got neither a price nor a refusal; the results are printed before.
        BenchStopped: if a signal stopped the run.
        CommandError: if it can't measure.
    """
    require_overload_options(options)
    require_usable_files(options)
    try:
        errors = asyncio.run(_run(options))
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise BenchStopped from None
    if errors:
        raise FailedRequests(errors)


async def _run(options: BenchOptions) -> int:
    """Measure, and return how many requests got neither a price nor a refusal."""
    progress = Progress(make_console())
    async with cancel_on_stop_signals(progress.show_step):
        of_machine = describe_machine()
        with tempfile.TemporaryDirectory(prefix="housing-price-bench-") as folder, progress:
            curve = await _Measurement(options, Path(folder), progress).measure_curve()
    progress.print_table(make_rate_table(curve))
    progress.print_lines(
        ["", f"Capacity: {curve.capacity:,.1f} prices a second, with callers that wait", *format_errors(curve)]
    )
    progress.print_table(make_bound_table(list_curve_bounds(curve)))
    if options.json_file:
        document = make_curve_document(curve, machine=of_machine, seconds=options.seconds)
        with naming(options.json_file):
            options.json_file.write_text(f"{json.dumps(document, indent=2, allow_nan=False)}\n", encoding="utf-8")
    if options.plot_file:
        with naming(options.plot_file):
            options.plot_file.write_text(draw_curve(curve), encoding="utf-8")
    return curve.errors


class _Measurement:
    """Puts the parts of a run together."""

    def __init__(self, options: BenchOptions, folder: Path, progress: Progress) -> None:
        self._options = options
        self._progress = progress
        self._bodies: Bodies = write_bodies(folder)
        self._servers: Servers = plan_servers(options, folder)
        self._url = f"{self._servers.url('orchestrator')}{_PREDICT}"

    async def measure_curve(self) -> Curve:
        """Measure the capacity and then each rate."""
        orchestrator = self._servers.before_slow_model
        async with start_servers(self._servers.slow_model), start_servers(orchestrator):
            self._progress.show_step("the capacity, with callers that wait for their answers")
            capacity = await self._measure_capacity()
            idle_mb = measure_usage([orchestrator])[orchestrator.name].resident_mb
            rates = [await self._measure_rate(orchestrator, factor, capacity) for factor in FACTORS]
        return Curve(capacity=capacity, idle_mb=idle_mb, rates=rates)

    @property
    def _callers_that_wait(self) -> int:
        in_half_the_deadline = int(DEADLINE_SECONDS / 2 / self._options.model_seconds)
        return max(1, min(_MOST_CALLERS_THAT_WAIT, in_half_the_deadline))

    async def _measure_capacity(self) -> float:
        load = Load(
            url=self._url, bodies=self._bodies.house, connections=self._callers_that_wait, seconds=self._options.seconds
        )
        outcome = await make_bundled_generator().run(load)
        return outcome.good / outcome.seconds

    async def _measure_rate(self, orchestrator: Process, factor: float, capacity: float) -> Rate:
        self._progress.show_step(f"{factor:g} x the capacity")
        load_average, before, began = os.getloadavg()[0], measure_usage([orchestrator]), time.monotonic()
        outcome = await self._send(factor * capacity)
        after, seconds = measure_usage([orchestrator]), time.monotonic() - began
        name = orchestrator.name
        rate = Rate(
            factor=factor,
            outcome=outcome,
            growth_mb=after[name].resident_mb - before[name].resident_mb,
            cores=compute_cores_used(before, after, seconds)[name],
            load_average=load_average,
        )
        self._progress.print_lines([format_rate(rate)])
        return rate

    async def _send(self, per_second: float) -> RateOutcome:
        seconds, warm_up = self._options.seconds, self._options.warm_up_seconds
        numbers = {
            "--per-second": per_second,
            "--seconds": seconds,
            "--warm-up-seconds": warm_up,
            "--deadline-seconds": DEADLINE_SECONDS,
        }
        options = (word for name, number in numbers.items() for word in (name, str(number)))
        process = Process(
            name="the load generator",
            command=(sys.executable, "-m", _MODULE, "--body", str(self._bodies.house), *options, self._url),
            environment=make_child_environment(os.environ),
        )
        return parse_outcome_line(await run_generator(process, seconds + warm_up))
