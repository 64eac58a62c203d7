"""The job of `housing-price bench --overload`: one slow model, one orchestrator, more and more callers."""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from supervised_processes.environment import child_environment
from supervised_processes.process import Process

from housing_price_bench.bodies import Bodies, written_bodies
from housing_price_bench.checks import require_overload_options, require_usable
from housing_price_bench.errors import BenchStopped, FailedRequests
from housing_price_bench.generators.bundled import bundled
from housing_price_bench.generators.generator import ended_well
from housing_price_bench.load import Load
from housing_price_bench.machine import machine
from housing_price_bench.options import BenchOptions
from housing_price_bench.overload.curve_bounds import DEADLINE_SECONDS, OVERLOAD_FACTOR, curve_bounds
from housing_price_bench.overload.outcome import RateOutcome, told_outcome
from housing_price_bench.overload.plot import draw_curve
from housing_price_bench.overload.rates import Curve, Rate
from housing_price_bench.overload.report import curve_document, error_lines, rate_line, rate_table
from housing_price_bench.progress import Progress, console_for_tables
from housing_price_bench.running_servers import serving
from housing_price_bench.servers import Servers, servers_on_free_ports
from housing_price_bench.stopping import stopped_when_told
from housing_price_bench.table import bound_table
from housing_price_bench.usage import cores_used, usages

FACTORS = (0.5, 1.0, 2.0, OVERLOAD_FACTOR, 5.0)
_CALLERS_THAT_WAIT = 8
"""Enough to keep the model busy, and too few to be refused."""

_MODULE = "housing_price_bench.overload.generator_process"
_PREDICT = "/api/v1/price/predict"


def run_overload(options: BenchOptions) -> None:
    """Measure, print what was seen, and write it to the files of `--json` and `--plot`.

    Raises:
        FailedRequests: after everything was told, if requests got neither a price nor a refusal.
        BenchStopped: if a signal asked for the end.
        CommandError: if it cannot measure.
    """
    require_overload_options(options)
    require_usable(options)
    try:
        errors = asyncio.run(_run(options))
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise BenchStopped from None
    if errors:
        raise FailedRequests(errors)


async def _run(options: BenchOptions) -> int:
    """The number of requests that got neither a price nor a refusal."""
    progress = Progress(console_for_tables())
    async with stopped_when_told(progress.doing):
        of_machine = machine()
        with tempfile.TemporaryDirectory(prefix="housing-price-bench-") as folder, progress:
            curve = await _Measurement(options, Path(folder), progress).curve()
    progress.table(rate_table(curve))
    progress.lines(
        ["", f"Capacity: {curve.capacity:,.1f} prices a second, with callers that wait", *error_lines(curve)]
    )
    progress.table(bound_table(curve_bounds(curve)))
    if options.json_file:
        document = curve_document(curve, machine=of_machine, seconds=options.seconds)
        options.json_file.write_text(f"{json.dumps(document, indent=2, allow_nan=False)}\n")
    if options.plot_file:
        options.plot_file.write_text(draw_curve(curve))
    return curve.errors


class _Measurement:
    """The parts of a run, put together."""

    def __init__(self, options: BenchOptions, folder: Path, progress: Progress) -> None:
        self._options = options
        self._progress = progress
        self._bodies: Bodies = written_bodies(folder)
        self._servers: Servers = servers_on_free_ports(options, folder)
        self._url = f"{self._servers.url('orchestrator')}{_PREDICT}"

    async def curve(self) -> Curve:
        """Everything."""
        orchestrator = self._servers.before_slow_model
        async with serving(self._servers.slow_model), serving(orchestrator):
            self._progress.doing("the capacity, with callers that wait for their answers")
            capacity = await self._capacity()
            idle_mb = usages([orchestrator])[orchestrator.name].resident_mb
            rates = [await self._rate(orchestrator, factor, capacity) for factor in FACTORS]
        return Curve(capacity=capacity, idle_mb=idle_mb, rates=rates)

    async def _capacity(self) -> float:
        load = Load(
            url=self._url, bodies=self._bodies.house, connections=_CALLERS_THAT_WAIT, seconds=self._options.seconds
        )
        outcome = await bundled().run(load)
        return outcome.good / outcome.seconds

    async def _rate(self, orchestrator: Process, factor: float, capacity: float) -> Rate:
        self._progress.doing(f"{factor:g} x the capacity")
        load_average, before, began = os.getloadavg()[0], usages([orchestrator]), time.monotonic()
        outcome = await self._sent(factor * capacity)
        after, seconds = usages([orchestrator]), time.monotonic() - began
        name = orchestrator.name
        rate = Rate(
            factor=factor,
            outcome=outcome,
            growth_mb=after[name].resident_mb - before[name].resident_mb,
            cores=cores_used(before, after, seconds)[name],
            load_average=load_average,
        )
        self._progress.lines([rate_line(rate)])
        return rate

    async def _sent(self, per_second: float) -> RateOutcome:
        seconds, warm_up = self._options.seconds, self._options.warm_up_seconds
        numbers = {
            "--per-second": per_second,
            "--seconds": seconds,
            "--warm-up-seconds": warm_up,
            "--deadline-seconds": DEADLINE_SECONDS,
        }
        told = (word for name, number in numbers.items() for word in (name, str(number)))
        process = Process(
            name="the load generator",
            command=(sys.executable, "-m", _MODULE, "--body", str(self._bodies.house), *told, self._url),
            environment=child_environment(os.environ),
        )
        return told_outcome(await ended_well(process, seconds + warm_up))
